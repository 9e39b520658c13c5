"""The help page, beside the window rather than in its way."""

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from likeness.core.paths import resource, user_bodies


class HelpWindow(QDialog):
    """Shows `resources/help/guide.md`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Likeness help")
        self.resize(640, 620)
        self.page = QTextBrowser()
        self.page.setAccessibleName("Help")
        text = resource("help/guide.md").read_text(encoding="utf-8")
        self.page.setMarkdown(text.replace("{bodies}", str(user_bodies())))
        column = QVBoxLayout(self)
        column.addWidget(self.page)
