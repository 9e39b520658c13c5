"""The few shapes all panels are made of: cards, wrapped labels, buttons with an icon."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

Widget = TypeVar("Widget", bound=QWidget)


class Card(QFrame):
    """A titled panel in the sidebar."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(title)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 12, 14, 14)
        self.body.setSpacing(8)
        self.heading = label(title, "heading")
        self.body.addWidget(self.heading)


def label(text: str, kind: str = "", *, wrap: bool = True) -> QLabel:
    """A label in one of the styles of the theme: heading, soft, fine, sentence, figure."""
    made = QLabel(text)
    made.setObjectName(kind)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def button(text: str, tip: str, kind: str = "") -> QPushButton:
    """A push button with its tooltip, reachable by Tab; `kind` is "", "primary" or "link"."""
    made = explained(QPushButton(text), tip)
    made.setObjectName(kind)
    made.setAutoDefault(False)
    return made


def explained(widget: Widget, tip: str, name: str = "") -> Widget:
    """Give a widget its tooltip, said aloud as well, and a name where its text is none."""
    widget.setToolTip(tip)
    widget.setAccessibleDescription(tip)
    if name:
        widget.setAccessibleName(name)
    return widget


def tool_button(name: str, tip: str) -> QToolButton:
    """A flat button for an icon, with a name for those who cannot see it."""
    made = explained(QToolButton(), tip, name)
    made.setObjectName("tool")
    return made


def frame(kind: str) -> QFrame:
    """A frame in one of the styles of the theme."""
    made = QFrame()
    made.setObjectName(kind)
    return made


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet looks at, and let it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
