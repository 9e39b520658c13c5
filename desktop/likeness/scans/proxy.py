"""A coarser copy of a scan to draw: vertices that share a cell become one, their mean.

Vertex clustering (Rossignac and Borrel 1993); means, for of noisy vertices no single one lies on
the surface.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8

from likeness.core.cells import cell_means, cells
from likeness.core.chains import each_once
from likeness.core.triangles import face_crosses, lengths, sums_at_corners

_SAMPLE = 100_000  # vertices that tell how many cells the surface fills,
_ENOUGH = 8  # as long as there are so many for each;
_ACROSS, _HALVED = 10, 24  # first of so many cells over the whole, then so often of half the size
_FACES_A_CELL = 3.2  # two of a smooth surface, three of a scan, six of mere noise


@dataclass(frozen=True, eq=False)
class Proxy:
    """The copy; `rows` says which face (point of a cloud) each of its own stands for.

    `normals` are those of what the vertices stand for, however noise folds it: None for a cloud or
    where nothing had to be made coarser.
    """

    vertices: Float32[np.ndarray, "M 3"]
    faces: Int32[np.ndarray, "G 3"]
    colors: UInt8[np.ndarray, "M 3"] | None
    rows: Int32[np.ndarray, " R"]
    normals: Float32[np.ndarray, "M 3"] | None = None


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
    means, cell = cell_means(vertices, cell_size(vertices, faces, target_faces))
    mean, cell = means.astype(np.float32), cell.astype(np.int32)
    corners = np.stack([cell[np.ascontiguousarray(corner)] for corner in faces.T], axis=1)
    rows, coarse, net = each_once(corners)
    normals = _normals(mean, coarse, net)
    tinted = None
    if colors is not None:
        tinted = np.empty((len(mean), 3), np.uint8)
        tinted[cell[::-1]] = colors[::-1]  # what is written last stays
    return Proxy(mean, _towards(normals, mean, coarse), tinted, rows, normals)


def _normals(vertices: Float32[np.ndarray, "M 3"], faces: Int32[np.ndarray, "G 3"],
             net: Float64[np.ndarray, " G"]) -> Float32[np.ndarray, "M 3"]:
    """Unit normals of all that the faces stand for: what is folded forth and back cancels.

    Where all of it does, as at a thin sheet with two sides, those of the faces alone.
    """
    across = face_crosses(vertices, faces).astype(np.float64)
    sums = sums_at_corners(faces, net[:, None] * across, len(vertices))
    alone = sums_at_corners(faces, across, len(vertices))
    length = lengths(sums)
    none = length < 0.01 * lengths(alone)
    sums[none], length[none] = alone[none], lengths(alone[none])
    return (sums / np.maximum(length, 1e-30)[:, None]).astype(np.float32)


def _towards(normals: Float32[np.ndarray, "M 3"], vertices: Float32[np.ndarray, "M 3"],
             faces: Int32[np.ndarray, "G 3"]) -> Int32[np.ndarray, "G 3"]:
    """The faces turned to where their corners look: what is left of folds is lit as the rest."""
    along = (face_crosses(vertices, faces) * normals[faces].sum(axis=1)).sum(axis=1)
    return np.where((along < 0.0)[:, None], faces[:, ::-1], faces)


def cell_size(vertices: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"],
              target: int) -> float:
    """Metres of cells that leave about so many faces.

    What cells are in use at a coarse size tells how many a fine one has; triangles would mislead:
    noise of their own length multiplies their area.
    """
    few = vertices[np.unique(faces[::max(1, 3 * len(faces) // _SAMPLE)])]
    wanted = size = float(np.ptp(few, axis=0).max()) / _ACROSS or 1e-3
    for attempt in range(_HALVED):  # bounded: vertices that coincide never fill more cells
        count, _ = cells(few, size)
        if attempt and count > len(few) / _ENOUGH:  # more than so few vertices can tell
            break
        wanted = size * float(np.sqrt(_FACES_A_CELL * count / target))
        if wanted > 0.8 * size:
            break
        size = max(wanted, 0.5 * size)
    return wanted
