"""Colours and style of the window: light or dark as the system is, or as the user wants it."""

import json
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from likeness.core.paths import resource
from likeness.gui.icons import tinted_file

_ROLES = {
    QPalette.ColorRole.Window: "window", QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "field", QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text", QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text", QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent", QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.ToolTipBase: "surface", QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "faint", QPalette.ColorRole.BrightText: "poor",
    QPalette.ColorRole.Accent: "accent",
}


class Theme(QObject):
    """The colours in use by name; `changed` tells who paints by itself to paint again."""

    changed = Signal()

    def __init__(self, app: QApplication, wish: str = "system") -> None:
        super().__init__(app)
        self._app, self._wish = app, wish
        self.dark = False
        self.colours: dict[str, str] = {}
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(lambda: self._follow())
        self._follow()

    @property
    def wish(self) -> str:
        """"system", "light" or "dark"."""
        return self._wish

    def want(self, wish: str) -> None:
        """Follow the "system", or stay "light" or "dark"."""
        self._wish = wish
        self._follow()

    def colour(self, name: str) -> QColor:
        """A colour by its name in `resources/theme`."""
        return QColor(self.colours[name])

    def _follow(self) -> None:
        system = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = system if self._wish == "system" else self._wish == "dark"
        if dark != self.dark or not self.colours:
            self.dark = dark
            self._apply()

    def _apply(self) -> None:
        name = "dark" if self.dark else "light"
        self.colours = json.loads(resource(f"theme/{name}.json").read_text(encoding="utf-8"))
        style = Template(resource("theme/likeness.qss").read_text(encoding="utf-8"))
        self._app.setPalette(self._palette())
        self._app.setStyleSheet(style.substitute(
            self.colours, chevron=tinted_file("chevron", self.colours["soft"]),
            tick=tinted_file("tick", self.colours["on_accent"])))
        self.changed.emit()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, name in _ROLES.items():
            palette.setColor(role, self.colour(name))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text,
                     QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("on_disabled"))
        return palette
