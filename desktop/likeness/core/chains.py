"""Triangles after their corners were joined: what is folded forth and back between them cancels.

A surface is a chain of triangles, and joining vertices maps chains to chains (Munkres 1984,
Elements of algebraic topology, 12): what is left is as closed as the surface was.
"""

import numpy as np
from jaxtyping import Float64, Int32

from likeness.core.ordering import first_of_equal, order_by


def each_once(corners: Int32[np.ndarray, "F 3"],
              ) -> tuple[Int32[np.ndarray, " R"], Int32[np.ndarray, "R 3"],
                         Float64[np.ndarray, " R"]]:
    """Of triangles those with three corners, each once; the rows they stand for, and how many more
    of these look this way than the other.
    """
    a, b, c = corners.T
    rows = np.flatnonzero((a != b) & (b != c) & (c != a))
    a, b, c = (each[rows] for each in (a, b, c))
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    middle = a ^ b ^ c ^ low ^ high
    turn = np.where((a < b) ^ (b < c) ^ (c < a), -1.0, 1.0)  # two steps of three go up, or one
    order = order_by(low, middle, high)
    begins = np.flatnonzero(first_of_equal(low[order], middle[order], high[order]))
    net = np.add.reduceat(turn[order], begins) if len(begins) else turn
    first = order[begins]
    left = np.stack([low[first], middle[first], high[first]], axis=1)
    back = np.where(net == 0.0, turn[first], net) < 0.0
    left[back] = left[back][:, ::-1]
    return rows[first].astype(np.int32), left, np.abs(net)
