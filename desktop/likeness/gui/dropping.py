"""What is dropped on the window: scans, result folders, and what to say about all else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

from likeness.gui.messages import Kind, Message

SUFFIXES = ("obj", "ply", "stl", "off", "glb", "gltf", "pcd", "xyz")
RESULT = "report.json"  # what tells a result folder from any other


@dataclass(frozen=True)
class Dropped:
    """What can be opened, scans and result folders, and the rest; each in the order given."""

    scans: tuple[Path, ...]
    others: tuple[Path, ...]


def dropped_files(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drag."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


def sorted_out(paths: Sequence[Path]) -> Dropped:
    """Tell scans from what came along with them; a single file is always tried."""
    if len(paths) == 1 and not paths[0].is_dir():
        return Dropped((_opened(paths[0]),), ())
    return Dropped(tuple(_opened(path) for path in paths if _can_be_opened(path)),
                   tuple(path for path in paths if not _can_be_opened(path)))


def _can_be_opened(path: Path) -> bool:
    if path.is_dir() or path.name == RESULT:
        return (_opened(path) / RESULT).is_file()
    return path.suffix.lower().lstrip(".") in SUFFIXES


def _opened(path: Path) -> Path:
    """A report stands for the folder it lies in."""
    return path.parent if path.name == RESULT else path


def message_about(others: Sequence[Path]) -> Message:
    """Say what was left out; a texture is found by its scan, it needs no opening."""
    names = ", ".join(path.name for path in others[:3])
    if len(others) > 3:
        names += f" and {len(others) - 3} more"
    verb = "is no scan and was" if len(others) == 1 else "are no scans and were"
    return Message(Kind.NOTE, f"{names} {verb} left out.",
                   f"Likeness opens {', '.join(name.upper() for name in SUFFIXES)} files; textures "
                   "beside a scan are found by themselves.")
