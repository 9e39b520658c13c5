"""The file itself: is it one, can it be read, is its format known."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from likeness.core.errors import UserError
from likeness.scans.formats.content import Content
from likeness.scans.formats.obj import read_obj
from likeness.scans.formats.off import read_off
from likeness.scans.formats.pcd import read_pcd
from likeness.scans.formats.ply import read_ply
from likeness.scans.formats.trimesh_files import read_gltf, read_stl
from likeness.scans.formats.xyz import read_xyz

Reader = Callable[[bytes, Path], Content]

READERS: dict[str, Reader] = {
    ".obj": read_obj,
    ".ply": read_ply,
    ".stl": read_stl,
    ".off": read_off,
    ".glb": read_gltf,
    ".gltf": read_gltf,
    ".pcd": read_pcd,
    ".xyz": read_xyz,
    ".txt": read_xyz,
    ".csv": read_xyz,
    ".pts": read_xyz,
}
_LARGEST = 8 << 30
_LONGEST_NAME = 80


def reader_for(path: Path) -> Reader:
    """The reader of the format the suffix names."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        named = f"files ending in {path.suffix[:12]}" if path.suffix else "files without an ending"
        raise UserError(f"Likeness does not read {named}.",
                        "Bring the scan as OBJ, PLY, STL, OFF, GLB, PCD or XYZ.")
    return reader


def load_file(path: Path) -> bytes:
    """Read the whole file once; raises `UserError` where it is none, empty or unreadable."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise UserError(f"There is no file {told(path)}.",
                        "Check the name and the folder it should be in.") from error
    if stat.S_ISDIR(status.st_mode):
        raise UserError(f"{told(path)} is a folder, not a scan.",
                        "Choose one scan file inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"{told(path)} is not an ordinary file.",
                        "Save the scan to a file on a disk first.")
    if status.st_size == 0:
        raise UserError(f"{told(path)} is empty.", "Export the scan again.")
    if status.st_size > _LARGEST:
        raise UserError(f"{told(path)} is larger than 8 GiB.", "Bring a scan with fewer points.")
    return _bytes(path)


def told(path: Path) -> str:
    """The name of a file as a sentence can hold it, whatever bytes it is made of."""
    name = "".join(each if each.isprintable() else "?" for each in path.name or str(path))
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _bytes(path: Path) -> bytes:
    try:
        # Opened without waiting, should the file have become a pipe since it was looked at.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
                         | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            return file.read()
    except OSError as error:
        raise UserError(f"{told(path)} could not be read: {error.strerror or error}.",
                        "Check that you may read it and that its disk is connected.") from error
