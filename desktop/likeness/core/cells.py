"""Points by the small cube they lie in."""

import numpy as np
from jaxtyping import Float, Int

from likeness.core.ordering import numbered


def cells(points: Float[np.ndarray, "N 3"], size_m: float) -> tuple[int, Int[np.ndarray, " N"]]:
    """How many cubes of that size have points, and each point's own, numbered along x, y, z.

    Coordinate by coordinate, which takes a fifth of the time of whole rows.
    """
    key = np.zeros(len(points), np.int64)
    for coordinate in points.T:
        own = np.ascontiguousarray(coordinate)
        place = ((own - own.min()) / size_m).astype(np.int64)
        key = key * (place.max() + 1) + place
    return numbered(key)
