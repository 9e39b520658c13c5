"""The scan in one sentence, with unit and up axis to correct."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from likeness.gui.document import Document
from likeness.gui.widgets import Card, explained, label
from likeness.jobs.protocol import ScanView

_UNITS = {"auto": "Detect the unit", "m": "metres", "cm": "centimetres", "mm": "millimetres",
          "in": "inches"}
_UPS = {"auto": "Detect up", "+x": "x up", "-x": "x down", "+y": "y up", "-y": "y down",
        "+z": "z up", "-z": "z down"}
# Units that are found but cannot be chosen, as the end of "This scan is 1.70 m tall, in".
_FOUND = {"dm": "decimetres", "scaled": "an unknown unit"}


class ScanPanel(Card):
    """"This scan is 1.78 m tall, in centimetres, z up": the last two can be changed."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Scan", parent)
        self._document = document
        self.sentence = label("", "sentence")
        self.unit = _choice(_UNITS, "Unit of the file", "The unit the file was written in")
        self.up = _choice(_UPS, "Up axis of the file", "The axis of the file that points up")
        self.reasons, self.amount = label("", "fine"), label("", "fine")
        self.notes = label("", "soft")
        self._lay_out()
        self.unit.activated.connect(lambda: self._change())
        self.up.activated.connect(lambda: self._change())
        document.scan_changed.connect(self._show)
        document.busy_changed.connect(self._enable)
        document.stopped.connect(lambda: self._show())
        self._show()

    def _lay_out(self) -> None:
        self.body.addWidget(self.sentence)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("in", "sentence", wrap=False))
        row.addWidget(self.unit, 3)
        row.addWidget(label(",", "sentence", wrap=False))
        row.addWidget(self.up, 2)
        self.body.addLayout(row)
        for each in (self.reasons, self.amount, self.notes):
            self.body.addWidget(each)

    def _show(self) -> None:
        scan = self._document.scan
        self.setVisible(scan is not None)
        if scan is None:
            return
        self.sentence.setText(f"This scan is {scan.height_m:.2f} m tall,")
        _select(self.unit, scan.unit)
        _select(self.up, scan.up)
        self.reasons.setText(f"{scan.unit_reason} {scan.up_reason}".strip())
        self.amount.setText(_amount(scan))
        self.amount.setToolTip(str(scan.path))
        self.notes.setText("\n".join(scan.notes))
        self.notes.setVisible(bool(scan.notes))
        self._enable()

    def _enable(self) -> None:
        for each in (self.unit, self.up):
            each.setEnabled(self._document.busy is None)

    def _change(self) -> None:
        """Read the file again where a choice differs from what is shown."""
        scan = self._document.scan
        if scan is None:
            return
        unit, up = self.unit.currentData(), self.up.currentData()
        self._document.read_again(unit=None if unit == scan.unit else unit,
                                  up=None if up == scan.up else up)


def _choice(words: dict[str, str], name: str, tip: str) -> QComboBox:
    box = QComboBox()
    for value, word in words.items():
        box.addItem(word, value)
    return explained(box, tip, name)


def _select(box: QComboBox, value: str) -> None:
    box.setPlaceholderText(_FOUND.get(value, ""))
    box.setCurrentIndex(box.findData(value))


def _amount(scan: ScanView) -> str:
    if len(scan.faces):
        return f"{scan.path.name}: {len(scan.vertices):,} vertices, {len(scan.faces):,} triangles"
    return f"{scan.path.name}: a cloud of {len(scan.vertices):,} points"
