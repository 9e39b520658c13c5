"""The avatar in the scan's pose as binary PLY, with normals and the confidence of every vertex.

All vertices are written, in the avatar's order, so that numbers agree with the .npz; the faces of
the interior (eyeballs, mouth cavity) are left out.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float32

from likeness import __version__
from likeness.avatars.avatar import Avatar
from likeness.avatars.surface import skin_mask, vertex_normals

_PROPERTIES = ("x", "y", "z", "nx", "ny", "nz", "confidence")


def write_ply(avatar: Avatar, confidence: Float32[np.ndarray, " V"], path: Path) -> None:
    """Write little-endian; `confidence` is 0 where the scan was silent, 1 where it was clear."""
    faces = avatar.faces[skin_mask(avatar)]
    normals = vertex_normals(avatar.vertices, faces)
    rows = np.hstack((avatar.vertices, normals, confidence[:, None])).astype("<f4")
    corners = np.empty(len(faces), np.dtype([("count", "u1"), ("corners", "<i4", 3)]))
    corners["count"], corners["corners"] = 3, faces
    path.write_bytes(_header(len(rows), len(faces)) + rows.tobytes() + corners.tobytes())


def _header(vertices: int, faces: int) -> bytes:
    lines = ("ply", "format binary_little_endian 1.0",
             f"comment Likeness {__version__}: metres, y up", f"element vertex {vertices}",
             *(f"property float {name}" for name in _PROPERTIES), f"element face {faces}",
             "property list uchar int vertex_indices", "end_header")
    return ("\n".join(lines) + "\n").encode()
