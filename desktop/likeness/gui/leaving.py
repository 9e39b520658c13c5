"""Before work would be lost: export or save it, discard it, or stay."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from likeness.gui.document import Document
from likeness.jobs.protocol import ExportAvatar, Request, SaveScan


class Leaving(QObject):
    """Runs what was asked for once nothing is lost by it."""

    def __init__(self, document: Document, ask_folder: Callable[[], None],
                 ask_scan: Callable[[], None], window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window
        self._ask_folder, self._ask_scan = ask_folder, ask_scan
        self._then: Callable[[], None] | None = None
        self.box: QMessageBox | None = None
        document.leaving_asked.connect(self.leave)
        document.exported.connect(lambda: self._go_on())
        document.scan_saved.connect(self._go_on)
        document.stopped.connect(self._not_saved)

    def leave(self, then: Callable[[], None]) -> None:
        """Ask where there is something to lose, then do it."""
        if self.box is not None:
            return
        if isinstance(self._document.busy, ExportAvatar | SaveScan):
            self._then = then
        elif self._document.busy is not None:
            self._ask_to_stop(then)
        else:
            self._ask_to_save(then)

    def _ask_to_stop(self, then: Callable[[], None]) -> None:
        box = self._box("Likeness is still at work.", "Stop it? The scan's file is not touched.")
        stop = box.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole))
        self._open(box, {stop: lambda: self._stopped(then)})

    def _stopped(self, then: Callable[[], None]) -> None:
        self._document.cancel()
        self._ask_to_save(then)  # an earlier result, or what was removed by hand, is still there

    def _ask_to_save(self, then: Callable[[], None]) -> None:
        scan, document = self._document.scan, self._document
        name = scan.path.name if scan is not None else "this scan"
        if not document.saved:
            box = self._box(f"The avatar of {name} has not been exported.",
                            "Without an export it is lost.")
            self._offer(box, "Export…", self._ask_folder, then)
        elif document.check.at_risk:
            box = self._box(f"You removed parts of {name} by hand, and no file knows of it.",
                            "Save the cleaned scan as a file of its own to keep that work.")
            self._offer(box, "Save…", self._ask_scan, then)
        else:
            then()

    def _offer(self, box: QMessageBox, words: str, ask: Callable[[], None],
               then: Callable[[], None]) -> None:
        save = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        self._open(box, {save: lambda: self._save_first(ask, then), discard: then})

    def _save_first(self, ask: Callable[[], None], then: Callable[[], None]) -> None:
        ask()
        if isinstance(self._document.busy, ExportAvatar | SaveScan):
            self._then = then

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            self._ask_to_save(then)  # more may have been removed since

    def _not_saved(self, request: Request) -> None:
        if isinstance(request, ExportAvatar | SaveScan):
            self._then = None

    def _box(self, problem: str, remedy: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Likeness")
        box.setText(problem)
        box.setInformativeText(remedy)
        return box

    def _open(self, box: QMessageBox, answers: dict[object, Callable[[], None]]) -> None:
        self.box = box

        def finished(_: int) -> None:
            answer = answers.get(box.clickedButton())
            self.box = None
            box.deleteLater()
            if answer is not None:
                answer()

        box.finished.connect(finished)
        box.open()
