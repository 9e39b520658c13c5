"""What to write and where: formats, the pose of the GLB, the folder."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QWidget

from likeness.gui.document import Document
from likeness.gui.widgets import Card, button, explained, label
from likeness.jobs.protocol import ExportView

FORMATS = {
    "glb": "GLB: skinned mesh, skeleton and texture, for animation",
    "obj": "OBJ: the mesh in the scan's pose, with UV and texture",
    "ply": "PLY: the mesh in the scan's pose, with confidence",
    "npz": "NPZ: every number, for NumPy",
}
_POSES = {"T": "GLB in T-pose", "scan": "GLB in the scan's pose"}


class ExportPanel(Card):
    """Shown once there is an avatar; the report and its picture are always written."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__("Export", parent)
        self._document = document
        self.formats = {name: explained(QCheckBox(name.upper()), words)
                        for name, words in FORMATS.items()}
        self.pose = explained(QComboBox(), "The pose in which the skeleton is bound",
                              "Pose of the GLB")
        for value, words in _POSES.items():
            self.pose.addItem(words, value)
        self.export = button("Export…", "Choose a folder and write the avatar (Ctrl+E)", "primary")
        self.done = label("", "soft")
        self.reveal = button("Open the folder", "Show what was written", "link")
        self._folder = Path()
        self._lay_out()
        self._connect()
        self._show()

    def ask_folder(self) -> None:
        """Let the user choose the folder, then export into it."""
        if self._document.fit is None or self._document.scan is None:
            return
        beside = self._document.scan.path.parent
        chosen = QFileDialog.getExistingDirectory(
            self.window(), "Export the avatar: a folder is made here", str(beside))
        if chosen:
            self._document.export(Path(chosen) / f"{self._document.scan.path.stem}-avatar")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        for place, box in enumerate(self.formats.values()):
            grid.addWidget(box, 0, place)
        self.body.addLayout(grid)
        self.body.addWidget(self.pose)
        self.body.addWidget(label("A report and its picture are written as well.", "fine"))
        self.body.addWidget(self.export)
        self.body.addWidget(self.done)
        row = QHBoxLayout()
        row.addWidget(self.reveal)
        row.addStretch()
        self.body.addLayout(row)

    def _connect(self) -> None:
        for box in self.formats.values():
            box.toggled.connect(lambda: self._choose())
        self.pose.activated.connect(
            lambda: self._document.choose_export(glb_pose=self.pose.currentData()))
        self.export.clicked.connect(lambda: self.ask_folder())
        self.reveal.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))))
        self._document.fit_changed.connect(self._show)
        self._document.settings_changed.connect(self._show)
        self._document.busy_changed.connect(self._show)
        self._document.saved_changed.connect(self._show)
        self._document.exported.connect(self._written)

    def _choose(self) -> None:
        chosen = tuple(name for name, box in self.formats.items() if box.isChecked())
        if chosen != self._document.exporting.formats:
            self._document.choose_export(formats=chosen)

    def _show(self) -> None:
        self.setVisible(self._document.fit is not None)
        wanted = self._document.exporting.formats
        for name, box in self.formats.items():
            box.blockSignals(True)
            box.setChecked(name in wanted)
            box.blockSignals(False)
        self.pose.setEnabled("glb" in wanted)
        self.export.setEnabled(bool(wanted) and self._document.busy is None)
        if not self._document.saved:
            self.done.hide()
            self.reveal.hide()

    def _written(self, view: ExportView) -> None:
        self._folder = view.folder
        self.done.setText(f"Wrote {len(view.files)} files into {view.folder.name}.")
        self.done.setToolTip("\n".join(str(file) for file in view.files))
        self.done.show()
        self.reveal.show()
