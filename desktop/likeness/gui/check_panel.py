"""The step between reading and fitting: what does not belong to the person, to remove or keep."""

from functools import partial

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from likeness.gui.checking import MEND_WORDS, Checking, Fate
from likeness.gui.document import Document
from likeness.gui.finding_card import FindingCard
from likeness.gui.widgets import Card, button, explained, label, restyle
from likeness.scans.finding import LIKELY

_FIRST = 6  # cards shown before the user asks for the others


class CheckPanel(Card):
    """Findings as cards, most serious first; nothing is removed before somebody says so."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Check", parent)
        self._document, self._check = document, document.check
        self.cards: list[FindingCard] = []
        self._all = False
        self.summary, self.marked = label("", "soft"), label("", "fine")
        self.again = button("Check again", "Look once more for what does not belong to the person")
        self.again.clicked.connect(document.inspect_again)
        self.certain = button("", "Leave out of the fit everything that is at least 90 % certain",
                              "primary")
        self.certain.clicked.connect(self._check.remove_certain)
        self.glass = explained(QCheckBox("See through the body"),
                               "Draw the body like glass, so that what lies inside shows")
        self.glass.toggled.connect(self._check.set_glass)
        self.more = button("", "", "link")
        self.more.clicked.connect(self._show_all)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        for each in (self.summary, self.again, self.certain, self.glass):
            self.body.addWidget(each)
        self.body.addLayout(self._list)
        self.body.addWidget(self.more)
        self.mending, self.mends = label("Before the fit", "fine"), self._mends()
        for each in (self.mending, *self.mends.values()):
            self.body.addWidget(each)
        self.body.addWidget(self.marked)
        document.scan_changed.connect(self._show_scan)
        document.busy_changed.connect(self._show)
        self._check.findings_changed.connect(self._show_findings)
        self._check.marks_changed.connect(self._show)
        self._check.hovered_changed.connect(self._show_fates)
        self._check.pointed_at.connect(self._reveal)
        self._show_findings()

    def _mends(self) -> dict[str, QCheckBox]:
        """What can be mended, a box each."""
        boxes = {}
        for stage, words in MEND_WORDS.items():
            boxes[stage] = explained(QCheckBox(words), "In what is fitted and in what is saved; "
                                     "the scan's own file stays as it is", words)
            boxes[stage].toggled.connect(partial(self._check.set_mend, stage))
        return boxes

    def _show_findings(self) -> None:
        """New cards: another scan, or what inspection found in it."""
        for card in self.cards:
            self._list.removeWidget(card)
            card.hide()  # it lives until later, and must neither be seen nor get the focus
            card.deleteLater()
        self.cards = [FindingCard(each, self._check) for each in self._check.findings]
        for card in self.cards:
            self._list.addWidget(card)
        self._order_stops()
        self._show()

    def _order_stops(self) -> None:
        """The Tab key goes from above the cards through them to what is below."""
        last: QWidget = self.glass
        for stop in (each for card in self.cards for each in card.stops):
            QWidget.setTabOrder(last, stop)
            last = stop
        QWidget.setTabOrder(last, self.more)

    def _show_scan(self) -> None:
        self._all = False
        self._show_findings()

    def _show(self) -> None:
        check = self._check
        self.setVisible(self._document.scan is not None)
        self.summary.setText(told_findings(check))
        self.again.setVisible(check.failed)
        self.again.setEnabled(self._document.busy is None)
        certain = check.certain()
        self.certain.setVisible(bool(certain))
        self.certain.setText(f"Remove all that is certain ({len(certain)})")
        self.certain.setObjectName("primary" if self._document.fit is None else "")
        restyle(self.certain)
        self.glass.setVisible(any(check.removable(each) for each in check.findings))
        self.glass.setChecked(check.glass)
        hidden = 0 if self._all else max(len(self.cards) - _FIRST, 0)
        self.more.setVisible(hidden > 0)
        self.more.setText(f"Show {hidden} more")
        self.marked.setText(told_marks(check))
        self.marked.setVisible(bool(self.marked.text()))
        mendable = check.mendable()
        self.mending.setVisible(bool(mendable))
        for stage, box in self.mends.items():
            box.setVisible(stage in mendable)
            box.setChecked(stage in check.marks.mended)
        self._show_fates()

    def _show_fates(self) -> None:
        """Also the card of what is lit up in the view, wherever it is in the list."""
        for place, card in enumerate(self.cards):
            lit = card.finding is self._check.hovered
            card.setVisible(self._all or lit or place < _FIRST)
            card.show_fate()

    def _show_all(self) -> None:
        self._all = True
        self._show()

    def _reveal(self, finding: str) -> None:
        """Bring the card of a finding in sight."""
        for card in self.cards:
            if card.finding.id == finding:
                if not card.isVisibleTo(self):
                    self._show_all()
                card.remove.setFocus()  # the column scrolls to what has the focus


def told_findings(check: Checking) -> str:
    """What there is to decide, in a sentence."""
    if check.failed:
        return ("This scan could not be checked, so nobody knows what in it does not belong to the "
                "person. Check it again, or look at it and remove by hand what is too much.")
    if check.view is None:
        return "Looking for what does not belong to the person…"
    if not check.findings:
        return "Nothing found that does not belong to the person."
    choices = [each for each in check.findings if check.removable(each)]
    if not choices:
        return "Nothing to remove. This is good to know:"
    open_ones = [each for each in choices if check.fate(each) is Fate.OPEN]
    if not open_ones:
        return "Everything is decided."
    advised = sum(each.action == "remove" and each.confidence >= LIKELY for each in open_ones)
    told = []
    if advised:
        told.append(f"{advised} that should be removed")
    if len(open_ones) > advised:
        told.append(f"{len(open_ones) - advised} to look at")
    return f"Found {' and '.join(told)}. What is not removed is fitted as well."


def told_marks(check: Checking) -> str:
    """How much is removed, hidden and selected."""
    marks = check.marks
    amounts = {"selected": marks.selected, "removed": marks.removed, "hidden": marks.hidden}
    told = [f"{int(mask.sum()):,} {word}" for word, mask in amounts.items() if mask.any()]
    rows = check.rows
    return f"{rows[:1].upper()}{rows[1:]}: {', '.join(told)}." if told else ""
