"""Where to save a scan: the name the user chose, as PLY, and never over a file unasked."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_ply(window: QWidget, proposed: Path) -> Path | None:
    """Let the user choose; the file dialog asks only about the name as it was typed."""
    while True:
        name, _ = QFileDialog.getSaveFileName(window, "Save the cleaned scan", str(proposed),
                                              "Scans (*.ply)")
        if not name:
            return None
        path = as_ply(Path(name))
        if path == Path(name) or not path.exists() or _may_replace(window, path):
            return path
        proposed = path


def as_ply(path: Path) -> Path:
    """The path with .ply at its end, whatever else its name holds."""
    return path if path.suffix.lower() == ".ply" else path.with_name(f"{path.name}.ply")


def _may_replace(window: QWidget, path: Path) -> bool:
    answer = QMessageBox.question(
        window, "Save the cleaned scan",
        f"{path.name} already exists.\nReplace it? What it holds now is lost.",
        QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
        QMessageBox.StandardButton.No)
    return answer is QMessageBox.StandardButton.Yes
