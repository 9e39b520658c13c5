"""Points spread evenly over a surface, the same ones every time."""

import numpy as np
from jaxtyping import Bool, Float, Float64, Int
from scipy import ndimage

from likeness.core.triangles import face_crosses, lengths

COUNT = 40_000
# Scanners give some places many times the points of others.
_MOST_POINTS, _MOST_FACES, _CELLS = 500_000, 200_000, 150
LONELY = 0.15  # of what the cell of a typical point holds
# Of the largest extent, so far apart is another thing; of the largest thing, so little is a stray.
_APART, _STRAY = 0.02, 0.1


def surface_points(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                   count: int = COUNT) -> Float64[np.ndarray, "K 3"]:
    """Of a mesh, points in proportion to area; of a cloud, one for every place it reaches."""
    if not len(faces):
        return _one_a_cell(vertices)
    some = faces[::max(1, len(faces) // _MOST_FACES)]
    if some.size < len(vertices):  # most vertices are at none of these
        few, some = vertices[some.T].reshape(-1, 3), np.arange(some.size).reshape(3, -1).T
    else:
        few = vertices
    few = few.astype(np.float64)  # whatever the unit, squares do not overflow
    total = np.cumsum(lengths(face_crosses(few, some)))
    if not total[-1] > 0:
        return vertices.astype(np.float64)
    # Evenly spaced in area and by a low-discrepancy sequence within each face.
    face = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1])
    face = np.minimum(face, len(some) - 1)
    u, v = (((np.arange(count) * step) % 1.0)[:, None] for step in (0.7548776662, 0.5698402910))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    a, b, c = (few[some[face, k]] for k in range(3))
    return a + u * (b - a) + v * (c - a)


def _one_a_cell(points: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "K 3"]:
    """A point for each of the cells that 150 make the largest extent."""
    few = points[::max(1, len(points) // _MOST_POINTS)].astype(np.float64)
    low, high = np.quantile(few, (0.001, 0.999), axis=0)
    size = max(float((high - low).max()) / _CELLS, 1e-12)
    # Strays may be light years away; their cells only need to differ from the others.
    cell = np.clip(np.floor((few - low) / size), -_CELLS, 2 * _CELLS).astype(np.int64) + _CELLS
    key = (cell[:, 0] * 4 * _CELLS + cell[:, 1]) * 4 * _CELLS + cell[:, 2]
    _, first, own, count = np.unique(key, return_index=True, return_inverse=True,
                                     return_counts=True)
    # Where most points have company, a lonely one is a stray.
    return few[np.sort(first[count >= LONELY * np.median(count[own])])]


def without_strays(points: Float64[np.ndarray, "K 3"]) -> Bool[np.ndarray, " K"]:
    """Which points, of some spread over a surface, are of no small thing apart from the rest."""
    low, high = np.quantile(points, (0.001, 0.999), axis=0)
    size = max(_APART * float((high - low).max()), 1e-12)
    most = np.ceil((high - low) / size).astype(np.int64) + 1
    cell = np.clip(np.floor((points - low) / size), -1, most).astype(np.int64) + 1
    grid = np.zeros(most + 2, bool)
    grid[tuple(cell.T)] = True
    own = ndimage.label(grid, np.ones((3, 3, 3)))[0][tuple(cell.T)]
    count = np.bincount(own)
    return count[own] > _STRAY * count.max()
