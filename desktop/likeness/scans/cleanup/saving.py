"""Saving a cleaned scan as PLY, in the coordinates of the file it came from."""

import uuid
from pathlib import Path

import numpy as np

from likeness.core.errors import UserError
from likeness.scans.scan import Scan

_LONGEST = 60  # characters of the name kept while writing: file systems allow some 255 bytes


def save_scan(scan: Scan, path: Path) -> None:
    """Binary PLY with colours where there are any; never over the scan's own file."""
    own = Path(scan.source.path)
    try:
        if path.exists() and own.exists() and path.samefile(own):  # links are other names of it
            raise UserError("The scan's own file is never overwritten.", "Choose another name.")
        _write(path.resolve(), _content(scan))
    except OSError as error:
        raise UserError(f"The cleaned scan could not be written: {error.strerror or error}.",
                        "Choose another folder.") from error


def _write(path: Path, content: bytes) -> None:
    """All or nothing: what was there stays until the new file is whole."""
    partial = path.with_name(f".{path.name[:_LONGEST]}-{uuid.uuid4().hex[:8]}")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _content(scan: Scan) -> bytes:
    back = np.linalg.inv(scan.world_from_scan)
    points = scan.vertices.astype(np.float64) @ back[:3, :3].T + back[:3, 3]
    columns = [(name, "<f4") for name in "xyz"]
    if scan.colors is not None:
        columns += [(name, "u1") for name in ("red", "green", "blue")]
    rows = np.empty(len(points), columns)
    for k, name in enumerate("xyz"):
        rows[name] = points[:, k]
    if scan.colors is not None:
        for k, name in enumerate(("red", "green", "blue")):
            rows[name] = scan.colors[:, k]
    triangles = np.empty(len(scan.faces), [("count", "u1"), ("ids", "<i4", 3)])
    triangles["count"], triangles["ids"] = 3, scan.faces
    return _header(scan).encode() + rows.tobytes() + triangles.tobytes()


def _header(scan: Scan) -> str:
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(scan.vertices)}"]
    lines += [f"property float {name}" for name in "xyz"]
    if scan.colors is not None:
        lines += [f"property uchar {name}" for name in ("red", "green", "blue")]
    if scan.is_mesh:
        lines += [f"element face {len(scan.faces)}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header", ""])
