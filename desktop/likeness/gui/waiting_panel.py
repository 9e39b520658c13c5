"""Files that were dropped together with the open one: a click opens the next."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from likeness.gui.document import Document
from likeness.gui.widgets import Card, button, explained

_ROW = 30
_MOST_ROWS = 5


class WaitingPanel(Card):
    """Hidden while nothing waits."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Waiting scans", parent)
        self._document = document
        self.list = explained(QListWidget(), "Click a scan to open it", "Waiting scans")
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)
        self.forget = button("Clear the list", "Forget the waiting scans; no file is touched",
                             "link")
        self.forget.clicked.connect(lambda: document.forget_waiting())
        self.body.addWidget(self.list)
        self.body.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        document.waiting_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        waiting = self._document.waiting
        self.setVisible(bool(waiting))
        self.list.clear()
        for path in waiting:
            item = QListWidgetItem(path.name)
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(str(path))
            self.list.addItem(item)
        self.list.setFixedHeight(_ROW * max(1, min(len(waiting), _MOST_ROWS)) + 4)

    def _open(self, item: QListWidgetItem | None) -> None:
        # Where one click activates, the second signal comes after the list has changed.
        path: Path | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if path in self._document.waiting and path is not None:
            self._document.ask_open([path])
