"""Which faces share which edges: pairs, open edges, edges where more than two faces meet."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int, Int32, Int64


@dataclass(frozen=True, eq=False)
class Edges:
    """The 3 F sides of faces, sorted so that sides along one edge follow each other.

    Side k F + f runs from corner k of face f to the next. Sides of twins (faces with the same
    corners as another one) and of faces without area come last and belong to no edge.
    """

    faces: Int32[np.ndarray, "F 3"]
    order: Int64[np.ndarray, " S"]
    starts: Int64[np.ndarray, " E"]
    twins: tuple[Int64[np.ndarray, " T"], Int64[np.ndarray, " T"]]

    @cached_property
    def counts(self) -> Int64[np.ndarray, " E"]:
        """How many faces meet at each edge."""
        return np.diff(np.append(self.starts, len(self.order)))

    @property
    def pairs(self) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " M"]]:
        """The two faces of each edge that has two."""
        first, second = self.pair_sides
        return first % len(self.faces), second % len(self.faces)

    @property
    def pair_sides(self) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " M"]]:
        """The two sides of each edge that has two."""
        double = self.starts[self.counts == 2]
        return self.order[double], self.order[double + 1]

    @property
    def open_sides(self) -> Int64[np.ndarray, " O"]:
        """Sides that no second face shares."""
        return self.order[self.starts[self.counts == 1]]

    def crowded(self) -> Int64[np.ndarray, " C"]:
        """Sides along edges where more than two faces meet."""
        return self.order[np.repeat(self.counts > 2, self.counts)]

    def crowded_pairs(self, own: Int32[np.ndarray, "F 3"],
                      ) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " M"]]:
        """The pairs of faces along crowded edges that share the edge by the file's own vertices."""
        sides = self.crowded()
        face, corner = sides % len(own), sides // len(own)
        a, b = own[face, corner].astype(np.int64), own[face, (corner + 1) % 3].astype(np.int64)
        key = np.minimum(a, b) << 32 | np.maximum(a, b)
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        pairs = first[np.diff(np.append(first, len(order))) == 2]
        return face[order[pairs]], face[order[pairs + 1]]

    def crowds(self) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " M"]]:
        """A face of each crowded edge and, in turn, every other one there."""
        starts, counts = (each[self.counts > 2] for each in (self.starts, self.counts))
        first = np.repeat(self.order[starts], counts)
        return first % len(self.faces), self.crowded() % len(self.faces)

    def ends(self, sides: Int[np.ndarray, " O"],
             ) -> tuple[Int32[np.ndarray, " O"], Int32[np.ndarray, " O"]]:
        """The vertices that sides run from and to."""
        face, corner = sides % len(self.faces), sides // len(self.faces)
        return self.faces[face, corner], self.faces[face, (corner + 1) % 3]


def shared_edges(faces: Int32[np.ndarray, "F 3"], vertices: int) -> Edges:
    """The edges of faces whose vertices at one place have one number."""
    twins = _twins(faces)
    a, b, c = faces.T
    valid = (a != b) & (b != c) & (c != a)
    valid[twins[0]] = False
    start = np.concatenate((a, b, c)).astype(np.int64)
    end = np.concatenate((b, c, a)).astype(np.int64)
    key = np.minimum(start, end) * vertices + np.maximum(start, end)
    sides = np.flatnonzero(np.tile(valid, 3))
    order = sides[np.argsort(key[sides])]
    ordered = key[order]
    first: Bool[np.ndarray, " S"] = np.ones(len(order), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return Edges(faces, order, np.flatnonzero(first), twins)


def _twins(faces: Int32[np.ndarray, "F 3"],
           ) -> tuple[Int64[np.ndarray, " T"], Int64[np.ndarray, " T"]]:
    """Faces with the corners of an earlier one, whichever way round, and that one."""
    low, high = faces.min(axis=1).astype(np.uint64), faces.max(axis=1).astype(np.uint64)
    middle = faces.sum(axis=1, dtype=np.int64).astype(np.uint64) - low - high
    # One odd multiplier spreads the third corner over the bits of the other two.
    key = (low << np.uint64(32) | high) ^ (middle * np.uint64(0x9E3779B97F4A7C15))
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    if not same.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    later = np.flatnonzero(same) + 1
    begin = np.maximum.accumulate(np.where(np.append(False, same), 0, np.arange(len(order))))
    twin, original = order[later], order[begin[later]]
    true = (low[twin] == low[original]) & (high[twin] == high[original])
    true &= middle[twin] == middle[original]
    return twin[true].astype(np.int64), original[true].astype(np.int64)
