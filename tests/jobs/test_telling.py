"""What is said many times is said once, with its number."""

from likeness.jobs.telling import told_once, told_removed


def test_equal_sentences_are_counted_in_their_order():
    said = ["A crumb.", "A floor.", "A crumb.", "A crumb."]
    assert told_once(said) == ("A crumb. (3 times)", "A floor.")
    assert told_once([]) == ()


def test_what_was_removed_is_one_sentence():
    assert told_removed(("eyeball", "tongue", "eyeball")) == (
        "Removed before fitting: eyeball (2), tongue.",)
    assert told_removed(()) == ()
