"""Skin that runs through other skin, parted where it does: fingers, toes, armpits, ears.

Both sides give way by as much, inwards, each along its own normals: a little in every round, until
no vertex lies inside of another part and no edge goes through a triangle. All other skin stays.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float64, Int
from scipy.sparse import csr_array

from likeness.core.components import components
from likeness.core.triangles import face_crosses, lengths, sums_at_corners
from likeness.fitting.laplacian import neighbour_mean
from likeness.scans.rays import first_hits, hits, scene_of

_ROUNDS = 10
# The most that a vertex moves in all rounds: so much, or a third of the body's thickness there.
_MOST_M, _MOST_SHARE, _THIN_M = 0.006, 1 / 3, 0.003
_GAP_M = 1e-4  # what is left between the sides
_OFF_M = 5e-5  # from where on the skin to look: well above rounding, well below what is seen
_FAR = 4  # times that, where skin meets skin at an acute angle
_BEYOND = 1e-3  # of an edge, so that a ray along it does not meet all that begins where it does
_SPREAD, _SHARE = 2, 0.7  # of a vertex's way its neighbours go along, and theirs
_STILL_RINGS = 5  # lids and lips touch on purpose, and have their insides behind them
_ASIDE = np.array((0.2, 0.35, 0.55))


@dataclass(frozen=True, eq=False)
class Hull:
    """A skin whose openings are closed with lids, so that inside and outside mean something.

    `steps` is how far each vertex may move in one round, in metres: 0 around openings, and little
    where the body is thin, or its other side would come out.
    """

    faces: Int[np.ndarray, "F 3"]
    lids: Int[np.ndarray, "L 3"]
    edges: Int[np.ndarray, "E 2"]
    mean: csr_array
    steps: Float64[np.ndarray, " N"]

    @staticmethod
    def of(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"]) -> "Hull":
        """Of a skin at rest, all of its vertices used."""
        count = len(vertices)
        sides = faces[:, (0, 1, 1, 2, 2, 0)].reshape(-1, 2)
        _, first, uses = np.unique(np.sort(sides, axis=1) @ (count, 1), return_index=True,
                                   return_counts=True)
        edges, rims = sides[first], sides[first[uses == 1]]
        still = np.zeros(count, bool)
        still[rims] = True
        for _ in range(_STILL_RINGS):
            still[faces[still[faces].any(axis=1)]] = True
        hull = Hull(faces, _lids(rims), edges, neighbour_mean(faces, count), np.zeros(count))
        thick = _Skin.of(hull, vertices.astype(np.float64)).thickness()
        most = np.minimum(_MOST_SHARE * np.maximum(thick, _THIN_M), _MOST_M)
        return replace(hull, steps=np.where(still, 0.0, most / _ROUNDS))

    def parted(self, vertices: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """The vertices so that the skin does not run through itself, as far as `_ROUNDS` take."""
        first = vertices.astype(np.float64)
        placed, asked = first.copy(), self.steps > 0
        for _ in range(_ROUNDS):
            skin = _Skin.of(self, placed)
            ways = skin.lifts(asked)
            if not ways.any():
                return placed
            ways = self._spread(ways) - self._spread(-ways)
            placed += ways[:, None] * skin.normals
            asked = (ways != 0) | (self.mean @ np.abs(ways) > 0)
        return self._but_where_in_vain(first, placed)

    def _but_where_in_vain(self, first: Float64[np.ndarray, "N 3"],
                           placed: Float64[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """What is `placed`, but as at `first` where over half of what crossed still does.

        What overlaps so deeply would be dented for nothing.
        """
        moved = (placed != first).any(axis=1)
        part = self.patches(moved)
        before, after = (np.bincount(part, _Skin.of(self, each).pierced(moved) != 0)
                         for each in (first, placed))
        return np.where((2 * after <= before)[part, None], placed, first)

    def patches(self, chosen: Bool[np.ndarray, " N"]) -> Int[np.ndarray, " N"]:
        """The number of the patch that each chosen vertex is in; all others are patches of one."""
        own = self.edges[chosen[self.edges].all(axis=1)]
        return components(own[:, 0], own[:, 1], len(chosen))

    def _spread(self, ways: Float64[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """The ways above 0, and of those around a part."""
        ways = np.maximum(ways, 0.0)
        for _ in range(_SPREAD):
            ways = np.minimum(np.maximum(ways, _SHARE * (self.mean @ ways)), self.steps)
        return ways


@dataclass(frozen=True, eq=False)
class _Skin:
    """A hull with its vertices somewhere, ready for rays."""

    hull: Hull
    vertices: Float64[np.ndarray, "N 3"]
    crosses: Float64[np.ndarray, "T 3"]
    normals: Float64[np.ndarray, "N 3"]
    triangles: Int[np.ndarray, "T 3"]
    scene: Any

    @staticmethod
    def of(hull: Hull, vertices: Float64[np.ndarray, "N 3"]) -> "_Skin":
        triangles = np.vstack((hull.faces, hull.lids))
        crosses = face_crosses(vertices, triangles)
        normals = sums_at_corners(hull.faces, crosses[:len(hull.faces)], len(vertices))
        return _Skin(hull, vertices, crosses, _unit(normals), triangles,
                     scene_of(vertices.astype(np.float32), triangles))

    def thickness(self) -> Float64[np.ndarray, " N"]:
        """How far it is from each vertex through the body."""
        return self._through(np.arange(len(self.vertices)), -self.normals)

    def lifts(self, asked: Bool[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """How far along its normal each vertex has to go so that nothing runs through anything."""
        pierced = self.pierced(asked)
        if not pierced.any():
            return pierced
        inside = self._inside(asked)
        lifts = np.where(inside != 0, inside, pierced)
        patch = self.hull.patches(lifts != 0)
        # Deep in a crease a vertex seems inside of the skin around, through which nothing goes.
        lifts[np.bincount(patch, pierced != 0)[patch] == 0] = 0.0
        return np.clip(lifts, -self.hull.steps, self.hull.steps)

    def _inside(self, asked: Bool[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """What takes vertices out of other skin, and out of that which is inside out, as ears."""
        rows = np.flatnonzero(asked)
        depths = self._depths(self.vertices[rows], self.normals[rows])
        rows, side = rows[depths != 0], np.sign(depths[depths != 0])
        lifts = np.zeros(len(self.vertices))
        deep = self._through(rows, -side[:, None] * self.normals[rows])
        lifts[rows] = -side * (deep / 2 + _GAP_M)
        return lifts

    def _through(self, rows: Int[np.ndarray, " K"], ways: Float64[np.ndarray, "K 3"],
                 ) -> Float64[np.ndarray, " K"]:
        _, deep = first_hits(self.scene, self.vertices[rows] + _OFF_M * ways, ways)
        return deep.astype(np.float64)

    def pierced(self, asked: Bool[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """What parts the ends of edges from the corners of the triangles that they go through."""
        edges = self.hull.edges[asked[self.hull.edges].any(axis=1)]
        way = np.diff(self.vertices[edges], axis=1)[:, 0]
        start = self.vertices[edges[:, 0]] + _BEYOND * way
        triangle, at = first_hits(self.scene, start, way)
        apart = (self.triangles[triangle][:, :, None] != edges[:, None]).all(axis=(1, 2))
        row = np.flatnonzero(apart & (at < 1.0))
        triangle, at = triangle[row], at[row]
        normals = _unit(self.crosses[triangle])
        between = _unit(self.normals[edges[row]].sum(axis=1)) + normals
        meeting = start[row] + at[:, None] * way[row]
        lifts = np.zeros(len(self.vertices))
        lift = np.where(self._depths(meeting, _FAR * _unit(between)) < 0, _GAP_M, -_GAP_M)[:, None]
        lifts[edges[row]], lifts[self.triangles[triangle]] = lift, lift
        return lifts

    def _depths(self, places: Float64[np.ndarray, "K 3"], outwards: Float64[np.ndarray, "K 3"],
                ) -> Float64[np.ndarray, " K"]:
        """How many parts of the body each place is inside of, a little `outwards` of it.

        Below 0 where skin is inside out. A ray along an edge counts it twice: two must agree.
        """
        places = places + _OFF_M * outwards
        depths = np.zeros(len(places))
        asked = np.arange(len(places))
        for aside in (0.0, 1.0):
            ways = outwards[asked] + aside * np.cross(outwards[asked], _ASIDE)
            row, triangle, _ = hits(self.scene, places[asked], ways)
            left = np.sign((self.crosses[triangle] * ways[row]).sum(axis=1))
            depth = np.bincount(row, left, len(asked))
            agreed = depth != 0 if aside == 0.0 else depth == depths[asked]
            depths[asked] = np.where(agreed, depth, 0.0)
            asked = asked[agreed]
        return depths


def _unit(vectors: Float64[np.ndarray, "K 3"]) -> Float64[np.ndarray, "K 3"]:
    return vectors / np.maximum(lengths(vectors), 1e-12)[:, None]


def _lids(rims: Int[np.ndarray, "E 2"]) -> Int[np.ndarray, "L 3"]:
    """Fans over the openings, each around one vertex of its rim, whose edges run as the skin's."""
    before = {int(end): int(start) for start, end in rims}
    fans = []
    while before:
        top, at = before.popitem()
        while (after := before.pop(at, top)) != top:
            fans.append((top, at, after))
            at = after
    return np.array(fans, np.int64).reshape(-1, 3)
