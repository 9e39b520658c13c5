"""Points spread evenly over a surface, the same ones every time."""

import numpy as np
from jaxtyping import Float, Float64, Int

COUNT = 40_000


def surface_points(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                   count: int = COUNT) -> Float64[np.ndarray, "K 3"]:
    """Of a mesh, points in proportion to area; of a cloud, every so many points."""
    if not len(faces):
        step = max(1, len(vertices) // count)
        return vertices[::step].astype(np.float64)
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    total = np.cumsum(areas)
    if not total[-1] > 0:
        return vertices.astype(np.float64)
    # Evenly spaced in area and by a low-discrepancy sequence within each face.
    face = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1])
    face = np.minimum(face, len(faces) - 1)
    u, v = (((np.arange(count) * step) % 1.0)[:, None] for step in (0.7548776662, 0.5698402910))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    return a[face] + u * (b - a)[face] + v * (c - a)[face]
