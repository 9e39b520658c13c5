"""The column of panels beside the viewport; the fit button stays in sight below them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from likeness.gui.check_panel import CheckPanel
from likeness.gui.document import Document
from likeness.gui.export_panel import ExportPanel
from likeness.gui.fit_panel import FitPanel
from likeness.gui.refinement_panel import RefinementPanel
from likeness.gui.result_panel import ResultPanel
from likeness.gui.scan_panel import ScanPanel
from likeness.gui.waiting_panel import WaitingPanel

_WIDTH = 356


class Sidebar(QWidget):
    """Shown as soon as there is something to say about a scan."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.scan, self.refinement = ScanPanel(document), RefinementPanel(document)
        self.check = CheckPanel(document)
        self.result, self.export = ResultPanel(document), ExportPanel(document)
        self.waiting, self.fit = WaitingPanel(document), FitPanel(document)
        self._area = self._scrolled()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addWidget(self.fit)
        self.setFixedWidth(_WIDTH)
        for signal in (document.scan_changed, document.busy_changed, document.waiting_changed):
            signal.connect(self._show)
        document.fit_changed.connect(self._reveal_result)
        self._show()

    def _scrolled(self) -> QScrollArea:
        content = QWidget()
        content.setObjectName("sidebarContent")
        cards = QVBoxLayout(content)
        cards.setContentsMargins(4, 10, 12, 10)
        cards.setSpacing(10)
        for card in (self.waiting, self.result, self.export, self.scan, self.check,
                     self.refinement):
            cards.addWidget(card)
        cards.addStretch(1)
        area = QScrollArea()
        area.setObjectName("sidebar")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        return area

    def _show(self) -> None:
        document = self._document
        self.setVisible(document.scan is not None or document.busy is not None
                        or bool(document.waiting))

    def _reveal_result(self) -> None:
        if self._document.fit is not None:
            self._area.verticalScrollBar().setValue(0)
