"""Over the view: tools to select surface by hand, and what to do with the selection."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget

from likeness.gui.checking import Tool
from likeness.gui.document import Document
from likeness.gui.icons import icon
from likeness.gui.theme import Theme
from likeness.gui.widgets import explained, frame, tool_button

_SIZE = 18
# What each tool is called, what it does, and its key.
TOOLS = {
    Tool.TURN: ("Turn", "Drag to turn the view", "T"),
    Tool.CLICK: ("Click", "Click what is in colour to find its card; double-click to select all "
                          "that hangs together", "C"),
    Tool.BOX: ("Box", "Select what lies in a box", "X"),
    Tool.LASSO: ("Lasso", "Select what you draw around", "S"),
    Tool.BRUSH: ("Brush", "Select what you paint over; [ and ] change its size", "P"),
}
_KEYS = "Shift adds to the selection, Ctrl takes away from it."


class ToolBar(QWidget):
    """A row of icons; shown while the scan alone is in view."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._check, self._theme = document, document.check, theme
        self._icons: dict[QToolButton, str] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 8)
        self._row.setSpacing(2)
        self.tools = {tool: self._tool(tool) for tool in TOOLS}
        self._gap()
        self.through = self._button("through", "Through", "Select also what lies behind", None)
        self.through.setCheckable(True)
        self.through.toggled.connect(self._check.set_through)
        self._gap()
        self.actions_on_selection = self._editing()
        self._row.addStretch(1)
        for signal in (document.show_changed, document.scan_changed, document.busy_changed,
                       self._check.tool_changed, self._check.marks_changed):
            signal.connect(self._show)
        theme.changed.connect(self._paint)
        self._paint()
        self._show()

    def _editing(self) -> dict[str, QToolButton]:
        check = self._check
        rows: tuple[tuple[str, str, str, Callable[[], object]] | None, ...] = (
            ("grow", "Grow", "Select what touches the selection as well (Ctrl++)", check.grow),
            ("shrink", "Shrink", "Leave the rim of the selection (Ctrl+-)", check.shrink),
            ("invert", "Invert", "Select what is not selected (Ctrl+I)", check.invert),
            None,
            ("hide", "Hide", "Hide the selection; it is fitted all the same (H)", check.hide),
            ("show", "Show all", "Show what was hidden (Shift+H)", check.reveal),
            None,
            ("delete", "Remove", "Leave the selection out of the fit (Del)", check.delete),
            ("restore", "Restore", "Bring back all that was removed", check.restore),
            None,
            ("undo", "Undo", "Undo (Ctrl+Z)", check.stack.undo),
            ("redo", "Redo", "Redo (Ctrl+Shift+Z)", check.stack.redo))
        made = {}
        for row in rows:
            if row is None:
                self._gap()
            else:
                made[row[0]] = self._button(*row)
        return made

    def _tool(self, tool: Tool) -> QToolButton:
        title, words, key = TOOLS[tool]
        keys = "" if tool is Tool.TURN else f" {_KEYS}"
        made = self._button(tool.value, title, f"{words} ({key}).{keys}",
                            lambda: self._check.use(tool))
        made.setCheckable(True)
        self._group.addButton(made)
        return made

    def _button(self, name: str, title: str, tip: str,
                do: Callable[[], object] | None) -> QToolButton:
        made = explained(tool_button(title, tip), tip, title)
        made.setIconSize(QSize(_SIZE, _SIZE))
        if do is not None:
            made.clicked.connect(lambda: do())
        self._icons[made] = name
        self._row.addWidget(made)
        return made

    def _gap(self) -> None:
        line: QFrame = frame("gap")
        line.setFixedSize(1, _SIZE)
        self._row.addSpacing(5)
        self._row.addWidget(line)
        self._row.addSpacing(5)

    def _show(self) -> None:
        check = self._check
        self.setVisible(self._document.can_select)
        marks, mesh = check.marks, check.rows == "triangles"
        some = bool(marks.selected.any())
        possible = {"grow": some and mesh, "shrink": some and mesh, "hide": some, "delete": some,
                    "show": bool(marks.hidden.any()), "restore": bool(marks.removed.any()),
                    "undo": check.stack.canUndo(), "redo": check.stack.canRedo()}
        for name, made in self.actions_on_selection.items():
            made.setEnabled(possible.get(name, True))
        self.tools[check.tool].setChecked(True)
        self.through.setEnabled(check.tool in (Tool.BOX, Tool.LASSO, Tool.BRUSH))
        self.through.setChecked(check.through)

    def _paint(self) -> None:
        for made, name in self._icons.items():
            made.setIcon(icon(name, self._theme.colours["soft"], _SIZE))
