"""Selecting with the mouse: click, box, lasso and brush; the other buttons still move the view."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from likeness.gui.check_look import SELECTION
from likeness.gui.checking import Checking, Tool
from likeness.gui.picking import Picker, Region
from likeness.gui.projection import Lens
from likeness.jobs.protocol import FindingLine

BRUSH_PIXELS = (6, 120)
_FIRST_BRUSH, _STEP = 24, 1.25
_LOOK_MS = 40  # how often the view is asked what the mouse is on


class Selecting(QWidget):
    """Lies over the view and draws what the mouse does; the view goes on hearing the rest."""

    def __init__(self, check: Checking, view: QWidget, lens: Callable[[], Lens],
                 active: Callable[[], bool]) -> None:
        super().__init__(view.parentWidget())
        self._check, self._view, self._lens, self._active = check, view, lens, active
        self._picker: Picker | None = None
        self._path: list[QPointF] = []
        self._mouse: QPointF | None = None
        self._pointing = False
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._look_up)
        self.brush = _FIRST_BRUSH
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.installEventFilter(self)
        view.setMouseTracking(True)
        check.tool_changed.connect(self.take_tool)
        check.findings_changed.connect(self._prepare_soon)
        self.take_tool()

    @property
    def _in_hand(self) -> Tool:
        """The tool, where one sees what it does."""
        return self._check.tool if self._active() else Tool.TURN

    def change_brush(self, steps: int) -> None:
        """A larger or smaller brush."""
        low, high = BRUSH_PIXELS
        self.brush = int(np.clip(round(self.brush * _STEP**steps), low, high))
        self.update()

    def picker(self) -> Picker | None:
        """Answers what lies where in the open scan."""
        scan = self._check.scan
        if scan is None:
            return None
        if self._picker is None or self._picker.elements.scan is not scan:
            self._picker = Picker(scan)
        return self._picker

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the left button from the view while there is a tool; all else stays its own."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.geometry())
        if event.type() == QEvent.Type.Leave and self._pointing:
            self._look.stop()
            self._point(None)
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseMove and not event.buttons():
            self._mouse = event.position()
            if not self._look.isActive():
                self._look.start()
        return self._in_hand is not Tool.TURN and self._take(event)

    def _look_up(self) -> None:
        """Light up the finding under the mouse, and its card with it."""
        check = self._check
        if self._mouse is None or check.scan is None or not check.findings or not self._active():
            return
        self._point(check.finding_at(self._at(self._mouse)))

    def _point(self, finding: FindingLine | None) -> None:
        """What the mouse comes to lights up; what something else has lit stays until then."""
        if finding is not None or self._pointing:
            self._check.hover(finding)
        self._pointing = finding is not None

    def _at(self, place: QPointF) -> int | None:
        """The row under a place: through a body of glass one sees and means what is inside."""
        picker, marks = self.picker(), self._check.marks
        if picker is None:
            return None
        row = None
        if self._check.glass and (coloured := self._check.in_colour()).any():
            row = picker.at(place.x(), place.y(), self._lens(), coloured)
        if row is None:
            row = picker.at(place.x(), place.y(), self._lens(), marks.shown)
        return row

    def _take(self, event: QMouseEvent) -> bool:
        left = event.button() is Qt.MouseButton.LeftButton
        kind, place = event.type(), event.position()
        if kind == QEvent.Type.MouseMove:
            self._mouse = place
            if self._path:
                self._path.append(place)
            self.update()
            return bool(event.buttons() & Qt.MouseButton.LeftButton)
        if not left:
            return False
        if kind == QEvent.Type.MouseButtonPress:
            self._path = [place]
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._path = []
            self._select_piece(place, _how(event, Tool.CLICK))
        elif kind == QEvent.Type.MouseButtonRelease and self._path:
            self._path.append(place)
            self._finish(_how(event, self._check.tool))
        self.update()
        return True

    def _finish(self, how: str) -> None:
        path, self._path = self._path, []
        picker, marks = self.picker(), self._check.marks
        if picker is None:
            return
        if self._check.tool is Tool.CLICK:
            row = self._at(path[-1])
            if row is not None:
                self._check.point_at(row)
            return
        lens = self._lens()
        rows = picker.inside(self._region(path, lens), lens, marks.shown,
                             through=self._check.through)
        if self._check.tool is Tool.BRUSH:  # a brush may be smaller than the face it touches
            for place in (path[0], path[-1]):
                row = picker.at(place.x(), place.y(), lens, marks.shown)
                if row is not None:
                    rows[row] = True
        self._check.select(rows, how)

    def _select_piece(self, place: QPointF, how: str) -> None:
        if self._check.tool is not Tool.CLICK:
            return
        row = self._at(place)
        if row is None:
            self._check.select_none()
        else:
            self._check.select_piece(row, how)

    def _region(self, path: list[QPointF], lens: Lens) -> Region:
        """What the mouse went over or around, as an image of the view."""
        image = QImage(lens.width, lens.height, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        white = QColor("white")
        if self._check.tool is Tool.BRUSH:
            painter.setPen(_round(white, 2 * self.brush))
            painter.drawPolyline(QPolygonF(path))
            painter.drawPoint(path[0])
        else:
            painter.fillPath(self._outline(path), white)
        painter.end()
        bits = np.frombuffer(image.constBits(), np.uint8)
        return bits.reshape(lens.height, image.bytesPerLine())[:, :lens.width] > 127

    def _outline(self, path: list[QPointF]) -> QPainterPath:
        outline = QPainterPath()
        if self._check.tool is Tool.BOX:
            outline.addRect(QRectF(path[0], path[-1]).normalized())
        else:
            outline.addPolygon(QPolygonF(path))
            outline.closeSubpath()
        outline.setFillRule(Qt.FillRule.WindingFill)
        return outline

    def take_tool(self) -> None:
        """Another tool, or another view."""
        self._path, tool = [], self._in_hand
        if tool is not Tool.TURN:
            self._prepare_soon()
        crossed = tool in (Tool.BOX, Tool.LASSO)
        shapes = {Tool.TURN: Qt.CursorShape.ArrowCursor, Tool.BRUSH: Qt.CursorShape.BlankCursor,
                  Tool.CLICK: Qt.CursorShape.PointingHandCursor}
        self._view.setCursor(Qt.CursorShape.CrossCursor if crossed else shapes[tool])
        self.setVisible(tool is not Tool.TURN)
        self.setGeometry(self._view.geometry())
        self.raise_()
        self.update()

    def _prepare_soon(self) -> None:
        if self._check.findings or self._check.tool is not Tool.TURN:
            QTimer.singleShot(0, self._prepare)

    def _prepare(self) -> None:
        picker = self.picker()
        if picker is not None:
            picker.prepare()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, the lasso or the brush."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tool, colour = self._check.tool, QColor(SELECTION)
        fill = QColor(colour)
        fill.setAlpha(50)
        if self._path and tool in (Tool.BOX, Tool.LASSO):
            painter.fillPath(self._outline(self._path), fill)
            painter.strokePath(self._outline(self._path), QPen(colour, 1.5))
        if self._path and tool is Tool.BRUSH:
            painter.setPen(_round(fill, 2 * self.brush))
            painter.drawPolyline(QPolygonF(self._path))
        if self._mouse is not None and tool is Tool.BRUSH:
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(self._mouse, self.brush, self.brush)
        painter.end()


def _how(event: QMouseEvent, tool: Tool) -> str:
    """Shift adds, Ctrl or Alt takes away; strokes of a brush add up."""
    keys = event.modifiers()
    if keys & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return "subtract"
    return "add" if keys & Qt.KeyboardModifier.ShiftModifier or tool is Tool.BRUSH else "replace"


def _round(colour: QColor, width: int) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin)
