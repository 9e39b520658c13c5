"""What is said many times is said once, with its number."""

from likeness.jobs.telling import told_cleaning, told_once


def test_equal_sentences_are_counted_in_their_order():
    said = ["A crumb.", "A floor.", "A crumb.", "A crumb."]
    assert told_once(said) == ("A crumb. (3 times)", "A floor.")
    assert told_once([]) == ()


def test_what_was_removed_and_what_was_mended_are_a_sentence_each():
    assert told_cleaning(("eyeball", "tongue", "eyeball"), ("2 small holes filled",)) == (
        "Removed before fitting: eyeball (2), tongue.",
        "Mended before fitting: 2 small holes filled.")
    assert told_cleaning((), ()) == ()
