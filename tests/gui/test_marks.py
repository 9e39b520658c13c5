"""Marks are masks: selecting, growing, removing and hiding do what the words say, and no more."""

from dataclasses import replace

import numpy as np
import pytest

from likeness.gui.marks import Marks, grown, no_marks, packed, shrunk

STRIP = np.array([[k, k + 1, k + 2] for k in range(8)], np.int32)  # each shares with two before


def rows(*chosen: int, count: int = 8) -> np.ndarray:
    mask = np.zeros(count, bool)
    mask[list(chosen)] = True
    return mask


def marked(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(("how", "expected"),
                         [("replace", [2, 3]), ("add", [1, 2, 3]), ("subtract", [1])])
def test_selecting(how: str, expected: list[int]):
    marks = no_marks(8).selecting(rows(1, 2)).selecting(rows(2, 3), how)
    assert marked(marks.selected) == expected


def test_only_what_is_shown_is_selected():
    marks = no_marks(8).selecting(rows(0)).deleted().selecting(rows(1)).concealed()
    assert marked(marks.selecting(rows(0, 1, 2)).selected) == [2]
    assert marked(marks.inverted().selected) == [2, 3, 4, 5, 6, 7]


def test_what_is_hidden_is_not_removed_and_comes_back():
    marks = no_marks(8).selecting(rows(1)).concealed()
    assert marked(marks.hidden) == [1]
    assert not marks.removed.any()
    assert marks.revealed().shown.all()


def test_growing_takes_neighbours_and_shrinking_gives_them_back():
    assert marked(grown(rows(4), STRIP, 10)) == [2, 3, 4, 5, 6]
    assert marked(shrunk(rows(2, 3, 4, 5, 6), STRIP, 10)) == [4]


def test_a_finding_is_removed_and_kept():
    marks = no_marks(8).without(np.array([2, 3]), "eye")
    assert marked(marks.removed) == [2, 3]
    kept = marks.keeping(np.array([2, 3]), "eye")
    assert not kept.removed.any()
    assert kept.kept == {"eye"}
    assert kept.without(np.array([2, 3]), "eye").kept == set()


def test_bits_hold_all_of_it_and_share_what_did_not_change():
    first = no_marks(1000).selecting(np.random.default_rng(1).random(1000) < 0.5)
    second = replace(first, kept=frozenset({"eye"}), hidden=first.selected)
    before = packed(first)
    after = packed(second, before)
    assert after.selected is before.selected
    assert same(after.unpacked(), second)
    assert not same(before.unpacked(), second)


def same(one: Marks, other: Marks) -> bool:
    return (one.kept, one.dropped) == (other.kept, other.dropped) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("removed", "hidden", "selected"))
