"""One finding: what it is, how sure that is, where it is, and Remove or Keep."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from likeness.gui.check_look import colour_of
from likeness.gui.checking import Checking, Fate
from likeness.gui.widgets import button, explained, frame, label, restyle
from likeness.jobs.protocol import FindingLine
from likeness.scans.finding import CERTAIN, LIKELY

_CHIP = 12
_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FindingCard(QFrame):
    """Lights up its surface while the mouse is over it."""

    def __init__(self, finding: FindingLine, check: Checking,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("finding")
        self.finding, self._check = finding, check
        self.setAccessibleName(finding.name)
        self.sentence = label(finding.sentence, "soft")
        self.amount = label(told_amount(finding, check.rows), "fine")
        self.zoom = explained(button("Show me", "", "link"), "Bring it near in the view",
                              f"Show {finding.name}")
        self.zoom.clicked.connect(lambda: check.zoom_to(finding))
        self.remove = self._choice("Remove", "Leave it out of the fit; the file stays as it is")
        self.keep = self._choice("Keep", "It belongs to the person, or does no harm")
        self.fewer = button("Work on a smaller copy", "Go on with a million triangles or points; "
                            "the scan's own file stays as it is")
        self.fewer.clicked.connect(check.ask_fewer)
        self.remove.clicked.connect(lambda: self._decide(Fate.REMOVED))
        self.keep.clicked.connect(lambda: self._decide(Fate.KEPT))
        self._lay_out()
        self.stops = tuple(each for each in (self.remove, self.keep, self.zoom, self.fewer)
                           if each.parentWidget() is not None)
        for each in self.stops:
            each.installEventFilter(self)
        self.show_fate()

    def show_fate(self) -> None:
        """Show what has been decided about it."""
        fate = self._check.fate(self.finding)
        self.remove.setChecked(fate is Fate.REMOVED)
        self.keep.setChecked(fate is Fate.KEPT)
        restyle(self, fate=fate.value, lit=self._check.hovered is self.finding)

    def _choice(self, title: str, tip: str) -> QPushButton:
        made = explained(button(title, ""), tip, f"{title} {self.finding.name}")
        made.setCheckable(True)
        return made

    def _decide(self, fate: Fate) -> None:
        """A second click on the same takes the decision back."""
        check, finding = self._check, self.finding
        if check.fate(finding) is fate:
            check.reopen(finding)
        elif fate is Fate.REMOVED:
            check.remove(finding)
        else:
            check.keep(finding)
        self.show_fate()  # also where nothing changed: the button has toggled itself

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        if len(self.finding.members):
            head.addWidget(_Chip(colour_of(self.finding)), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(label(_capital(self.finding.name), "problem"), 1)
        head.addWidget(label(told_confidence(self.finding), "fine", wrap=False), 0,
                       Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.sentence)
        if self._check.removable(self.finding):
            column.addWidget(self.amount)
            column.addLayout(self._buttons())
        elif self.finding.action == "decimate":
            column.addWidget(self.fewer)
        elif len(self.finding.members):
            column.addWidget(self.zoom, 0, Qt.AlignmentFlag.AlignRight)

    def _buttons(self) -> QHBoxLayout:
        pair = frame("segments")
        inside = QHBoxLayout(pair)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        inside.addWidget(self.remove)
        inside.addWidget(self.keep)
        row = QHBoxLayout()
        row.addWidget(pair)
        row.addStretch(1)
        row.addWidget(self.zoom)
        return row

    # Qt's events

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        self._check.hover(self.finding)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go out."""
        self._check.hover(None)
        super().leaveEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Light up for the keyboard as for the mouse."""
        if isinstance(event, QFocusEvent) and event.reason() in _BY_KEY:
            self._check.hover(self.finding if event.gotFocus() else None)
        return super().eventFilter(watched, event)


class _Chip(QWidget):
    """A square in the colour of a finding's surface."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = QColor(colour)
        self.setFixedSize(_CHIP, _CHIP + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRoundedRect(0, 3, _CHIP, _CHIP, 3, 3)
        painter.end()


def told_confidence(finding: FindingLine) -> str:
    """How sure it is, in a word and per cent."""
    sure = finding.confidence
    word = "certain" if sure >= CERTAIN else "likely" if sure >= LIKELY else "possible"
    return f"{word}, {int(100 * sure)} %"


def told_amount(finding: FindingLine, rows: str) -> str:
    """How much of the scan it is, and what we would do."""
    count = len(finding.members)
    amount, area = f"{count:,} {rows if count != 1 else rows[:-1]}", finding.area_m2
    if area > 0:
        amount += f", {area:.2f} m²" if area >= 0.1 else f", {1e4 * area:.1f} cm²"
    return f"{amount}.{_advice(finding)}"


def _advice(finding: FindingLine) -> str:
    if finding.action == "remove" and finding.confidence < LIKELY:
        return " Look at it: it may be part of the person."
    return {"remove": " Better removed.", "keep": " Usually kept."}.get(finding.action, "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
