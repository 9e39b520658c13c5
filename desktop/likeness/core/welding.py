"""Vertices at exactly the same place: soups of triangles and seams of textures share them."""

import numpy as np
from jaxtyping import Float, Int32, Int64, UInt64

from likeness.core.repeats import maybe_equal, mixed


def same_places(vertices: Float[np.ndarray, "N 3"]) -> tuple[Int64[np.ndarray, " M"],
                                                            Int64[np.ndarray, " N"]]:
    """The first vertex at each distinct place, in their order, and each vertex's place in it."""
    _, first, inverse = np.unique(_hashes(vertices), return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order].astype(np.int64), rank[inverse].astype(np.int64)


def first_there(vertices: Float[np.ndarray, "N 3"]) -> Int32[np.ndarray, " N"]:
    """For each vertex the first one at its place: faces over these know no seams."""
    hashes = _hashes(vertices)
    rows = maybe_equal(hashes)
    _, first, inverse = np.unique(hashes[rows], return_index=True, return_inverse=True)
    there = np.arange(len(vertices), dtype=np.int32)
    there[rows] = rows[first[inverse]]
    return there


def _hashes(vertices: Float[np.ndarray, "N 3"]) -> UInt64[np.ndarray, " N"]:
    """64 bits for the exact coordinates: ten million differ with a chance above 0.99999."""
    bits = np.uint32 if vertices.dtype == np.float32 else np.uint64
    return mixed(*((each + vertices.dtype.type(0)).view(bits) for each in vertices.T))  # -0.0 is 0
