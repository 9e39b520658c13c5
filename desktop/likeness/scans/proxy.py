"""A coarser copy of a scan for motion: vertices that share a cell become one, their mean.

Vertex clustering (Rossignac and Borrel 1993); means, for of noisy vertices no single one lies on
the surface.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32, UInt8

from likeness.core.cells import cells
from likeness.core.ordering import first_of_equal, order_by

_SAMPLE, _ACROSS = 200_000, 150  # vertices looked at, in so many cells over the whole
_FACES_A_CELL = 2.2  # two of a smooth surface, a few more where noise crosses cells


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
    mean, cell = _clustered(vertices, _cell_size(vertices, target_faces))
    corners = np.stack([cell[np.ascontiguousarray(corner)] for corner in faces.T], axis=1)
    rows, coarse = _surviving(corners)
    tinted = None
    if colors is not None:
        tinted = np.empty((len(mean), 3), np.uint8)
        tinted[cell[::-1]] = colors[::-1]  # what is written last stays
    return Proxy(mean, coarse, tinted, rows)


def _surviving(corners: Int32[np.ndarray, "F 3"],
               ) -> tuple[Int32[np.ndarray, " R"], Int32[np.ndarray, "R 3"]]:
    """Of triangles by their cells those with three, each once, and the rows they stand for.

    Two on the same cells that look opposite ways cancel: where noise folds the surface back and
    forth, one layer of it is left, and what was closed still is.
    """
    a, b, c = corners.T
    rows = np.flatnonzero((a != b) & (b != c) & (c != a))
    ordered = np.sort(corners[rows], axis=1)
    low, middle, high = ordered.T
    place = (corners[rows] == low[:, None]).argmax(axis=1)
    turn = np.where(corners[rows, (place + 1) % 3] == middle, 1, -1)
    order = order_by(low, middle, high)
    begins = np.flatnonzero(first_of_equal(low[order], middle[order], high[order]))
    net = np.add.reduceat(turn[order], begins) if len(begins) else turn
    begins, net = begins[net != 0], net[net != 0]
    left = ordered[order[begins]]
    left[net < 0] = left[net < 0][:, ::-1]
    return rows[order[begins]].astype(np.int32), left


def _cell_size(vertices: Float32[np.ndarray, "N 3"], target: int) -> float:
    """Metres: what cells are in use at a coarse size tells how many a fine one has.

    Triangles would mislead: noise of their own length multiplies their area.
    """
    few = vertices[::max(1, len(vertices) // _SAMPLE)]
    low, high = np.percentile(few, (1, 99), axis=0)
    size = float((high - low).max()) / _ACROSS or 1e-3
    count, _ = cells(few, size)
    return size * float(np.sqrt(_FACES_A_CELL * count / target))


def _clustered(vertices: Float32[np.ndarray, "N 3"], size: float,
               ) -> tuple[Float32[np.ndarray, "M 3"], Int32[np.ndarray, " N"]]:
    """The mean of the vertices in each cell in use, and each vertex's cell."""
    count, cell = cells(vertices, size)
    held = np.bincount(cell, minlength=count)
    mean = np.stack([np.bincount(cell, np.ascontiguousarray(each), count) / held
                     for each in vertices.T], axis=1)
    return mean.astype(np.float32), cell.astype(np.int32)
