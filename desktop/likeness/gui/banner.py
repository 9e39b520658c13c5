"""Banners: what happened and what to do, one sentence each; never a traceback."""

import platform

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from likeness import __version__
from likeness.gui.icons import icon, pixmap
from likeness.gui.messages import Kind, Message
from likeness.gui.theme import Theme
from likeness.gui.widgets import button, label, restyle, tool_button

_COLOURS = {Kind.NOTE: "accent", Kind.PROBLEM: "check", Kind.BUG: "poor"}


class Banner(QFrame):
    """Shows one message until it is closed or the next one comes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._theme = theme
        self.message: Message | None = None
        self._sign = QLabel()
        self.problem, self.remedy = label("", "problem"), label("", "soft")
        self.copy = button("Copy details", "Copies what a bug report needs to the clipboard")
        self.copy.clicked.connect(lambda: self._copy_details())
        self.dismiss = tool_button("Close this message", "Close this message (Esc)")
        self.dismiss.clicked.connect(lambda: self.clear())
        self._lay_out()
        theme.changed.connect(self._paint)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Show it in place of the one before."""
        self.message = message
        self.problem.setText(message.problem)
        self.remedy.setText(message.remedy)
        self.remedy.setVisible(bool(message.remedy))
        self.copy.setText("Copy details")
        self.copy.setVisible(bool(message.details))
        self.setAccessibleName(f"{message.problem} {message.remedy}")
        self._paint()
        self.show()

    def clear(self) -> None:
        """Show nothing."""
        self.message = None
        self.hide()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.problem)
        words.addWidget(self.remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 10, 10)
        row.setSpacing(12)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)

    def _paint(self) -> None:
        self.dismiss.setIcon(icon("close", self._theme.colours["soft"]))
        if self.message is None:
            return
        kind = self.message.kind
        self._sign.setPixmap(pixmap(kind.value, self._theme.colours[_COLOURS[kind]], 22))
        restyle(self, kind=kind.value)

    def _copy_details(self) -> None:
        if self.message is None:
            return
        text = (f"Likeness {__version__}, {platform.platform()}, Python "
                f"{platform.python_version()}\n\n{self.message.problem}\n\n{self.message.details}")
        QGuiApplication.clipboard().setText(text)
        self.copy.setText("Copied")
