"""Which faces share which edges: pairs, open edges, edges where more than two faces meet."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int, Int32

from likeness.core.ordering import first_of_equal, order_by
from likeness.core.repeats import maybe_equal, mixed


@dataclass(frozen=True, eq=False)
class Edges:
    """The 3 F sides of faces, sorted so that sides along one edge follow each other.

    Side k F + f runs from corner k of face f to the next. Sides of twins (faces with the same
    corners as another one) and of faces without area come last and belong to no edge.
    """

    faces: Int32[np.ndarray, "F 3"]
    order: Int[np.ndarray, " S"]
    starts: Int[np.ndarray, " E"]
    twins: tuple[Int[np.ndarray, " T"], Int[np.ndarray, " T"]]

    @cached_property
    def counts(self) -> Int[np.ndarray, " E"]:
        """How many faces meet at each edge."""
        return np.diff(np.append(self.starts, len(self.order)))

    @cached_property
    def pairs(self) -> tuple[Int[np.ndarray, " M"], Int[np.ndarray, " M"]]:
        """The two faces of each edge that has two."""
        first, second = self.pair_sides
        return first % len(self.faces), second % len(self.faces)

    @cached_property
    def pair_sides(self) -> tuple[Int[np.ndarray, " M"], Int[np.ndarray, " M"]]:
        """The two sides of each edge that has two."""
        double = self.starts[self.counts == 2]
        return self.order[double], self.order[double + 1]

    @cached_property
    def agree(self) -> Bool[np.ndarray, " M"]:
        """Which pairs run along their edge in opposite directions, as neighbours should."""
        first, second = self.pair_sides
        return self.begins(first) != self.begins(second)

    @cached_property
    def open_sides(self) -> Int[np.ndarray, " O"]:
        """Sides that no second face shares."""
        return self.order[self.starts[self.counts == 1]]

    def rim(self, inside: Bool[np.ndarray, " F"]) -> Int[np.ndarray, " R"]:
        """Sides of faces inside along edges where no other face is."""
        count = len(self.faces)
        (a, b), (first, second) = self.pairs, self.pair_sides
        one, other = inside[a], inside[b]
        alone = np.concatenate((first[one & ~other], second[other & ~one], self.open_sides))
        crowded = self.crowded()
        counts = self.counts[self.counts > 2]
        held = inside[crowded % count]
        single = np.repeat(_summed(held, counts) == 1, counts) & held
        alone = np.concatenate((alone, crowded[single]))
        return alone[inside[alone % count]]

    def crowded(self) -> Int[np.ndarray, " C"]:
        """Sides along edges where more than two faces meet."""
        return self.order[np.repeat(self.counts > 2, self.counts)]

    def crowded_pairs(self, own: Int32[np.ndarray, "F 3"],
                      ) -> tuple[Int[np.ndarray, " M"], Int[np.ndarray, " M"]]:
        """The pairs of faces along crowded edges that share the edge by the file's own vertices."""
        sides = self.crowded()
        face, corner = sides % len(own), sides // len(own)
        a, b = own[face, corner].astype(np.int64), own[face, (corner + 1) % 3].astype(np.int64)
        key = np.minimum(a, b) << 32 | np.maximum(a, b)
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        pairs = first[np.diff(np.append(first, len(order))) == 2]
        return face[order[pairs]], face[order[pairs + 1]]

    def crowds(self) -> tuple[Int[np.ndarray, " M"], Int[np.ndarray, " M"]]:
        """A face of each crowded edge and, in turn, every other one there."""
        starts, counts = (each[self.counts > 2] for each in (self.starts, self.counts))
        first = np.repeat(self.order[starts], counts)
        return first % len(self.faces), self.crowded() % len(self.faces)

    def ends(self, sides: Int[np.ndarray, " O"],
             ) -> tuple[Int32[np.ndarray, " O"], Int32[np.ndarray, " O"]]:
        """The vertices that sides run from and to."""
        return self.begins(sides), self.begins((sides + len(self.faces)) % self.faces.size)

    def begins(self, sides: Int[np.ndarray, " O"]) -> Int32[np.ndarray, " O"]:
        """The vertices that sides run from."""
        return self._corners[sides]

    @cached_property
    def _corners(self) -> Int32[np.ndarray, " _"]:
        """The vertex that each side runs from."""
        return self.faces.T.ravel()


def _summed(values: Bool[np.ndarray, " C"], counts: Int[np.ndarray, " E"],
            ) -> Int[np.ndarray, " E"]:
    """How many are true of each run of values."""
    total = np.concatenate(([0], np.cumsum(values)))
    ends = np.cumsum(counts)
    return total[ends] - total[ends - counts]


def shared_edges(faces: Int32[np.ndarray, "F 3"]) -> Edges:
    """The edges of faces whose vertices at one place have one number."""
    twins = find_twins(faces)
    a, b, c = faces.T
    valid = (a != b) & (b != c) & (c != a)
    valid[twins[0]] = False
    start, end = np.concatenate((a, b, c)), np.concatenate((b, c, a))
    low, high = np.minimum(start, end), np.maximum(start, end)
    if not valid.all():
        sides = np.flatnonzero(np.tile(valid, 3))
        order = sides[order_by(low[sides], high[sides])]
    else:
        order = order_by(low, high)
    first = first_of_equal(low[order], high[order])
    return Edges(faces, order, np.flatnonzero(first), twins)


def find_twins(faces: Int32[np.ndarray, "F 3"],
               ) -> tuple[Int[np.ndarray, " T"], Int[np.ndarray, " T"]]:
    """Faces with the corners of an earlier one, whichever way round, and that one."""
    a, b, c = (np.ascontiguousarray(each) for each in faces.T)
    low, high = np.minimum(a, b), np.maximum(a, b)
    low, high, middle = (np.minimum(low, c), np.maximum(high, c),
                         np.maximum(low, np.minimum(high, c)))
    rows = maybe_equal(mixed(low, high, middle))  # nearly always none
    low, high, middle = low[rows], high[rows], middle[rows]
    order = order_by(low, high, middle)
    first = first_of_equal(low[order], high[order], middle[order])
    begin = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    return rows[order[~first]], rows[order[begin[~first]]]
