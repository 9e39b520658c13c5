"""Decisions about findings and marks by hand: each can be undone, and nothing happens unasked."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.gui.stories import HERE, Story, found, line, scan_of, some_fit

from likeness.gui.checking import Checking, Fate
from likeness.gui.marks import no_marks, packed
from likeness.jobs.chosen import pack_rows, unpack_rows
from likeness.jobs.protocol import (
    Done,
    FindingLine,
    FindingsView,
    FindingWords,
    FitScan,
    InspectScan,
    ReadScan,
    SaveScan,
)

EYE = line("internal", "An eye lies inside.", "minor", "remove", (0,))
HAT = line("extra-layer", "A hat lies over it.", "minor", "keep", (0,))


@pytest.fixture
def story() -> Story:
    """A scan of one face, read and inspected: it is an eye and a hat."""
    story = Story()
    story.read(HERE)
    story.document.take_ending(InspectScan(), Done(found(EYE, HAT)))
    return story


@pytest.fixture
def large() -> Checking:
    """Marks on a million faces."""
    check = Checking()
    check.jump(packed(no_marks(1_000_000)))
    return check


def test_nothing_is_removed_without_approval(story: Story):
    story.document.start_fit()
    assert story.asked[-1] == FitScan(clean="chosen", removed=b"")


def test_what_was_approved_is_left_out_of_the_fit_and_of_the_saved_scan(story: Story):
    check = story.document.check
    check.remove(EYE)
    assert check.fate(EYE) is Fate.REMOVED
    story.document.save_scan(HERE)
    assert story.asked[-1] == SaveScan(HERE, pack_rows(np.array([True])))
    story.document.take_ending(story.asked[-1], Done(found()))
    story.document.start_fit()
    assert story.asked[-1] == FitScan(clean="chosen", removed=pack_rows(np.array([True])))


def test_all_that_is_certain_goes_at_once_and_comes_back(story: Story):
    check = story.document.check
    assert check.certain() == [EYE]
    check.remove_certain()
    assert check.certain() == []
    assert unpack_rows(check.removed_rows, 1).all()
    check.stack.undo()
    assert check.removed_rows == b""
    assert check.certain() == [EYE]


def test_a_decision_can_be_taken_back(story: Story):
    check = story.document.check
    check.keep(EYE)
    assert check.fate(EYE) is Fate.KEPT
    assert check.certain() == []
    check.reopen(EYE)
    assert check.fate(EYE) is Fate.OPEN
    check.stack.undo()
    assert check.fate(EYE) is Fate.KEPT


def test_keeping_one_brings_back_nothing_that_another_took():
    check = Checking()
    eye = line("internal", "An eye.", "minor", "remove", (0, 1))
    socket = line("internal-connected", "A socket around it.", "minor", "remove", (1, 2))
    check.jump(packed(no_marks(4)))
    check.view = FindingsView((eye, socket), np.zeros(4, np.int32))
    check.remove(eye)
    check.remove(socket)
    check.keep(socket)
    assert np.flatnonzero(check.marks.removed).tolist() == [0, 1]
    assert check.fate(eye) is Fate.REMOVED
    check.reopen(eye)
    assert not check.marks.removed.any()


def test_another_scan_begins_anew(story: Story):
    story.document.check.remove(EYE)
    story.read(HERE)
    check = story.document.check
    assert check.view is None
    assert check.removed_rows == b""
    assert not check.stack.canUndo()


@pytest.mark.parametrize(("fitting", "gone"), [
    (FitScan(clean="none"), False), (FitScan(clean="auto"), True),
    (FitScan(clean="chosen"), False),
    (FitScan(clean="chosen", removed=pack_rows(np.array([True]))), True)])
def test_an_earlier_fit_says_what_was_left_out(story: Story, fitting: FitScan, gone: bool):
    check = story.document.check
    check.resume(fitting)
    assert (check.fate(EYE) is Fate.REMOVED) is gone
    assert not check.stack.canUndo()


STEPS: list[Callable[[Checking], None]] = [
    Checking.invert, Checking.delete, Checking.restore, Checking.hide, Checking.reveal,
    Checking.select_all, Checking.select_none]


def test_a_hundred_steps_on_a_million_faces_are_undone_exactly_and_stay_small(large: Checking):
    draw = np.random.default_rng(5)
    past, held = [], {}
    while large.stack.count() < 100:
        before = large.stack.count()
        past.append(large.marks)
        if draw.random() < 0.6:
            large.select(draw.random(1_000_000) < draw.random(), draw.choice(["add", "replace"]))
        else:
            STEPS[draw.integers(len(STEPS))](large)
        if large.stack.count() == before:
            past.pop()  # it changed nothing, and is no step
        else:
            state = large._packed
            held |= {id(each): len(each) for each in
                     (state.removed, state.hidden, state.selected)}
    assert sum(held.values()) < 200e6
    for marks in reversed(past):
        large.stack.undo()
        for name in ("removed", "hidden", "selected"):
            np.testing.assert_array_equal(getattr(large.marks, name), getattr(marks, name))
    assert not large.stack.canUndo()


def test_a_piece_is_selected_whole():
    check = Checking()
    check.jump(packed(no_marks(6)))
    check.view = FindingsView((), np.array([0, 0, 1, 1, 1, 0], np.int32))
    check.select_piece(3)
    assert np.flatnonzero(check.marks.selected).tolist() == [2, 3, 4]
    check.select_piece(0, "add")
    assert check.marks.selected.all()


def test_pointing_at_surface_finds_its_card(story: Story):
    check, told = story.document.check, []
    check.pointed_at.connect(told.append)
    check.point_at(0)
    assert told == ["internal"]
    assert check.hovered is EYE


def test_a_finding_of_an_earlier_scan_is_not_lit(story: Story):
    check = story.document.check
    check.hover(EYE)
    check.take(found(replace(EYE)))
    assert check.hovered is None
    check.hover(EYE)
    assert check.hovered is None
    story.read(HERE)
    check.hover(EYE)
    assert check.hovered is None


def test_a_fit_tells_better_where_findings_are_and_changes_no_decision(story: Story):
    check = story.document.check
    check.keep(EYE)
    story.document.start_fit()
    told = FindingWords(EYE.id, "left eyeball", "It is the left one.")
    story.document.take_ending(story.asked[-1], Done(replace(some_fit(), findings=(told,))))
    eye, hat = check.findings
    assert (eye.name, eye.sentence) == ("left eyeball", "It is the left one.")
    assert hat is HAT
    assert check.fate(eye) is Fate.KEPT
    check.stack.undo()
    assert check.fate(eye) is Fate.OPEN


def test_the_gravest_finding_under_the_mouse_is_told(story: Story):
    check = story.document.check
    assert check.finding_at(0) is EYE
    assert check.finding_at(None) is None
    assert check.in_colour().tolist() == [True]
    check.remove(EYE)
    check.remove(HAT)
    assert check.in_colour().tolist() == [False]


def told_of(story: Story, *lines: FindingLine) -> Checking:
    story.document.check.take(found(*lines))
    return story.document.check


def test_mending_is_offered_where_there_is_something_to_mend(story: Story):
    assert told_of(story, EYE).mendable() == []
    doubled = line("extra-layer", "There are two layers.", "minor", "layers", (0,))
    assert told_of(story, EYE, doubled).mendable() == ["layers"]
    assert not story.document.check.removable(doubled)
    torn = line("hole", "There is a hole.", "minor", "none")
    assert told_of(story, torn).mendable() == ["holes"]


def test_what_is_to_be_mended_goes_along_and_can_be_undone(story: Story):
    check = told_of(story, line("extra-layer", "There are two layers.", "minor", "layers"))
    check.set_mend("layers", True)
    story.document.save_scan(HERE)
    assert story.asked[-1] == SaveScan(HERE, b"", ("layers",))
    story.document.take_ending(story.asked[-1], Done(found()))
    story.document.start_fit()
    assert story.asked[-1] == FitScan(clean="chosen", mend=("layers",))
    check.stack.undo()
    assert check.mend == ()
    check.stack.redo()
    assert check.mend == ("layers",)


def test_an_earlier_fit_says_what_was_mended(story: Story):
    story.document.check.resume(FitScan(mend=("holes",)))
    assert story.document.check.mend == ("holes",)
    assert story.document.check.mendable() == ["holes"]


def test_a_smaller_copy_is_read_from_the_same_file(story: Story):
    story.document.check.ask_fewer()
    assert story.asked[-1] == ReadScan(HERE, inspect=False, most=1_000_000)


def test_a_selection_grows_across_the_seam_of_a_texture():
    """Two triangles of a square whose shared corners the file repeats."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]],
                       np.float32)
    check = Checking()
    check.begin(replace(scan_of(HERE), vertices=corners,
                        faces=np.array([[0, 1, 2], [3, 4, 5]], np.int32)))
    check.select(np.array([True, False]))
    check.grow()
    assert check.marks.selected.all()
    check.select(np.array([True, False]))
    check.shrink()
    assert not check.marks.selected.any()


def test_what_a_result_holds_is_not_at_risk():
    check = Checking()
    check.jump(packed(no_marks(4)))
    rows = np.array([True, False, False, True])
    check.resume(FitScan(clean="chosen", removed=pack_rows(rows)))
    assert not check.at_risk
    check.select(~rows)
    check.delete()
    assert check.at_risk
