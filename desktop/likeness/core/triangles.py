"""Plain geometry of triangles, for meshes of millions."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32, Num
from scipy.sparse import csc_array

from likeness.core.threads import R, together

_BLOCK = 65_536


def by_blocks(work: Callable[[slice, list[Num[np.ndarray, " _"]]], R],
              table: Num[np.ndarray, "N K"]) -> list[R]:
    """What `work` makes of rows of faces or points and their columns side by side, on all cores.

    Of so many at a time that they stay in the cache.
    """
    def done(start: int) -> R:
        block = slice(start, start + _BLOCK)
        return work(block, [np.ascontiguousarray(column) for column in table[block].T])

    starts = range(0, len(table), _BLOCK)
    return together(done, starts) if len(starts) > 1 else [done(start) for start in starts]


def face_crosses(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                 ) -> Float[np.ndarray, "F 3"]:
    """Normal of each face, as long as twice its area in square metres.

    Coordinate by coordinate, which takes half the time of gathering whole corners, and in blocks
    that stay in the cache, which takes a third of what millions of triangles do at once.
    """
    coordinates = [np.ascontiguousarray(each) for each in vertices.T]
    cross = np.empty((len(faces), 3), vertices.dtype)

    def fill(block: slice, corners: list[Int[np.ndarray, " _"]]) -> None:
        first, second, third = corners
        along, across = [], []
        for coordinate in coordinates:
            origin = coordinate[first]
            along.append(coordinate[second] - origin)
            across.append(coordinate[third] - origin)
        for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
            cross[block, k] = along[i] * across[j] - along[j] * across[i]

    by_blocks(fill, faces)
    return cross


def sums_at_corners(faces: Int[np.ndarray, "F 3"], values: Float[np.ndarray, "F 3"], count: int,
                    ) -> Float[np.ndarray, "N 3"]:
    """For each of `count` vertices the sum of the values of the faces around."""
    return np.stack([sum(np.bincount(faces[:, i], values[:, k], count) for i in range(3))
                     for k in range(3)], axis=1, dtype=np.float64)  # without faces, too


def corners_around(some: Int[np.ndarray, "A 3"], faces: Int[np.ndarray, "F 3"], count: int,
                   rings: int = 0) -> Bool[np.ndarray, " N"]:
    """The corners of some of the faces, and of so many rings of `faces` around them."""
    found = np.zeros(count, bool)
    found[some] = True
    for _ in range(rings):
        found[faces[found[faces].any(axis=1)]] = True
    return found


def corners_of(faces: Int[np.ndarray, "F 3"], count: int) -> csc_array:
    """A matrix (N, F) that sums what faces have at the `count` vertices, in single precision.

    Faster than `sums_at_corners` by far where there are millions of faces.
    """
    ends = np.arange(0, faces.size + 1, 3, dtype=np.int32)
    return csc_array((np.ones(faces.size, np.float32), faces.ravel(), ends),
                     shape=(count, len(faces)))


def face_sums(vertices: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"],
              ) -> Float32[np.ndarray, "F 3"]:
    """Of each face the sum of its three corners, in blocks as `face_crosses`."""
    coordinates = [np.ascontiguousarray(each) for each in vertices.T]
    sums = np.empty((len(faces), 3), np.float32)

    def fill(block: slice, corners: list[Int[np.ndarray, " _"]]) -> None:
        first, second, third = corners
        for k, own in enumerate(coordinates):
            sums[block, k] = own[first] + own[second] + own[third]

    by_blocks(fill, faces)
    return sums


def middles_of(vertices: Float32[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
               ) -> tuple[Float32[np.ndarray, "F 3"], Float32[np.ndarray, " F"]]:
    """The middle of each face, and how far its farthest corner is from there; as `face_sums`."""
    coordinates = [np.ascontiguousarray(each) for each in vertices.T]
    middles, width = np.empty((len(faces), 3), np.float32), np.empty(len(faces), np.float32)

    def fill(block: slice, corners: list[Int[np.ndarray, " _"]]) -> None:
        apart = np.zeros((3, len(corners[0])), np.float32)
        for k, own in enumerate(coordinates):
            places = [own[corner] for corner in corners]
            middles[block, k] = sum(places) / np.float32(3)
            apart += np.square(places - middles[block, k])
        width[block] = np.sqrt(apart.max(axis=0))

    by_blocks(fill, faces)
    return middles, width


def lengths(vectors: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
    """Euclidean length of each."""
    return np.sqrt(np.einsum("nc,nc->n", vectors, vectors))


def apart_from(corners: Float32[np.ndarray, "*k 3 3"], points: Float32[np.ndarray, "*m 3"],
               ) -> Float32[np.ndarray, "*k"]:
    """How far points are from triangles: from the plane above the inside, else from the sides.

    The regions of Ericson 2005 (Real-time collision detection, 5.1.5); a triangle without area is
    its sides.
    """
    a, b, c = (corners[..., k, :] for k in range(3))
    up = np.cross(b - a, c - a)
    inside, nearest = np.ones(up.shape[:-1], bool), np.full(up.shape[:-1], np.inf, np.float32)
    for start, end in ((a, b), (b, c), (c, a)):
        side, way = end - start, points - start
        part = _dot(way, side) / np.maximum(_dot(side, side), np.float32(1e-20))
        rest = way - np.clip(part, 0, 1)[..., None] * side
        np.minimum(nearest, _dot(rest, rest), out=nearest)
        inside &= _dot(np.cross(side, way), up) >= 0
    size = _dot(up, up)
    inside &= size > 0
    above = _dot(points - a, up)[inside]
    nearest[inside] = above * above / size[inside]
    return np.sqrt(nearest)


def _dot(one: Float[np.ndarray, "*k 3"], other: Float[np.ndarray, "*k 3"],
         ) -> Float[np.ndarray, "*k"]:
    return np.einsum("...c,...c->...", one, other)
