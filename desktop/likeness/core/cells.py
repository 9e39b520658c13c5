"""Points by the small cube they lie in."""

import numpy as np
from jaxtyping import Float, Int

from likeness.core.ordering import numbered

_FARTHEST = 2**20  # cubes along an axis, of which three fit into 64 bits
_SOME = 100  # of the points every so manieth tells where most are


def cells(points: Float[np.ndarray, "N 3"], size_m: float) -> tuple[int, Int[np.ndarray, " N"]]:
    """How many cubes of that size have points, and each point's own, numbered along x, y, z.

    Points too far off for a number share the outermost. Coordinate by coordinate, which takes a
    fifth of the time of whole rows.
    """
    key = np.zeros(len(points), np.int64)
    for coordinate in points.T:
        own = np.ascontiguousarray(coordinate)
        begin = max(own.min(), np.median(own[::_SOME]) - 0.5 * _FARTHEST * size_m)
        place = np.clip((own - begin) / size_m, 0, _FARTHEST).astype(np.int64)
        key = key * (place.max() + 1) + place
    return numbered(key)
