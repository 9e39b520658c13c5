"""The scale of the heat map: colours from 0 to 20 mm and beyond, grey where nothing is known."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from likeness.avatars.heat import MOST_MM, SILENT, heat_colours
from likeness.gui.theme import Theme

_TICKS = 5
_BAR = 10
_GREY = 96


class Legend(QWidget):
    """A horizontal bar with ticks in millimetres."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setToolTip("Distance from the avatar's surface to the scan")
        self.setAccessibleName(f"Legend: distances from 0 to {MOST_MM:.0f} mm")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(430)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As Qt asks."""
        return QSize(330, 34)

    def minimumSizeHint(self) -> QSize:
        """As Qt asks."""
        return QSize(210, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        bar = QRectF(12, 3, self.width() - 24 - _GREY, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_gradient(bar))
        painter.drawRoundedRect(bar, 4, 4)
        painter.setBrush(QColor(*SILENT))
        grey = QRectF(bar.right() + 42, 3, _GREY - 42, _BAR)
        painter.drawRoundedRect(grey, 4, 4)
        painter.setPen(self._theme.colour("soft"))
        self._words(painter, bar, grey)
        painter.end()

    def _words(self, painter: QPainter, bar: QRectF, grey: QRectF) -> None:
        for tick in range(_TICKS):
            share = tick / (_TICKS - 1)
            words = f"{share * MOST_MM:.0f}" + ("+ mm" if tick == _TICKS - 1 else "")
            centre = bar.left() + share * bar.width()
            painter.drawText(QRectF(centre - 30, 15, 60, 16), Qt.AlignmentFlag.AlignCenter, words)
        painter.drawText(grey.adjusted(-10, 12, 10, 18), Qt.AlignmentFlag.AlignCenter, "no scan")


def _gradient(bar: QRectF) -> QLinearGradient:
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    places = np.linspace(0.0, 1.0, 11)
    for place, colour in zip(places, heat_colours(places * MOST_MM), strict=True):
        gradient.setColorAt(float(place), QColor(*(int(c) for c in colour)))
    return gradient
