"""The truth of the window: the open scan, its fit, what is under way. Signals, no widgets."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from likeness.gui.checking import Checking
from likeness.gui.messages import Kind, Message, message_of
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    Broken,
    Done,
    Event,
    ExportAvatar,
    ExportView,
    FindingsView,
    FitScan,
    FitView,
    InspectScan,
    ListBodies,
    OpenResult,
    Progressed,
    ReadScan,
    Refused,
    Request,
    ResultView,
    SavedView,
    SaveScan,
    ScanView,
)

# What a smaller copy of a scan holds: more than any fit can tell apart.
ENOUGH = 1_000_000


class Show(Enum):
    """What the viewport shows."""

    SCAN = "scan"
    AVATAR = "avatar"
    BOTH = "both"
    HEAT = "heat"


class Document(QObject):
    """What panels and viewport share; they edit through its methods and hear of it by its signals.

    Work is asked for by `submitted` and `cancel_asked`; the answers come back through
    `take_progress` and `take_ending`.
    """

    submitted = Signal(object)
    cancel_asked = Signal()
    busy_changed = Signal()
    progressed = Signal(object)
    scan_changed = Signal()
    fit_changed = Signal()
    saved_changed = Signal()
    show_changed = Signal()
    waiting_changed = Signal()
    settings_changed = Signal()
    bodies_changed = Signal()
    camera_asked = Signal(str)
    leaving_asked = Signal(object)
    told = Signal(object)
    opened = Signal(object)
    exported = Signal(object)
    scan_saved = Signal()
    stopped = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scan: ScanView | None = None
        self.reading: ReadScan | None = None
        self.check = Checking(self)
        self.check.fewer_asked.connect(lambda: self.read_again(most=ENOUGH))
        # Before the view comes near: an avatar would cover what is to be seen.
        self.check.zoom_asked.connect(lambda: self.set_show(Show.SCAN))
        self._inspecting = False
        self.fit: FitView | None = None
        self.fitting = FitScan(clean="chosen")
        self.exporting = ExportAvatar(Path())
        self.show = Show.SCAN
        self.busy: Request | None = None
        self.waiting: tuple[Path, ...] = ()
        self.bodies: tuple[BodyLine, ...] = ()
        self.saved = True
        self._fitted_rows = b""
        self._same_again: ReadScan | None = None

    @property
    def at_risk(self) -> bool:
        """Whether there is work that no file holds."""
        return not self.saved or self.check.at_risk

    @property
    def can_select(self) -> bool:
        """Whether one sees what is selected: only the scan alone is drawn with its marks."""
        return self.scan is not None and self.show is Show.SCAN

    # What people ask for

    def ask_open(self, paths: Sequence[Path]) -> None:
        """Open, unless that would lose work: then `leaving_asked` decides."""
        if self.at_risk:
            self.leaving_asked.emit(lambda: self.open(paths))
        else:
            self.open(paths)

    def open(self, paths: Sequence[Path]) -> None:
        """Read the first file, or open the first result folder; the others wait in the list."""
        if not paths or self._refuse_while_busy():
            return
        first, *others = paths
        fresh = [path for path in others if path not in self.waiting]
        self._set_waiting((*(path for path in self.waiting if path != first), *fresh))
        self._submit(OpenResult(first) if first.is_dir() else ReadScan(first, inspect=False))

    def forget_waiting(self) -> None:
        """Empty the list of waiting files."""
        self._set_waiting(())

    def read_again(self, *, unit: str | None = None, up: str | None = None,
                   most: int | None = None) -> None:
        """Read the open file once more with another unit or up axis; "auto" detects it.

        `most` above zero works on a copy of at most so many triangles or points.
        """
        if self.reading is None or self._refuse_while_busy():
            return
        wanted = replace(self.reading, unit=unit or self.reading.unit, up=up or self.reading.up,
                         most=self.reading.most if most is None else most)
        if wanted == self.reading:
            return
        self._same_again = wanted if wanted.most == self.reading.most else None
        if not self.saved or (self._same_again is None and self.check.at_risk):
            self.leaving_asked.emit(lambda: self._submit(wanted))
        else:
            self._submit(wanted)

    def choose(self, *, refinement: str | None = None, body: str | None = None,
               clothed: bool | None = None) -> None:
        """Change how the next fit is done."""
        chosen = replace(self.fitting, refinement=refinement or self.fitting.refinement,
                         body=body or self.fitting.body,
                         clothed=self.fitting.clothed if clothed is None else clothed)
        if chosen != self.fitting:
            self.fitting = chosen
            self.settings_changed.emit()

    def choose_export(self, *, formats: tuple[str, ...] | None = None,
                      glb_pose: str | None = None) -> None:
        """Change what the next export writes."""
        if formats is None:
            formats = self.exporting.formats
        self.exporting = replace(self.exporting, formats=formats,
                                 glb_pose=glb_pose or self.exporting.glb_pose)
        self.settings_changed.emit()

    def start_fit(self) -> None:
        """Fit the body to what the user leaves of the open scan."""
        if self.scan is not None and not self._refuse_while_busy():
            self._submit(replace(self.fitting, removed=self.check.removed_rows,
                                 mend=self.check.mend))

    def export(self, folder: Path) -> None:
        """Write the avatar into `folder`."""
        if self.fit is not None and not self._refuse_while_busy():
            self._submit(replace(self.exporting, folder=folder))

    def save_scan(self, path: Path) -> None:
        """Save what the user leaves of the open scan."""
        if self.scan is not None and not self._refuse_while_busy():
            self._submit(SaveScan(path, self.check.removed_rows, self.check.mend))

    def cancel(self) -> None:
        """Stop what is under way; the scan and an earlier fit stay."""
        if self.busy is not None:
            self.cancel_asked.emit()

    def set_show(self, show: Show) -> None:
        """Switch between scan, avatar, both and heat map; without a fit there is only the scan."""
        wanted = show if self.fit is not None else Show.SCAN
        if wanted != self.show:
            self.show = wanted
            self.show_changed.emit()

    def inspect_again(self) -> None:
        """Look once more for what is wrong with the scan, where that failed."""
        self.check.fail(False)
        self._ask_findings()

    def look_from(self, side: str) -> None:
        """Ask the viewport to look from "front", "back", "left" or "right"."""
        self.camera_asked.emit(side)

    def tell(self, message: Message) -> None:
        """Show a message to the user."""
        self.told.emit(message)

    def ask_bodies(self) -> None:
        """Find out which bodies are installed; nobody has to wait for it."""
        self.submitted.emit(ListBodies())

    # What comes back

    def take_progress(self, request: Request, event: Progressed) -> None:
        """Hear how far the work under way is; what nobody asked for goes on quietly."""
        if request == self.busy:
            self.progressed.emit(event)

    def take_ending(self, request: Request, event: Event) -> None:
        """Hear how a request ended: well, refused, stopped or broken."""
        quiet = isinstance(request, InspectScan | ListBodies)
        if not quiet:
            self.busy = None
        if isinstance(request, InspectScan):
            self._inspecting = False
        if isinstance(event, Done):
            self._take_result(request, event)
        elif isinstance(event, Refused | Broken):
            self._take_failure(request, event)
        if not quiet:
            self.busy_changed.emit()
        if not isinstance(event, Done):
            self.stopped.emit(request)
        self._ask_findings()

    def _take_failure(self, request: Request, event: Refused | Broken) -> None:
        if isinstance(request, InspectScan):  # asking again at once would fail again
            self.check.fail(True)
        self.told.emit(message_of(event))

    def _ask_findings(self) -> None:
        """The scan is shown as soon as it is read; what is wrong with it may come later."""
        missing = self.scan is not None and self.check.view is None and not self.check.failed
        if missing and self.busy is None and not self._inspecting:
            self._inspecting = True
            self.submitted.emit(InspectScan())

    def _take_result(self, request: Request, event: Done) -> None:
        result = event.result
        if isinstance(result, ScanView) and isinstance(request, ReadScan):
            self._take_scan(request, result)
            self.opened.emit(request.path)
        elif isinstance(result, ResultView) and isinstance(request, OpenResult):
            self._take_reopened(result)
            self.opened.emit(request.folder)
        elif isinstance(result, FindingsView):
            self.check.take(result)
        elif isinstance(result, FitView) and isinstance(request, FitScan):
            self._fitted_rows = request.removed
            self._take_fit(result)
        elif isinstance(result, ExportView):
            self.check.secure(self._fitted_rows)
            self._set_saved(True)
            self.exported.emit(result)
        elif isinstance(result, SavedView) and isinstance(request, SaveScan):
            self.check.secure(request.removed)
            self.scan_saved.emit()
            self.tell(Message(Kind.NOTE, f"The cleaned scan is saved as {result.path.name}.",
                              "The scan's own file is as it was."))
        elif isinstance(result, BodiesView):
            self.bodies = result.bodies
            self.bodies_changed.emit()

    def _take_scan(self, request: ReadScan, scan: ScanView) -> None:
        marks = self.check.marks
        self.reading, self.scan, self.fit = request, scan, None
        self.check.begin(scan)
        if request == self._same_again:
            self.check.carry_on(marks)
        self._same_again = None
        if scan.findings is not None:
            self.check.take(scan.findings)
        self.show = Show.SCAN
        self._set_saved(True)
        self.scan_changed.emit()
        self.fit_changed.emit()
        self.show_changed.emit()

    def _take_reopened(self, result: ResultView) -> None:
        """A result from a folder needs no saving, and another fit starts from its settings."""
        self._take_scan(result.reading, result.scan)
        self.reading = replace(result.reading, inspect=False)
        self.check.resume(result.fitting)
        self.fitting = replace(result.fitting, clean="chosen", removed=b"", mend=())
        self._take_fit(result.fit)
        self._fitted_rows = self.check.removed_rows
        self._set_saved(True)
        self.settings_changed.emit()

    def _take_fit(self, fit: FitView) -> None:
        first = self.fit is None
        self.fit = fit
        self.check.rename(fit.findings)
        if first:
            self.show = Show.BOTH
        self._set_saved(False)
        self.fit_changed.emit()
        self.show_changed.emit()

    def _submit(self, request: Request) -> None:
        self.busy = request
        self.busy_changed.emit()
        self.submitted.emit(request)

    def _refuse_while_busy(self) -> bool:
        if self.busy is None:
            return False
        doing = {ReadScan: "reading a scan", OpenResult: "opening a result",
                 FitScan: "fitting", ExportAvatar: "exporting", SaveScan: "saving"}
        self.tell(Message(Kind.NOTE, f"Likeness is still {doing.get(type(self.busy), 'busy')}.",
                          "Wait until it is done, or cancel it."))
        return True

    def _set_waiting(self, waiting: tuple[Path, ...]) -> None:
        if waiting != self.waiting:
            self.waiting = waiting
            self.waiting_changed.emit()

    def _set_saved(self, saved: bool) -> None:
        if saved != self.saved:
            self.saved = saved
            self.saved_changed.emit()

