"""How good the fit is: the verdict, its reasons, and the distances in millimetres."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from likeness.core.wording import per_cent
from likeness.gui.document import Document
from likeness.gui.widgets import Card, label, restyle
from likeness.jobs.protocol import FitView
from likeness.jobs.telling import told_cleaning

_VERDICTS = {"good": "Good", "check": "Check it", "poor": "Poor"}
_COLUMNS = ("mean", "median", "p95")
_TITLES = {"mean": "mean", "median": "median", "p95": "95 %"}


class ResultPanel(Card):
    """Shown once there is an avatar."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Result", parent)
        self._document = document
        self.verdict = label("", "verdict", wrap=False)
        self.reasons, self.details = label("", "soft"), label("", "fine")
        self.figures: dict[tuple[str, str], QLabel] = {}
        self._lay_out()
        document.fit_changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        self.body.removeWidget(self.heading)
        top = QHBoxLayout()
        top.addWidget(self.heading)
        top.addStretch()
        top.addWidget(self.verdict)
        self.body.addLayout(top)
        self.body.addWidget(self.reasons)
        self.body.addLayout(self._table())
        self.body.addWidget(self.details)

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setVerticalSpacing(3)
        table.setColumnStretch(0, 1)
        table.addWidget(label("Distances in mm", "fine", wrap=False), 0, 0)
        for column, name in enumerate(_COLUMNS, start=1):
            table.addWidget(label(_TITLES[name], "fine", wrap=False), 0, column,
                            Qt.AlignmentFlag.AlignRight)
        for row, (way, words) in enumerate((("scan", "scan to avatar"),
                                            ("avatar", "avatar to scan")), start=1):
            table.addWidget(label(words, "", wrap=False), row, 0)
            for column, name in enumerate(_COLUMNS, start=1):
                figure = self.figures[way, name] = label("", "", wrap=False)
                figure.setMinimumWidth(48)
                figure.setAlignment(Qt.AlignmentFlag.AlignRight)
                table.addWidget(figure, row, column)
        return table

    def _show(self) -> None:
        fit = self._document.fit
        self.setVisible(fit is not None)
        if fit is not None:
            self._fill(fit)

    def _fill(self, fit: FitView) -> None:
        self.verdict.setText(_VERDICTS.get(fit.verdict, fit.verdict))
        self.verdict.setAccessibleName(f"Verdict: {self.verdict.text()}")
        restyle(self.verdict, level=fit.verdict)
        self.reasons.setText("\n".join(fit.reasons))
        for name in _COLUMNS:
            self.figures["scan", name].setText(_mm(fit.scan_to_avatar_mm[name]))
            self.figures["avatar", name].setText(_mm(fit.avatar_to_scan_mm[name]))
        facts = (f"{per_cent(fit.coverage)} of the body seen by the scan · {fit.refinement} "
                 f"refinement · {fit.seconds:.1f} s")
        self.details.setText("\n".join((
            facts, *told_cleaning(fit.removed, fit.mended), *fit.warnings)))


def _mm(distance: float) -> str:
    return f"{distance:.1f}" if distance == distance else "–"
