"""The window: it only puts document, task, viewport and panels together."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from likeness import __version__
from likeness.gui.banner import Banner
from likeness.gui.checking import Tool
from likeness.gui.document import Document
from likeness.gui.dropping import RESULT, SUFFIXES, dropped_files, message_about, sorted_out
from likeness.gui.help_window import HelpWindow
from likeness.gui.leaving import Leaving
from likeness.gui.menus import Menus
from likeness.gui.remembered import Remembered
from likeness.gui.save_dialog import ask_ply
from likeness.gui.sidebar import Sidebar
from likeness.gui.stage import Stage
from likeness.gui.task import Task
from likeness.gui.theme import Theme
from likeness.gui.tool_bar import ToolBar
from likeness.gui.view_bar import ViewBar

_SIZE, _SMALLEST = (1280, 800), (860, 560)


class MainWindow(QMainWindow):
    """Assembles; what happens is decided in the document and drawn in the panels."""

    def __init__(self, theme: Theme, remembered: Remembered) -> None:
        super().__init__()
        self._remembered = remembered
        self.document, self.task = Document(self), Task(self)
        self.banner, self.stage = Banner(theme), Stage(self.document, theme)
        self.view_bar, self.sidebar = ViewBar(self.document, theme), Sidebar(self.document)
        self.tool_bar = ToolBar(self.document, theme)
        self.leaving = Leaving(self.document, self.sidebar.export.ask_folder,
                               self.ask_saved_scan, self)
        self.help: HelpWindow | None = None
        self._begun, self._may_close = False, False
        self.menus = Menus(self, self.document, theme, remembered, {
            "open": self.ask_file, "export": self.sidebar.export.ask_folder, "quit": self.close,
            "cancel": self._escape, "save": self.ask_saved_scan,
            "brush": self._change_brush, "help": self.show_help, "about": self._about})
        self._lay_out()
        self._connect()
        self._title()

    def open(self, paths: list[Path]) -> None:
        """Open the first file; the others wait."""
        sorted_paths = sorted_out(paths)
        if sorted_paths.scans:
            self.document.ask_open(sorted_paths.scans)
        if sorted_paths.others:  # afterwards: work that begins clears the message before
            self.document.tell(message_about(sorted_paths.others))

    def ask_file(self) -> None:
        """Let the user choose files."""
        recent = self._remembered.recent
        patterns = " ".join(f"*.{name} *.{name.upper()}" for name in SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(
            self, "Open a scan or a result", str(recent[0].parent if recent else Path.home()),
            f"Scans and results ({patterns} {RESULT});;All files (*)")
        if names:
            self.open([Path(name) for name in names])

    def ask_saved_scan(self) -> None:
        """Let the user choose where to save the cleaned scan."""
        scan = self.document.scan
        if scan is None:
            return
        path = ask_ply(self, scan.path.with_name(f"{scan.path.stem}_cleaned.ply"))
        if path is not None:
            self.document.save_scan(path)

    def show_help(self) -> None:
        """Show the help page."""
        self.help = self.help or HelpWindow(self)
        self.help.show()
        self.help.raise_()

    def close_at_once(self) -> None:
        """Close without asking; what is not exported is lost."""
        self._may_close = True
        self.close()

    # Assembly

    def _lay_out(self) -> None:
        self.resize(*_SIZE)
        self.setMinimumSize(*_SMALLEST)
        if self._remembered.geometry is not None:
            self.restoreGeometry(self._remembered.geometry)
        self.setAcceptDrops(True)
        above = QVBoxLayout()
        above.setContentsMargins(12, 10, 12, 0)
        above.addWidget(self.banner)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addLayout(above)
        left.addWidget(self.view_bar)
        left.addWidget(self.tool_bar)
        left.addWidget(self.stage, 1)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.sidebar)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        document, task = self.document, self.task
        document.submitted.connect(task.submit)
        document.cancel_asked.connect(task.cancel)
        task.progressed.connect(document.take_progress)
        task.ended.connect(document.take_ending)
        document.told.connect(self.banner.show_message)
        document.busy_changed.connect(self._clear_old_message)
        document.opened.connect(self._remembered.add_recent)
        document.scan_changed.connect(self._title)
        for changed in (document.saved_changed, document.scan_saved, document.check.marks_changed):
            changed.connect(self._title)
        self.stage.empty.open_asked.connect(self.ask_file)

    def _clear_old_message(self) -> None:
        if self.document.busy is not None:
            self.banner.clear()

    def _title(self) -> None:
        scan = self.document.scan
        self.setWindowTitle(f"{scan.path.name}[*] — Likeness" if scan else "Likeness")
        self.setWindowModified(self.document.at_risk)

    def _escape(self) -> None:
        document, check = self.document, self.document.check
        if document.busy is not None:
            document.cancel()
        elif document.can_select and check.tool is not Tool.TURN:
            check.use(Tool.TURN)
        elif document.can_select and check.marks.selected.any():
            check.select_none()
        else:
            self.banner.clear()

    def _change_brush(self, steps: int) -> None:
        if self.stage.viewport is not None:
            self.stage.viewport.selecting.change_brush(steps)

    def _about(self) -> None:
        QMessageBox.about(self, "About Likeness",
                          f"<b>Likeness {__version__}</b><p>Turns a 3D scan of a person into an "
                          "animation-ready avatar, on your own workstation.</p>")

    # Qt's events

    def showEvent(self, event: QShowEvent) -> None:
        """Load what is not needed to show the window once it is on the screen."""
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        self.stage.load()
        self.task.start()
        self.document.ask_bodies()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()
            self.stage.empty.set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget about them."""
        self.stage.empty.set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.stage.empty.set_over(False)
        event.acceptProposedAction()
        self.open(list(dropped_files(event.mimeData())))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close once nothing is lost by it; the engine goes with the window."""
        if not self._may_close and (self.document.busy is not None or self.document.at_risk):
            event.ignore()
            self.leaving.leave(self.close_at_once)
            return
        self._remembered.geometry = self.saveGeometry()
        self.task.close()
        self.stage.release()
        super().closeEvent(event)
