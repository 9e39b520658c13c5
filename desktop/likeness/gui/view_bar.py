"""Above the viewport: what is shown, from which side, and the legend of the heat map."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from likeness.gui.document import Document, Show
from likeness.gui.icons import icon
from likeness.gui.legend import Legend
from likeness.gui.theme import Theme
from likeness.gui.widgets import button, frame, tool_button

_MODES = {Show.SCAN: ("Scan", "Only the scan (1)"), Show.AVATAR: ("Avatar", "Only the avatar (2)"),
          Show.BOTH: ("Both", "The avatar inside the scan (3)"),
          Show.HEAT: ("Distances", "How far the avatar is from the scan, in mm (4)")}


class ViewBar(QWidget):
    """A row of four modes; the last three wait for a fit."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._segments = frame("segments")
        self._group = QButtonGroup(self)
        self.modes = {mode: self._mode(mode) for mode in _MODES}
        self.legend = Legend(theme)
        self.home = tool_button("Look from the front",
                                "Look from the front, all in view (F or Home)")
        self.home.setIconSize(QSize(20, 20))
        self.home.clicked.connect(lambda: document.look_from("front"))
        self._lay_out()
        for signal in (document.show_changed, document.fit_changed, document.scan_changed):
            signal.connect(self._show)
        theme.changed.connect(self._paint)
        self._paint()
        self._show()

    def _mode(self, mode: Show) -> QPushButton:
        title, tip = _MODES[mode]
        made = button(title, tip)
        made.setCheckable(True)
        made.clicked.connect(lambda: self._document.set_show(mode))
        self._group.addButton(made)
        return made

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self._segments)
        inside.setContentsMargins(3, 3, 3, 3)
        inside.setSpacing(2)
        for made in self.modes.values():
            inside.addWidget(made)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(14)
        row.addWidget(self._segments)
        row.addWidget(self.legend, 1)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row.addWidget(spacer)
        row.addWidget(self.home)

    def _show(self) -> None:
        self.setVisible(self._document.scan is not None)
        fitted = self._document.fit is not None
        for mode, made in self.modes.items():
            made.setEnabled(fitted or mode is Show.SCAN)
            made.setChecked(mode is self._document.show)
        self.legend.setVisible(self._document.show is Show.HEAT)

    def _paint(self) -> None:
        self.home.setIcon(icon("home", self._theme.colours["soft"]))
