"""A coarser copy of a scan for motion: vertices that share a cell become one."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, Int32, Int64, UInt8

from likeness.core.cells import cells

_SAMPLE = 20_000


@dataclass(frozen=True, eq=False)
class Proxy:
    """The copy; `rows` says which face (point of a cloud) each of its own stands for."""

    vertices: Float32[np.ndarray, "M 3"]
    faces: Int32[np.ndarray, "G 3"]
    colors: UInt8[np.ndarray, "M 3"] | None
    rows: Int32[np.ndarray, " R"]


def decimated(
    vertices: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"],
    colors: UInt8[np.ndarray, "N 3"] | None, target_faces: int,
) -> Proxy:
    """About `target_faces` triangles, or as many points of a cloud; less where that is enough."""
    if not len(faces):
        keep = np.arange(0, len(vertices), max(1, -(-len(vertices) // target_faces)))
        return Proxy(vertices[keep], faces, None if colors is None else colors[keep],
                     keep.astype(np.int32))
    if len(faces) <= target_faces:
        return Proxy(vertices, faces, colors, np.arange(len(faces), dtype=np.int32))
    first, cell = _cells(vertices, cell_size(vertices, faces, target_faces))
    a, b, c = (cell[np.ascontiguousarray(corner)] for corner in faces.T)
    rows = np.flatnonzero((a != b) & (b != c) & (c != a)).astype(np.int32)
    coarse = np.stack((a[rows], b[rows], c[rows]), axis=1)
    return Proxy(vertices[first], coarse, None if colors is None else colors[first], rows)


def cell_size(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
              target: int) -> float:
    """Metres: a surface crosses about area / size² cells and keeps some two faces for each."""
    few = faces[::max(1, len(faces) // _SAMPLE)]
    a, b, c = (vertices[few[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).mean() * len(faces)
    return float(np.sqrt(3.0 * area / target)) or 1e-3


def _cells(vertices: Float32[np.ndarray, "N 3"], size: float,
           ) -> tuple[Int64[np.ndarray, " M"], Int32[np.ndarray, " N"]]:
    """A vertex that stands for each cell in use, and each vertex's cell."""
    count, cell = cells(vertices, size)
    first = np.empty(count, np.int64)
    first[cell[::-1]] = np.arange(len(cell))[::-1]  # what is written last stays
    return first, cell.astype(np.int32)
