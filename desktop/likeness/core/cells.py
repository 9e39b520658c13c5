"""Points by the small cube they lie in."""

import numpy as np
from jaxtyping import Float, Int

from likeness.core.ordering import numbered

_FARTHEST = 2**20  # cubes along an axis, of which three fit into 64 bits


def cells(points: Float[np.ndarray, "N 3"], size_m: float) -> tuple[int, Int[np.ndarray, " N"]]:
    """How many cubes of that size have points, and each point's own, numbered along x, y, z.

    Points too far off for a number share the outermost. Coordinate by coordinate, which takes a
    fifth of the time of whole rows.
    """
    key = np.zeros(len(points), np.int64)
    for coordinate in points.T:
        own = np.ascontiguousarray(coordinate)
        place = np.minimum((own - own.min()) / size_m, _FARTHEST).astype(np.int64)
        key = key * (place.max() + 1) + place
    return numbered(key)
