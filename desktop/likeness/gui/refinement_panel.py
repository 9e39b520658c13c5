"""How closely the avatar follows the scan: four levels, each with the scans it is for."""

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QRadioButton, QWidget

from likeness.gui.document import Document
from likeness.gui.widgets import Card, explained, label

# What each level does, and what to use it for.
LEVELS = {
    "none": ("None", "Output straight from the model's shape space, its skin kept apart. For very "
                     "sparse or noisy scans, or several layers of points."),
    "low": ("Low", "Vertices may leave the shape space a little. For noisy scans: multi-sensor "
                   "systems, hair, clothing, spurious points."),
    "standard": ("Standard", "Freer. For scans that are not too noisy: high-resolution scanners."),
    "high": ("High", "Freest. For extremely clean scans, such as those cleaned by hand."),
}


ALWAYS_INSIDE = ("none", "low")


class RefinementPanel(Card):
    """The four levels; only the chosen one is explained at length, the others by tooltip."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Refinement", parent)
        self._document = document
        self._group = QButtonGroup(self)
        self.levels: dict[str, QRadioButton] = {}
        for name, (title, words) in LEVELS.items():
            self._add_level(name, title, words)
        self.words = label("", "soft")
        self.words.setMinimumHeight(3 * self.words.fontMetrics().lineSpacing())
        self.body.addWidget(self.words)
        self.clothed = explained(QCheckBox("Loose clothing"),
                                 "Keep the body inside of clothes that hang off it; skin, such as "
                                 "face, hands and bare arms, is followed. None and Low always do.")
        self.clothed.toggled.connect(lambda on: document.choose(clothed=on))
        self.body.addWidget(self.clothed)
        self.body_choice = explained(QComboBox(), "The body model that is fitted to the scan",
                                     "Body model")
        self.body.addWidget(self.body_choice)
        self.body_choice.activated.connect(
            lambda: document.choose(body=self.body_choice.currentData()))
        document.settings_changed.connect(self._show)
        document.bodies_changed.connect(self._show_bodies)
        document.busy_changed.connect(self._show)
        document.scan_changed.connect(self._show)
        self._show()
        self._show_bodies()

    def _add_level(self, name: str, title: str, words: str) -> None:
        level = explained(QRadioButton(title), words)
        level.setObjectName("level")
        level.toggled.connect(
            lambda on: self._document.choose(refinement=name) if on else None)
        self._group.addButton(level)
        self.levels[name] = level
        self.body.addWidget(level)

    def _show(self) -> None:
        self.setVisible(self._document.scan is not None)
        chosen = self._document.fitting.refinement
        self.levels[chosen].setChecked(True)
        self.words.setText(LEVELS[chosen][1])
        self.clothed.setChecked(self._document.fitting.clothed)
        free = self._document.busy is None
        for each in (*self.levels.values(), self.body_choice):
            each.setEnabled(free)
        self.clothed.setEnabled(free and chosen not in ALWAYS_INSIDE)

    def _show_bodies(self) -> None:
        """A choice only where there is one."""
        self.body_choice.clear()
        for body in self._document.bodies:
            self.body_choice.addItem(f"{body.name} ({body.family})", body.name)
        index = self.body_choice.findData(self._document.fitting.body)
        self.body_choice.setCurrentIndex(max(index, 0))
        self.body_choice.setVisible(len(self._document.bodies) > 1)
