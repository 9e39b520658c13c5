"""Which of many points are nearest to a place: k-d trees (Bentley 1975)."""

import os
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from likeness.core.threads import together

_PART = 4096


def _loaded() -> Any:
    """The library's class, without its own threads.

    These wait for each other in a loop, on cores that others need.
    """
    asked = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # is looked at once, now
    try:
        from pykdtree.kdtree import KDTree
    finally:
        del os.environ["OMP_NUM_THREADS"]
        if asked is not None:
            os.environ["OMP_NUM_THREADS"] = asked
    return KDTree


_KDTree = _loaded()


def in_parts(places: Float[np.ndarray, "K D"]) -> list[Float[np.ndarray, "_ D"]]:
    """As many in each as one core looks up at a time."""
    return np.split(places, range(_PART, len(places), _PART))


class PointTree:
    """Points made ready for being looked up, in their own precision; not to be changed after."""

    def __init__(self, points: Float[np.ndarray, "N D"]) -> None:
        self.count = len(points)
        self._kind = points.dtype
        self._tree: Any = _KDTree(np.ascontiguousarray(points)) if self.count else None

    def nearest(self, places: Float[np.ndarray, "K D"], count: int, within: float = np.inf,
                ) -> tuple[Float[np.ndarray, "K k"], Int64[np.ndarray, "K k"]]:
        """How far the nearest `count` points are from each place, from near to far, and which.

        Fewer where there are no more; what is not `within` that distance is infinitely far and has
        the number of points for its index. Many places are looked up on all cores.
        """
        look = partial(self._found, count=min(count, self.count), within=within)
        if len(places) <= _PART:
            return look(places)
        apart, index = (np.concatenate(each) for each in
                        zip(*together(look, in_parts(places)), strict=True))
        return apart, index

    def one_nearest(self, places: Float[np.ndarray, "K D"], within: float = np.inf,
                    ) -> tuple[Float[np.ndarray, " K"], Int64[np.ndarray, " K"]]:
        """As `nearest`, of the one nearest to each."""
        apart, index = self.nearest(places, 1, within)
        return apart[:, 0], index[:, 0]

    def _found(self, places: Float[np.ndarray, "K D"], count: int, within: float,
               ) -> tuple[Float[np.ndarray, "K k"], Int64[np.ndarray, "K k"]]:
        shape = len(places), count
        if 0 in shape:
            return np.zeros(shape, self._kind), np.zeros(shape, np.int64)
        apart, index = self._tree.query(np.ascontiguousarray(places, self._kind), count,
                                        distance_upper_bound=None if within == np.inf else within)
        return apart.reshape(shape), index.reshape(shape).astype(np.int64)
