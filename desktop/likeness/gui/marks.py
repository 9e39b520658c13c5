"""What is marked on a scan: removed, hidden and selected faces (points of a cloud). No Qt."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int, Int32

from likeness.jobs.chosen import pack_rows, unpack_rows

Mask = Bool[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class Marks:
    """Three masks over the scan's faces (points of a cloud), the findings decided about.

    `mended` are the stages of cleanup that run before the fit, as `FitScan.mend` names them.
    """

    removed: Mask
    hidden: Mask
    selected: Mask
    kept: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    mended: frozenset[str] = frozenset()

    @property
    def shown(self) -> Mask:
        """What is neither removed nor hidden: all that a person can see and select."""
        return ~(self.removed | self.hidden)

    def selecting(self, rows: Mask, how: str = "replace") -> "Marks":
        """Select rows that are shown; `how` is "replace", "add" or "subtract"."""
        chosen = {"replace": rows, "add": self.selected | rows,
                  "subtract": self.selected & ~rows}[how]
        return replace(self, selected=chosen & self.shown)

    def inverted(self) -> "Marks":
        """Select what is shown and was not selected."""
        return replace(self, selected=self.shown & ~self.selected)

    def deleted(self) -> "Marks":
        """Remove the selection."""
        return replace(self, removed=self.removed | self.selected, selected=nothing(self))

    def restored(self) -> "Marks":
        """Bring everything back that was removed."""
        return replace(self, removed=nothing(self), dropped=frozenset())

    def concealed(self) -> "Marks":
        """Hide the selection; it stays part of the scan."""
        return replace(self, hidden=self.hidden | self.selected, selected=nothing(self))

    def revealed(self) -> "Marks":
        """Show everything that was hidden."""
        return replace(self, hidden=nothing(self))

    def without(self, rows: Int[np.ndarray, " K"], finding: str) -> "Marks":
        """Remove the rows of a finding."""
        removed = self.removed.copy()
        removed[rows] = True
        return replace(self, removed=removed, selected=self.selected & ~removed,
                       kept=self.kept - {finding}, dropped=self.dropped | {finding})

    def keeping(self, rows: Int[np.ndarray, " K"], finding: str) -> "Marks":
        """Decide that a finding stays, and that these rows of it come back."""
        removed = self.removed.copy()
        removed[rows] = False
        return replace(self, removed=removed, kept=self.kept | {finding},
                       dropped=self.dropped - {finding})


def no_marks(count: int) -> Marks:
    """Nothing marked on `count` faces or points."""
    empty = np.zeros(count, bool)
    return Marks(empty, empty, empty)


def nothing(marks: Marks) -> Mask:
    """A mask of the same length with nothing in it."""
    return np.zeros(len(marks.removed), bool)


def grown(selected: Mask, faces: Int32[np.ndarray, "F 3"], count: int) -> Mask:
    """With all faces that share one of `count` vertices with a selected one."""
    touched = np.zeros(count, bool)
    touched[faces[selected]] = True
    return selected | touched[faces].any(axis=1)


def shrunk(selected: Mask, faces: Int32[np.ndarray, "F 3"], count: int) -> Mask:
    """Without the faces that share a vertex with one that is not selected."""
    return ~grown(~selected, faces, count)


@dataclass(frozen=True)
class Packed:
    """Marks as bits: what a step of undo holds of a scan of a million faces is some 100 kB."""

    removed: bytes
    hidden: bytes
    selected: bytes
    kept: frozenset[str]
    dropped: frozenset[str]
    mended: frozenset[str]
    count: int

    def unpacked(self) -> Marks:
        """The marks again."""
        removed, hidden, selected = (unpack_rows(each, self.count) for each in
                                     (self.removed, self.hidden, self.selected))
        return Marks(removed, hidden, selected, self.kept, self.dropped, self.mended)

    def size(self) -> int:
        """Bytes held."""
        return len(self.removed) + len(self.hidden) + len(self.selected)


def packed(marks: Marks, before: Packed | None = None) -> Packed:
    """The marks as bits; those that are as `before` share its bytes."""
    removed, hidden, selected = (pack_rows(each) for each in
                                 (marks.removed, marks.hidden, marks.selected))
    if before is not None:
        removed, hidden, selected = (old if old == new else new for old, new in (
            (before.removed, removed), (before.hidden, hidden), (before.selected, selected)))
    return Packed(removed, hidden, selected, marks.kept, marks.dropped, marks.mended,
                  len(marks.removed))
