"""Points by the small cube they lie in."""

import numpy as np
from jaxtyping import Float, Float64, Int, Num

from likeness.core.ordering import numbered

MET = 1.29  # cubes that a person's skin goes through, for each that its area has; measured
_FARTHEST = 2**20  # cubes along an axis, of which three fit into 64 bits
_SOME = 100  # of the points every so manieth tells where most are


def cells(points: Float[np.ndarray, "N 3"], size_m: float, shift: float = 0.0,
          ) -> tuple[int, Int[np.ndarray, " N"]]:
    """How many cubes of that size have points, and each point's own, numbered along x, y, z.

    The first begin where the points do, or that share of a cube before. Points too far off for a
    number share the outermost. Coordinate by coordinate, which takes a fifth of the time of whole
    rows.
    """
    key = np.zeros(len(points), np.int64)
    for coordinate in points.T:
        own = np.ascontiguousarray(coordinate)
        begin = max(own.min(), np.median(own[::_SOME]) - 0.5 * _FARTHEST * size_m)
        place = np.clip((own - begin) / size_m + shift, 0, _FARTHEST).astype(np.int64)
        key = key * (place.max() + 1) + place
    return numbered(key)


def cell_means(points: Float[np.ndarray, "N 3"], size_m: float,
               ) -> tuple[Float64[np.ndarray, "M 3"], Int[np.ndarray, " N"]]:
    """The mean of the points in each cube that has any, and each point's cube."""
    count, cell = cells(points, size_m)
    return means(points, cell, count), cell


def means(values: Num[np.ndarray, "N 3"], cell: Int[np.ndarray, " N"], count: int,
          ) -> Float64[np.ndarray, "M 3"]:
    """The mean of the rows of each of so many numbers; larger ones are of nothing."""
    held = np.bincount(cell, minlength=count)[:count]
    return np.stack([np.bincount(cell, np.ascontiguousarray(each), count)[:count] / held
                     for each in values.T], axis=1)
