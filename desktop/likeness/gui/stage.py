"""The place of the viewport: drawing libraries are loaded behind a window one can already use."""

import importlib
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QStackedWidget, QWidget

from likeness.gui.document import Document
from likeness.gui.empty_state import EmptyState
from likeness.gui.theme import Theme
from likeness.jobs.protocol import OpenResult, ReadScan

if TYPE_CHECKING:  # importing it is what takes seconds
    from likeness.gui.viewport import Viewport


class Stage(QStackedWidget):
    """The empty state, and the viewport as soon as there is a scan to show in it."""

    ready = Signal()
    _loaded = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self.empty = EmptyState(theme)
        self.viewport: Viewport | None = None
        self.addWidget(self.empty)
        # A window that gets its first OpenGL child later is taken down and shown anew.
        self._placeholder = QOpenGLWidget(self)
        self._placeholder.hide()
        self._loaded.connect(self._make_viewport)
        document.scan_changed.connect(self._show)
        document.busy_changed.connect(self._show)

    def load(self) -> None:
        """Begin to load the drawing libraries; `ready` tells when the viewport is there."""
        threading.Thread(target=self._load, name="load-viewport", daemon=True).start()

    def release(self) -> None:
        """Free what the graphics driver holds."""
        if self.viewport is not None:
            self.viewport.release()

    def _load(self) -> None:
        importlib.import_module("likeness.gui.viewport")
        self._loaded.emit()

    def _make_viewport(self) -> None:
        from likeness.gui.viewport import Viewport

        self.viewport = Viewport(self._document, self._theme)
        self.addWidget(self.viewport)
        self._show()
        self.ready.emit()

    def _show(self) -> None:
        if self._document.scan is not None and self.viewport is not None:
            self.setCurrentWidget(self.viewport)
            return
        busy = self._document.busy
        if isinstance(busy, ReadScan):
            self.empty.set_waiting(busy.path.name)
        elif isinstance(busy, OpenResult):
            self.empty.set_waiting(busy.folder.name)
        else:
            scan = self._document.scan
            self.empty.set_waiting(scan.path.name if scan is not None else None)


def prepare_surface() -> None:
    """Ask for the OpenGL that VTK needs; every window must be made after this."""
    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setVersion(3, 2)
    QSurfaceFormat.setDefaultFormat(wanted)
