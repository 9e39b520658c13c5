"""Sorting rows by numbers that are small: vertices, pieces, cells."""

import numpy as np
from jaxtyping import Bool, Int
from scipy.sparse import coo_array

_LARGE = 2**25  # keys up to here have a table of all that may be,
_SPARSE = 16  # unless it would be so many times as long as the rows


def order_by(*keys: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Rows in the order of the first key, then of the second and so on; equals keep their order.

    Keys are not negative and of the rows' magnitude: time and memory grow with the largest. Each is
    one counting sort (Knuth, volume 3, 5.2), as building a sparse matrix is one: on the sides of a
    mesh's faces five times faster than comparing.
    """
    order = _counted(keys[-1])
    for key in reversed(keys[:-1]):
        order = order[_counted(key[order])]
    return order


def first_of_equal(*keys: Int[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Which rows of sorted keys differ from the one before."""
    first = np.zeros(len(keys[0]), bool)
    first[:1] = True
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def numbered(key: Int[np.ndarray, " n"]) -> tuple[int, Int[np.ndarray, " n"]]:
    """How many different keys there are, and each row's number among them, in their order.

    As long as keys are neither negative nor huge, without sorting them.
    """
    if (len(key) == 0 or int(key.min()) < 0
            or int(key.max()) >= min(_LARGE, _SPARSE * len(key))):
        unique, number = np.unique(key, return_inverse=True)
        return len(unique), number
    there = np.zeros(int(key.max()) + 1, bool)
    there[key] = True
    number = np.cumsum(there, dtype=np.int32)  # half as wide as in the end: the table is long
    return int(number[-1]), number[key].astype(np.int64) - 1


def _counted(key: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    if len(key) == 0:
        return np.zeros(0, np.int32)
    place = np.arange(len(key), dtype=np.int32 if len(key) < 2**31 else np.int64)
    table = coo_array((np.ones(len(key), np.int8), (key, place)),
                      shape=(int(key.max()) + 1, len(key)))
    return table.tocsr().indices
