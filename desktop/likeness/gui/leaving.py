"""Before a result would be lost: export it, discard it, or stay."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from likeness.gui.document import Document
from likeness.jobs.protocol import ExportAvatar, Request


class Leaving(QObject):
    """Runs what was asked for once nothing is lost by it."""

    def __init__(self, document: Document, ask_folder: Callable[[], None], window: QWidget) -> None:
        super().__init__(window)
        self._document, self._ask_folder, self._window = document, ask_folder, window
        self._then: Callable[[], None] | None = None
        self.box: QMessageBox | None = None
        document.leaving_asked.connect(self.leave)
        document.exported.connect(lambda: self._exported())
        document.stopped.connect(self._not_exported)

    def leave(self, then: Callable[[], None]) -> None:
        """Ask where there is something to lose, then do it."""
        if self.box is not None:
            return
        if isinstance(self._document.busy, ExportAvatar):
            self._then = then
        elif self._document.busy is not None:
            self._ask_to_stop(then)
        elif not self._document.saved:
            self._ask_to_export(then)
        else:
            then()

    def _ask_to_stop(self, then: Callable[[], None]) -> None:
        box = self._box("Likeness is still at work.", "Stop it? The scan's file is not touched.")
        stop = box.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole))
        self._open(box, {stop: lambda: self._stopped(then)})

    def _stopped(self, then: Callable[[], None]) -> None:
        self._document.cancel()
        if self._document.saved:
            then()
        else:  # an earlier result is still there
            self._ask_to_export(then)

    def _ask_to_export(self, then: Callable[[], None]) -> None:
        scan = self._document.scan
        name = scan.path.name if scan is not None else "this scan"
        box = self._box(f"The avatar of {name} has not been exported.",
                        "Without an export it is lost.")
        export = box.addButton("Export…", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(export)
        self._open(box, {export: lambda: self._export_first(then), discard: then})

    def _export_first(self, then: Callable[[], None]) -> None:
        self._ask_folder()
        if isinstance(self._document.busy, ExportAvatar):
            self._then = then

    def _exported(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def _not_exported(self, request: Request) -> None:
        if isinstance(request, ExportAvatar):
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
