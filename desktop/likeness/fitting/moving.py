"""Triangles of which few move, ready for rays."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, Int64

from likeness.scans.rays import first_hits, hits, scene_of


@dataclass(frozen=True, eq=False)
class Moving:
    """A tree of all triangles where they began and, once some have moved, a small one of these.

    A tree takes a hundred times as long to make as a thousand rays take.
    """

    began: Float64[np.ndarray, "N 3"]
    triangles: Int[np.ndarray, "T 3"]
    whole: Any
    moved: Bool[np.ndarray, " T"] | None = None
    since: Any = None

    @staticmethod
    def of(vertices: Float64[np.ndarray, "N 3"], triangles: Int[np.ndarray, "T 3"]) -> "Moving":
        """Where they begin."""
        return Moving(vertices, triangles, scene_of(vertices.astype(np.float32), triangles))

    def at(self, vertices: Float64[np.ndarray, "N 3"]) -> "Moving":
        """The same with their vertices elsewhere."""
        moved = (vertices != self.began).any(axis=1)[self.triangles].any(axis=1)
        if not moved.any():
            return replace(self, moved=None, since=None)
        return replace(self, moved=moved,
                       since=scene_of(vertices.astype(np.float32), self.triangles[moved]))

    def hits(self, origins: Float[np.ndarray, "K 3"], ways: Float[np.ndarray, "K 3"],
             ) -> tuple[Int64[np.ndarray, " H"], Int64[np.ndarray, " H"], Float32[np.ndarray, " H"],
                        ]:
        """As `scans.rays.hits`."""
        row, triangle, at = hits(self.whole, origins, ways)
        if self.moved is None:
            return row, triangle, at
        stays = ~self.moved[triangle]
        again, among, then = hits(self.since, origins, ways)
        return (np.concatenate((row[stays], again)),
                np.concatenate((triangle[stays], np.flatnonzero(self.moved)[among])),
                np.concatenate((at[stays], then)))

    def first_hits(self, origins: Float[np.ndarray, "K 3"], ways: Float[np.ndarray, "K 3"],
                   ) -> tuple[Int64[np.ndarray, " K"], Float32[np.ndarray, " K"]]:
        """As `scans.rays.first_hits`."""
        if self.moved is None:
            return first_hits(self.whole, origins, ways)
        row, triangle, at = self.hits(origins, ways)
        last = np.argsort(-at, kind="stable")  # written over again and again: the nearest stays
        first, nearest = np.full(len(origins), -1), np.full(len(origins), np.inf, np.float32)
        first[row[last]], nearest[row[last]] = triangle[last], at[last]
        return first, nearest
