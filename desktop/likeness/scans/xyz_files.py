"""XYZ and TXT point lists: three columns, or six or more with normals or colours."""

from pathlib import Path

import numpy as np

from likeness.core.errors import UserError
from likeness.scans.raw import AGAIN, NO_FACES, RawScan


def read_xyz(path: Path) -> RawScan:
    """Numbers parted by blanks, commas or semicolons; lines that begin with # or // are skipped."""
    text = path.read_text("utf-8", errors="replace")
    lines = [line for line in text.replace(",", " ").replace(";", " ").splitlines()
             if line.strip() and not line.lstrip().startswith(("#", "//"))]
    if lines and len(lines[0].split()) == 1:  # a count in the first line
        lines = lines[1:]
    if not lines:
        raise UserError(f"{path.name} holds no points.", AGAIN)
    width = len(lines[0].split())
    numbers = np.array(" ".join(lines).split())
    try:
        table = numbers.astype(np.float64).reshape(len(lines), width)
    except ValueError as error:
        raise UserError(f"{path.name} is not a list of points: every line needs the same {width} "
                        "numbers.", "Save it as x y z, one point a line.") from error
    if width < 3:
        raise UserError(f"{path.name} has {width} numbers a line; a point needs three.", AGAIN)
    normals, colors = _extras(table[:, 3:])
    return RawScan(np.ascontiguousarray(table[:, :3]), NO_FACES, normals, colors)


def _extras(table: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Normals are unit vectors, colours whole numbers up to 255; either may come first."""
    normals = colors = None
    for start in range(0, table.shape[1] - 2, 3):
        triple = table[:, start:start + 3]
        length = np.linalg.norm(triple, axis=1)
        if normals is None and np.allclose(length, 1.0, atol=0.02):
            normals = np.ascontiguousarray(triple)
        elif colors is None and triple.min() >= 0 and triple.max() <= 255:
            colors = triple.astype(np.uint8)
    return normals, colors
