"""The menus and the keyboard shortcuts, made from one table of actions a menu."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from likeness.gui.checking import Checking
from likeness.gui.document import Document, Show
from likeness.gui.remembered import Remembered
from likeness.gui.theme import Theme
from likeness.gui.tool_bar import TOOLS

Do = Callable[..., object]


_SELECTION: tuple[tuple[str, list[str], Callable[[Checking], None]], ...] = (
    ("", [], Checking.select_all),
    ("Select all", ["Ctrl+A"], Checking.select_all),
    ("Select nothing", ["Ctrl+Shift+A"], Checking.select_none),
    ("Invert the selection", ["Ctrl+I"], Checking.invert),
    ("Grow the selection", ["Ctrl++", "Ctrl+="], Checking.grow),
    ("Shrink the selection", ["Ctrl+-"], Checking.shrink),
    ("", [], Checking.hide),
    ("Hide the selection", ["H"], Checking.hide),
    ("Show everything", ["Shift+H"], Checking.reveal),
    ("Remove the selection", ["Del"], Checking.delete),
    ("Restore everything", [], Checking.restore),
)


class Menus:
    """File, View, Fit and Help; actions that make no sense now are grey."""

    def __init__(self, window: QMainWindow, document: Document, theme: Theme,
                 remembered: Remembered, asked: dict[str, Do]) -> None:
        self._window, self._document = window, document
        self._remembered, self._theme = remembered, theme
        self.actions: dict[str, QAction] = {}
        self._file(asked)
        self._edit(asked)
        self._view()
        self._fit(asked)
        self._help(asked)
        for signal in (document.scan_changed, document.fit_changed, document.show_changed,
                       document.busy_changed):
            signal.connect(self._enable)
        self._enable()

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _add(self, menu: QMenu, title: str, keys: list[str], do: Do) -> QAction:
        action = QAction(title, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda: do())
        menu.addAction(action)
        self.actions[title] = action
        return action

    def _file(self, asked: dict[str, Do]) -> None:
        menu = self._menu("&File")
        self._add(menu, "Open…", ["Ctrl+O"], asked["open"])
        self._recent = menu.addMenu("Open recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        menu.addSeparator()
        self._add(menu, "Save the cleaned scan…", ["Ctrl+S"], asked["save"])
        self._add(menu, "Export…", ["Ctrl+E"], asked["export"])
        menu.addSeparator()
        self._add(menu, "Quit", ["Ctrl+Q"], asked["quit"])

    def _edit(self, asked: dict[str, Do]) -> None:
        menu, check = self._menu("&Edit"), self._document.check
        self._add(menu, "Undo", ["Ctrl+Z"], check.stack.undo)
        self._add(menu, "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], check.stack.redo)
        for title, keys, do in _SELECTION:
            if not title:
                menu.addSeparator()
            else:
                self._add(menu, title, keys, partial(do, check))
        menu.addSeparator()
        tools = menu.addMenu("Tools")
        for tool, (title, _, key) in TOOLS.items():
            self._add(tools, title, [key], partial(check.use, tool))
        self._add(tools, "Smaller brush", ["["], partial(asked["brush"], -1))
        self._add(tools, "Larger brush", ["]"], partial(asked["brush"], 1))

    def _view(self) -> None:
        menu, document = self._menu("&View"), self._document
        for key, (title, mode) in enumerate({"Scan": Show.SCAN, "Avatar": Show.AVATAR,
                                             "Both": Show.BOTH, "Distances": Show.HEAT}.items(), 1):
            self._add(menu, title, [str(key)], partial(document.set_show, mode))
        menu.addSeparator()
        self._add(menu, "From the front", ["F", "Home"], lambda: document.look_from("front"))
        self._add(menu, "From the back", ["B"], lambda: document.look_from("back"))
        self._add(menu, "From the left", ["L"], lambda: document.look_from("left"))
        self._add(menu, "From the right", ["R"], lambda: document.look_from("right"))
        menu.addSeparator()
        self._appearance(menu.addMenu("Appearance"))

    def _appearance(self, menu: QMenu) -> None:
        group = QActionGroup(self._window)
        for wish, title in {"system": "Like the system", "light": "Light", "dark": "Dark"}.items():
            action = self._add(menu, title, [], partial(self._want, wish))
            action.setCheckable(True)
            action.setChecked(self._theme.wish == wish)
            group.addAction(action)

    def _want(self, wish: str) -> None:
        self._remembered.appearance = wish
        self._theme.want(wish)

    def _fit(self, asked: dict[str, Do]) -> None:
        menu = self._menu("F&it")
        self._add(menu, "Fit the body", ["F5", "Ctrl+R"], self._document.start_fit)
        self._add(menu, "Cancel", ["Esc"], asked["cancel"])

    def _help(self, asked: dict[str, Do]) -> None:
        menu = self._menu("&Help")
        self._add(menu, "Likeness help", ["F1"], asked["help"])
        self._add(menu, "About Likeness", [], asked["about"])

    def _fill_recent(self) -> None:
        self._recent.clear()
        paths = self._remembered.recent
        for path in paths:
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._open(path))
        if paths:
            self._recent.addSeparator()
            self._recent.addAction("Clear the list").triggered.connect(
                lambda: self._remembered.forget_recent())
        else:
            self._recent.addAction("No recent scans").setEnabled(False)

    def _open(self, path: Path) -> None:
        self._document.ask_open([path])

    def _enable(self) -> None:
        document = self._document
        idle, scan, fit = document.busy is None, document.scan, document.fit
        possible = {"Open…": idle, "Export…": idle and fit is not None,
                    "Save the cleaned scan…": idle and scan is not None,
                    "Fit the body": idle and scan is not None, "Scan": scan is not None,
                    **dict.fromkeys(("Avatar", "Both", "Distances"), fit is not None),
                    **dict.fromkeys(("From the front", "From the back", "From the left",
                                     "From the right"), scan is not None)}
        marking = (*(title for title, _, _ in _SELECTION if title),
                   *(title for title, _, _ in TOOLS.values()))
        possible |= dict.fromkeys(marking, document.can_select)
        for title, enabled in possible.items():
            self.actions[title].setEnabled(enabled)
