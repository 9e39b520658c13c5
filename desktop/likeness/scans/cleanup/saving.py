"""Saving a cleaned scan as PLY, in the coordinates of the file it came from."""

from pathlib import Path

import numpy as np

from likeness.core.errors import UserError
from likeness.scans.scan import Scan


def save_scan(scan: Scan, path: Path) -> None:
    """Binary PLY with colours where there are any; never over the scan's own file."""
    if Path(scan.source.path).resolve() == path.resolve() and path.exists():
        raise UserError("The scan's own file is never overwritten.", "Choose another name.")
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
    try:
        path.write_bytes(_header(scan).encode() + rows.tobytes() + triangles.tobytes())
    except OSError as error:
        raise UserError(f"The cleaned scan could not be written: {error.strerror or error}.",
                        "Choose another folder.") from error


def _header(scan: Scan) -> str:
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(scan.vertices)}"]
    lines += [f"property float {name}" for name in "xyz"]
    if scan.colors is not None:
        lines += [f"property uchar {name}" for name in ("red", "green", "blue")]
    if scan.is_mesh:
        lines += [f"element face {len(scan.faces)}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header", ""])
