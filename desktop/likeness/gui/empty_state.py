"""What the window shows while no scan is open: what to bring, and how."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from likeness.gui.dropping import SUFFIXES
from likeness.gui.icons import pixmap
from likeness.gui.theme import Theme
from likeness.gui.widgets import button, frame, label, restyle


class EmptyState(QWidget):
    """Says what to drop, with a button for those who would rather choose a file."""

    open_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("empty")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._zone = frame("dropZone")
        self._figure = QLabel()
        self.headline = label("Drop a 3D scan of a person here", "title")
        self._hint = label("A mesh or a point cloud, clothed or not, in any unit and orientation.\n"
                           + ", ".join(name.upper() for name in SUFFIXES), "lead")
        self.open = button("Open a scan…", "Choose a file (Ctrl+O)", "primary")
        self.open.clicked.connect(self.open_asked)
        self._lay_out()
        theme.changed.connect(self._paint)
        self._paint()

    def set_waiting(self, name: str | None) -> None:
        """Say that a file is being read, or again what to bring."""
        self.headline.setText(f"Reading {name}…" if name else "Drop a 3D scan of a person here")
        self.open.setVisible(name is None)
        self._hint.setVisible(name is None)

    def set_over(self, over: bool) -> None:
        """Show that a file hovers above the window."""
        restyle(self._zone, over=over)

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._zone)
        inside.setContentsMargins(40, 36, 40, 36)
        inside.setSpacing(14)
        inside.addStretch()
        for each in (self._figure, self.headline, self._hint):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(each)
        inside.addSpacing(8)
        inside.addWidget(self.open, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch()
        around = QVBoxLayout(self)
        around.setContentsMargins(28, 28, 28, 28)
        around.addWidget(self._zone)

    def _paint(self) -> None:
        self._figure.setPixmap(pixmap("person", self._theme.colours["accent"], 72))
