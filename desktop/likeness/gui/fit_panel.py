"""The one big button, and while something is under way: what, how far, how long, and Cancel."""

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from likeness.gui.document import Document
from likeness.gui.widgets import button, explained, label, restyle
from likeness.jobs.forecast import WORDS
from likeness.jobs.protocol import (
    ExportAvatar,
    FitScan,
    OpenResult,
    Progressed,
    ReadScan,
    Request,
    SaveScan,
)

_STEPS = 1000
_TITLES: dict[type, str] = {ReadScan: "Reading", OpenResult: "Opening", FitScan: "Fitting",
                           ExportAvatar: "Exporting", SaveScan: "Saving"}


class FitPanel(QWidget):
    """Fit while idle; stage, progress, time left and Cancel while busy."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.fit = button("Fit the body", "Fit the body to the scan (F5)", "primary")
        self.fit.clicked.connect(lambda: document.start_fit())
        self.undecided = label("", "fine")
        self.stage, self.left = label("", "problem"), label("", "fine")
        self.bar = explained(QProgressBar(), "How much of the work is done", "Progress")
        self.bar.setTextVisible(False)
        self.cancel = button("Cancel", "Stop; the scan stays open (Esc)")
        self.cancel.clicked.connect(lambda: document.cancel())
        self._lay_out()
        document.busy_changed.connect(self._show)
        document.scan_changed.connect(self._show)
        document.fit_changed.connect(self._show)
        document.check.findings_changed.connect(self._show_undecided)
        document.check.marks_changed.connect(self._show_undecided)
        document.progressed.connect(self._progress)
        document.cancel_asked.connect(self._stopping)
        self._show()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.stage)
        words.addWidget(self.left)
        row = QHBoxLayout()
        row.addLayout(words, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.undecided)
        column.addWidget(self.fit)

    def _show(self) -> None:
        request = self._document.busy
        self.setVisible(request is not None or self._document.scan is not None)
        for each in (self.stage, self.left, self.bar, self.cancel):
            each.setVisible(request is not None)
        self.fit.setVisible(request is None)
        self._show_undecided()
        fitted = self._document.fit is not None
        self.fit.setText("Fit again" if fitted else "Fit the body")
        self.fit.setObjectName("" if fitted else "primary")  # then exporting is what comes next
        restyle(self.fit)
        if request is not None:
            self._begin(request)

    def _show_undecided(self) -> None:
        """What would be fitted although it surely is not the person."""
        certain = len(self._document.check.certain())
        self.undecided.setVisible(certain > 0 and self._document.busy is None)
        things = "One thing" if certain == 1 else f"{certain} things"
        self.undecided.setText(f"{things} that should be removed will be fitted too: see Check.")

    def _begin(self, request: Request) -> None:
        self.stage.setText(f"{_TITLES[type(request)]}…")
        self.left.setText("")
        self.bar.setMaximum(0)  # moving to and fro until the first progress comes
        self.cancel.setEnabled(True)

    def _progress(self, event: Progressed) -> None:
        if not self.cancel.isEnabled():
            return
        words = WORDS.get(event.stage, event.stage)
        self.stage.setText(f"{words[:1].upper()}{words[1:]}…")
        self.left.setText(time_left(event.seconds_left))
        self.bar.setMaximum(_STEPS)
        self.bar.setValue(round(_STEPS * event.overall))

    def _stopping(self) -> None:
        self.cancel.setEnabled(False)
        self.stage.setText("Stopping…")
        self.left.setText("")


def time_left(seconds: float | None) -> str:
    """How long it will still take, as roughly as it is known."""
    if seconds is None:
        return ""
    if seconds < 2:
        return "almost done"
    if seconds < 90:
        return f"about {max(5 * round(seconds / 5), 2)} s left"
    return f"about {round(seconds / 60)} min left"
