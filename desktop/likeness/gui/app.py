"""Opens the window and stays until it is closed; bugs become a banner, never a lost window."""

import signal
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from likeness import __version__
from likeness.core.paths import resource
from likeness.gui.main_window import MainWindow
from likeness.gui.messages import Kind, Message
from likeness.gui.remembered import Remembered
from likeness.gui.stage import prepare_surface
from likeness.gui.theme import Theme


def open_window(path: Path | None = None) -> int:
    """Open the window, on a scan or result folder if given; returns the exit code at its end."""
    prepare_surface()
    app = application()
    remembered = Remembered()
    window = MainWindow(Theme(app, remembered.appearance), remembered)
    report_bugs_in(window)
    window.show()
    if path is not None:
        window.open([path])
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal; the engine follows
    return app.exec()


def application() -> QApplication:
    """The one application, named so that the system knows it."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Likeness")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("likeness")
    app.setWindowIcon(QIcon(str(resource("icons/likeness.svg"))))
    return app


class _Bugs(QObject):
    """Carries a bug from any thread to the window."""

    found = Signal(object)


def report_bugs_in(window: MainWindow) -> None:
    """Show what nobody foresaw as a banner with details to copy."""
    bugs = _Bugs(window)
    bugs.found.connect(window.document.tell)

    def report(kind: type[BaseException], bug: BaseException,
               trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, bug, trace)
        bugs.found.emit(Message(Kind.BUG, "Something went wrong inside Likeness.",
                                "Your scan is untouched. Please report it with the details.",
                                "".join(traceback.format_exception(kind, bug, trace))))

    def report_of_thread(bug: threading.ExceptHookArgs) -> None:
        if bug.exc_value is not None:
            report(bug.exc_type, bug.exc_value, bug.exc_traceback)

    sys.excepthook = report
    threading.excepthook = report_of_thread
