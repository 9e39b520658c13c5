"""The Check step's part of the document: what was found, what the user marks, and undo of it all.

Nothing leaves the scan here: a fit is told which faces (points of a cloud) to leave out.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum

import numpy as np
from jaxtyping import Int16, Int32
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from likeness.core.welding import first_there
from likeness.gui.marks import Marks, Mask, Packed, grown, no_marks, packed, shrunk
from likeness.jobs.chosen import pack_rows, unpack_rows
from likeness.jobs.protocol import FindingLine, FindingsView, FindingWords, FitScan, ScanView
from likeness.scans.finding import CERTAIN

_MOST_STEPS = 100
# Those stages of `scans.cleanup.MENDS` that somebody may not want.
MEND_WORDS = {"layers": "Merge the layers of points", "holes": "Fill holes of at most 20 cm²"}


class Tool(Enum):
    """What dragging with the left button does in the view."""

    TURN = "turn"
    CLICK = "click"
    BOX = "box"
    LASSO = "lasso"
    BRUSH = "brush"


class Fate(Enum):
    """What the user decided about a finding."""

    OPEN = "open"
    REMOVED = "removed"
    KEPT = "kept"


class Checking(QObject):
    """Findings, marks and tools of a scan: panels and viewport edit and hear of them here."""

    findings_changed = Signal()
    marks_changed = Signal()
    tool_changed = Signal()
    hovered_changed = Signal()
    zoom_asked = Signal(object)
    fewer_asked = Signal()
    pointed_at = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scan: ScanView | None = None
        self.view: FindingsView | None = None
        self.failed = False
        self.marks = no_marks(0)
        self.tool = Tool.TURN
        self.through = False
        self.glass = False
        self.hovered: FindingLine | None = None
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(_MOST_STEPS)
        self.stack.indexChanged.connect(self.marks_changed)
        self._packed = packed(self.marks)
        self._secured = b""
        self._seamless: Int32[np.ndarray, "F 3"] | None = None
        self._finding_of: Int16[np.ndarray, " n"] | None = None

    # What comes in

    def begin(self, scan: ScanView | None) -> None:
        """Another scan, or none: nothing is marked, and nothing can be undone."""
        self.scan, self.view, self.hovered, self.failed = scan, None, None, False
        self._seamless = self._finding_of = None
        rows = 0 if scan is None else len(scan.faces) or len(scan.vertices)
        self.tool, self.through, self.glass = Tool.TURN, False, False
        self.jump(packed(no_marks(rows)))
        self._secured = b""
        self.findings_changed.emit()  # first: nobody may look for the old findings in new marks
        self.stack.clear()
        self.marks_changed.emit()
        self.tool_changed.emit()

    def fail(self, failed: bool) -> None:
        """Inspection could not look, so that nothing is known; or it is to try again."""
        if failed != self.failed:
            self.failed = failed
            self.findings_changed.emit()

    def take(self, view: FindingsView) -> None:
        """What inspection found."""
        self.hover(None)
        self.view, self.failed = view, False
        self._finding_of = None
        self.glass = any(self.removable(each) for each in self.findings)
        self.findings_changed.emit()

    def rename(self, words: Sequence[FindingWords]) -> None:
        """A fit tells better where the findings are; all else about them stays."""
        told = {each.id: each for each in words}
        if self.view is None or not any(each.id in told for each in self.findings):
            return
        self.hover(None)
        self.view = replace(self.view, findings=tuple(
            replace(each, name=told[each.id].name, sentence=told[each.id].sentence)
            if each.id in told else each for each in self.findings))
        self.findings_changed.emit()

    def carry_on(self, marks: Marks) -> None:
        """The same file was read again: what is removed, hidden or mended stays so."""
        if len(marks.removed) == len(self.marks.removed):
            self.jump(packed(replace(self.marks, removed=marks.removed, hidden=marks.hidden,
                                     mended=marks.mended)))
            self.marks_changed.emit()

    def resume(self, fitting: FitScan) -> None:
        """What an earlier fit of this scan left out is marked as removed again."""
        marks = self.marks
        if fitting.clean == "chosen":
            marks = replace(marks, removed=unpack_rows(fitting.removed, len(marks.removed)))
        elif fitting.clean == "auto":
            for each in self.certain():
                marks = marks.without(each.members, each.id)
        self.jump(packed(replace(marks, mended=frozenset(fitting.mend))))
        self.secure(self.removed_rows)
        self.marks_changed.emit()

    def secure(self, removed: bytes) -> None:
        """A file holds what is left without these rows."""
        self._secured = removed

    # What is known

    @property
    def findings(self) -> tuple[FindingLine, ...]:
        """Most serious first; none where inspection has not looked yet."""
        return self.view.findings if self.view is not None else ()

    @property
    def rows(self) -> str:
        """What the scan is made of, in words."""
        return "triangles" if self.scan is not None and len(self.scan.faces) else "points"

    @property
    def removed_rows(self) -> bytes:
        """What the user approved to leave out, for a request."""
        return pack_rows(self.marks.removed)

    @property
    def at_risk(self) -> bool:
        """Whether somebody removed by hand what no file knows of; findings are found again."""
        if self._packed.removed in (b"", self._secured):
            return False
        by_hand = self.marks.removed.copy()
        for each in self.findings:
            if self.fate(each) is Fate.REMOVED:
                by_hand[each.members] = False
        return bool(by_hand.any())

    @property
    def mend(self) -> tuple[str, ...]:
        """What the user wants mended, for a request."""
        return tuple(sorted(self.marks.mended))

    def mendable(self) -> list[str]:
        """The stages of cleanup that have something to mend, or are asked for."""
        kinds = {each.kind for each in self.findings}
        actions = {each.action for each in self.findings}
        return [stage for stage in MEND_WORDS
                if stage in actions or stage in self.marks.mended
                or (stage == "holes" and "hole" in kinds)]

    def removable(self, finding: FindingLine) -> bool:
        """Whether there is something to remove, not only something to know."""
        return len(finding.members) > 0 and finding.action in ("remove", "keep")

    def fate(self, finding: FindingLine) -> Fate:
        """What the user decided about it so far."""
        if self.removable(finding) and self.marks.removed[finding.members].all():
            return Fate.REMOVED
        return Fate.KEPT if finding.id in self.marks.kept else Fate.OPEN

    def certain(self) -> list[FindingLine]:
        """Undecided findings that are certain and recommended for removal."""
        return [each for each in self.findings
                if each.action == "remove" and each.confidence >= CERTAIN
                and self.removable(each) and self.fate(each) is Fate.OPEN]

    def flagged(self) -> list[FindingLine]:
        """Findings whose surface is to be shown in colour, the gravest last."""
        return [each for each in reversed(self.findings)
                if len(each.members) and self.fate(each) is not Fate.REMOVED]

    # What people decide: every one of these is one step of undo

    def remove(self, finding: FindingLine) -> None:
        """Leave the finding out of the fit."""
        self._do(f"Remove {finding.name}", self.marks.without(finding.members, finding.id))

    def keep(self, finding: FindingLine) -> None:
        """Let the finding stay part of the scan."""
        self._do(f"Keep {finding.name}", self.marks.keeping(self._own(finding), finding.id))

    def reopen(self, finding: FindingLine) -> None:
        """Take a decision back."""
        marks = self.marks.keeping(self._own(finding), finding.id)
        self._do(f"Reconsider {finding.name}", replace(marks, kept=marks.kept - {finding.id}))

    def remove_certain(self) -> None:
        """Leave out everything certain at once."""
        marks = self.marks
        for each in self.certain():
            marks = marks.without(each.members, each.id)
        self._do("Remove all that is certain", marks)

    def set_mend(self, stage: str, wanted: bool) -> None:
        """Mend the scan before the fit, or leave it."""
        mended = self.marks.mended | {stage} if wanted else self.marks.mended - {stage}
        self._do(MEND_WORDS[stage], replace(self.marks, mended=mended))

    def select(self, rows: Mask, how: str = "replace") -> None:
        """Select rows; `how` as in `Marks.selecting`."""
        self._do("Select", self.marks.selecting(rows, how))

    def select_piece(self, row: int, how: str = "replace") -> None:
        """Select all that hangs together with a row."""
        if self.view is not None and len(self.view.pieces) == len(self.marks.removed):
            self.select(self.view.pieces == self.view.pieces[row], how)

    def select_all(self) -> None:
        """Select everything shown."""
        self._do("Select all", self.marks.selecting(self.marks.shown))

    def select_none(self) -> None:
        """Select nothing."""
        self._do("Select nothing", self.marks.selecting(~self.marks.shown))

    def invert(self) -> None:
        """Select what is not selected."""
        self._do("Invert the selection", self.marks.inverted())

    def grow(self) -> None:
        """Select what touches the selection as well."""
        self._reshape("Grow the selection", grown)

    def shrink(self) -> None:
        """Leave the rim of the selection."""
        self._reshape("Shrink the selection", shrunk)

    def delete(self) -> None:
        """Remove the selection from what will be fitted."""
        self._do("Remove the selection", self.marks.deleted())

    def restore(self) -> None:
        """Bring back all that was removed."""
        self._do("Restore everything", self.marks.restored())

    def hide(self) -> None:
        """Hide the selection, to see what is behind; it is fitted all the same."""
        self._do("Hide the selection", self.marks.concealed())

    def reveal(self) -> None:
        """Show what was hidden."""
        self._do("Show everything", self.marks.revealed())

    # What people look at: no step of undo

    def use(self, tool: Tool) -> None:
        """Take another tool."""
        if tool is not self.tool:
            self.tool = tool
            self.tool_changed.emit()

    def set_through(self, through: bool) -> None:
        """Whether tools select what is hidden behind other surface as well."""
        if through != self.through:
            self.through = through
            self.tool_changed.emit()

    def set_glass(self, glass: bool) -> None:
        """Whether the body is drawn see-through, so that what is inside shows."""
        if glass != self.glass:
            self.glass = glass
            self.marks_changed.emit()

    def hover(self, finding: FindingLine | None) -> None:
        """Highlight a finding; a card on its way out may speak of one of an earlier scan."""
        own = finding is None or any(each is finding for each in self.findings)
        if own and finding is not self.hovered:
            self.hovered = finding
            self.hovered_changed.emit()

    def zoom_to(self, finding: FindingLine) -> None:
        """Bring a finding near."""
        self.zoom_asked.emit(finding)

    def ask_fewer(self) -> None:
        """Go on with a smaller copy of the scan."""
        self.fewer_asked.emit()

    def finding_at(self, row: int | None) -> FindingLine | None:
        """The gravest finding that holds a row and is not removed."""
        if row is None:
            return None
        if self._finding_of is None:
            self._finding_of = np.full(len(self.marks.removed), -1, np.int16)
            for place, each in reversed(list(enumerate(self.findings))):
                self._finding_of[each.members] = place
        place = int(self._finding_of[row])
        return self.findings[place] if place >= 0 else None

    def in_colour(self) -> Mask:
        """The rows shown that belong to open findings: what one sees inside of a body of glass."""
        rows = np.zeros(len(self.marks.removed), bool)
        for each in self.flagged():
            rows[each.members] = True
        return rows & self.marks.shown

    def point_at(self, row: int) -> None:
        """Somebody clicked this row: whoever lists findings brings its finding in sight."""
        finding = self.finding_at(row)
        self.hover(finding)
        if finding is not None:
            self.pointed_at.emit(finding.id)

    def _own(self, finding: FindingLine) -> Int32[np.ndarray, " K"]:
        """The rows of a finding that no other one was removed with: findings may overlap."""
        taken = np.zeros(len(self.marks.removed), bool)
        for each in self.findings:
            if each.id in self.marks.dropped and each is not finding:
                taken[each.members] = True
        return finding.members[~taken[finding.members]]

    def _reshape(self, words: str, how: Callable[..., Mask]) -> None:
        scan = self.scan
        if scan is not None and len(scan.faces):
            if self._seamless is None:  # files repeat vertices along the seams of textures
                self._seamless = first_there(scan.vertices)[scan.faces]
            rows = how(self.marks.selected, self._seamless, len(scan.vertices))
            self._do(words, self.marks.selecting(rows))

    def _do(self, words: str, marks: Marks) -> None:
        """One step of undo, where it changes anything."""
        before, after = self._packed, packed(marks, self._packed)
        if after != before:
            self.stack.push(_Step(words, self, before, after))

    def jump(self, state: Packed) -> None:
        """Take marks from the past or the future of the undo stack, which then tells of it."""
        self._packed = state
        self.marks = state.unpacked()


class _Step(QUndoCommand):
    """From one state of the marks to the next; neighbours in the stack share their bytes."""

    def __init__(self, words: str, checking: Checking, before: Packed, after: Packed) -> None:
        super().__init__(words)
        self._checking, self._before, self._after = checking, before, after

    def undo(self) -> None:
        """Go back."""
        self._checking.jump(self._before)

    def redo(self) -> None:
        """Go on."""
        self._checking.jump(self._after)
