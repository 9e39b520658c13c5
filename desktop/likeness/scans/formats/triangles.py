"""Polygons to triangles, and corners that carry more than a position to vertices of their own."""

import numpy as np
from jaxtyping import Int, Int32, Int64


def fan_corners(sizes: Int[np.ndarray, " P"]) -> Int64[np.ndarray, "F 3"]:
    """Places in the flat list of corners of polygons of these sizes, each cut into a fan."""
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1])) if len(sizes) else np.zeros(0, np.int64)
    counts = np.maximum(sizes - 2, 0)
    first = np.repeat(starts, counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack((first, first + step + 1, first + step + 2), axis=1).astype(np.int64)


def fan_owners(sizes: Int[np.ndarray, " P"]) -> Int64[np.ndarray, " F"]:
    """The polygon each triangle of `fan_corners` comes from."""
    return np.repeat(np.arange(len(sizes)), np.maximum(sizes - 2, 0)).astype(np.int64)


def split_corners(*keys: Int[np.ndarray, "F 3"]) -> tuple[Int64[np.ndarray, " M"],
                                                          Int32[np.ndarray, "F 3"]]:
    """A vertex for every different combination of keys at a corner.

    Returns a corner (its place in the flat list) that stands for each new vertex, and the faces
    over the new vertices. They are sorted by the first key, then the second, and so on.
    """
    combined = np.zeros(keys[0].size, np.int64)
    for key in keys:
        combined = combined * (int(key.max(initial=0)) + 1) + key.ravel()
    _, representative, faces = np.unique(combined, return_index=True, return_inverse=True)
    return representative, faces.reshape(-1, 3).astype(np.int32)
