"""Files dropped on the window: which of them are scans, and what to say about the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

from likeness.gui.messages import Kind, Message

SUFFIXES = ("obj", "ply", "stl", "off", "glb", "gltf", "pcd", "xyz")


@dataclass(frozen=True)
class Dropped:
    """The scans to open and the rest, in the order given."""

    scans: tuple[Path, ...]
    others: tuple[Path, ...]


def dropped_files(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drag."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


def sorted_out(paths: Sequence[Path]) -> Dropped:
    """Tell scans from what came along with them; a single file is always tried."""
    if len(paths) == 1 and not paths[0].is_dir():
        return Dropped(tuple(paths), ())
    is_scan = {path: path.suffix.lower().lstrip(".") in SUFFIXES and not path.is_dir()
               for path in paths}
    return Dropped(tuple(path for path in paths if is_scan[path]),
                   tuple(path for path in paths if not is_scan[path]))


def message_about(others: Sequence[Path]) -> Message:
    """Say what was left out; a texture is found by its scan, it needs no opening."""
    names = ", ".join(path.name for path in others[:3])
    if len(others) > 3:
        names += f" and {len(others) - 3} more"
    verb = "is no scan and was" if len(others) == 1 else "are no scans and were"
    return Message(Kind.NOTE, f"{names} {verb} left out.",
                   f"Likeness opens {', '.join(name.upper() for name in SUFFIXES)} files; textures "
                   "beside a scan are found by themselves.")
