"""Skin that runs through other skin, parted where it does: fingers, toes, armpits.

Both sides give way, inwards, each along its own normals: a little in every round, until no vertex
lies inside of another part and no edge goes through a triangle, or as far as they may; farther only
where a little is not enough, as where an arm hangs in the trunk. What lies too deep is left alone,
for a thumb in a thigh would be squeezed to a thread in vain. All other skin stays, and so does what
is told to: an ear is folded too finely to tell its inside, and is smoothed where it runs through
itself, but for what does so at rest already.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float64, Int
from scipy.sparse import csr_array

from likeness.core.components import components
from likeness.core.triangles import face_crosses, lengths, sums_at_corners
from likeness.fitting.moving import Moving

# What part of its way a vertex may go in each round: less and less, for in the end it hangs on the
# last digits who has to go once more.
_PARTS = np.arange(10, 0, -1) / 55
# The most that a vertex moves: so much in ten rounds, then so much where skin still runs through
# skin, or a part of the body's thickness there.
_MOST_M, _MOST_SHARE = (0.006, 0.03, 0.06), 1 / 3
# Where so many of the vertices can give way, all or none of them do.
_FEW, _ENOUGH = 0.7, 0.8
_GAP_M = 1e-4  # what is left between the sides
_OFF_M = 5e-5  # from where on the skin to look: well above rounding, well below what is seen
_BEYOND = 1e-3  # of an edge, so that a ray along it does not meet all that begins where it does
_SPREAD, _SHARE = 2, 0.7  # of a vertex's way its neighbours go along, and theirs
_ASIDE = np.array((0.2, 0.35, 0.55))
# What part of the way to its neighbours' mean a vertex goes in each round: more and more.
_SMOOTHER = np.linspace(0.1, 1.0, 10)


@dataclass(frozen=True, eq=False)
class Hull:
    """A skin whose openings are closed with lids, so that inside and outside mean something.

    `most` is how far each vertex may ever move, in metres; of those that may not, `smooth` marks
    those that nothing goes through at rest.
    """

    faces: Int[np.ndarray, "F 3"]
    lids: Int[np.ndarray, "L 3"]
    edges: Int[np.ndarray, "E 2"]
    mean: csr_array
    most: Float64[np.ndarray, " N"]
    smooth: Bool[np.ndarray, " N"]

    @staticmethod
    def of(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
           mean: csr_array, still: Bool[np.ndarray, " N"]) -> "Hull":
        """Of a skin at rest; `mean` is what `neighbour_mean` makes of its faces.

        `still` marks the vertices that stay where they are.
        """
        count = len(vertices)
        sides = faces[:, (0, 1, 1, 2, 2, 0)].reshape(-1, 2)
        _, first, uses = np.unique(np.sort(sides, axis=1) @ (count, 1), return_index=True,
                                   return_counts=True)
        edges, rims = sides[first], sides[first[uses == 1]]
        hull = Hull(faces, _lids(rims), edges, mean, np.zeros(count), still)
        rest = _Skin.begun(hull, vertices.astype(np.float64))
        most = np.minimum(_MOST_SHARE * rest.thickness(), _MOST_M[-1])
        return replace(hull, most=np.where(still, 0.0, most), smooth=still & ~rest.pierced(still))

    def parted(self, vertices: Float[np.ndarray, "N 3"],
               spent: Float64[np.ndarray, " N"] | None = None) -> Float64[np.ndarray, "N 3"]:
        """The vertices so that the skin does not run through itself, as far as they may move.

        `spent` is how far they were moved so before, in metres.
        """
        begun = vertices.astype(np.float64)
        skin = _Skin.begun(self, begun)
        for most_m in _MOST_M:
            depths = skin.depths(self.most > 0)
            if not depths.any():
                break
            left = np.minimum(self.most, most_m) - lengths(skin.vertices - begun)
            left = left if spent is None else left - spent
            skin = self._given_way(skin, depths, np.maximum(left, 0.0) * skin.partable(depths))
        return skin.vertices

    def _given_way(self, skin: "_Skin", depths: Float64[np.ndarray, " N"],
                   most: Float64[np.ndarray, " N"]) -> "_Skin":
        """The skin after all rounds, in which no vertex moves more than so much."""
        most = most * _share(depths, most)
        for part in _PARTS:
            ways = np.minimum(depths, part * most)
            if not ways.any():
                break
            for _ in range(_SPREAD):
                ways = np.minimum(np.maximum(ways, _SHARE * (self.mean @ ways)), part * most)
            skin = skin.at(skin.vertices - ways[:, None] * skin.normals)
            depths = skin.depths((ways > 0) | (self.mean @ ways > 0))
        return skin

    def pierced(self, vertices: Float[np.ndarray, "N 3"]) -> Bool[np.ndarray, " N"]:
        """Where the skin runs through itself, as far as that may move."""
        return _Skin.begun(self, vertices.astype(np.float64)).pierced(self.most > 0)

    def smoothed(self, vertices: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """The vertices with what is `smooth` at the mean of its neighbours where skin runs through
        it, as far as it takes.
        """
        skin = _Skin.begun(self, vertices.astype(np.float64))
        for part in _SMOOTHER:
            rows = np.flatnonzero(skin.pierced(self.smooth) & self.smooth)
            if not len(rows):
                break
            smoother = skin.vertices.copy()
            smoother[rows] += part * (self.mean[rows] @ skin.vertices - skin.vertices[rows])
            skin = skin.at(smoother)
        return skin.vertices

    def patches(self, chosen: Bool[np.ndarray, " N"], more: Int[np.ndarray, "K 2"] | None = None,
                ) -> Int[np.ndarray, " N"]:
        """The number of the patch that each chosen vertex is in; all others are patches of one.

        `more` joins other pairs of vertices as well.
        """
        own = self.edges[chosen[self.edges].all(axis=1)]
        own = own if more is None else np.vstack((own, more))
        return components(own[:, 0], own[:, 1], len(chosen))


@dataclass(frozen=True, eq=False)
class _Skin:
    """A hull with its vertices somewhere, ready for rays."""

    hull: Hull
    vertices: Float64[np.ndarray, "N 3"]
    crosses: Float64[np.ndarray, "T 3"]
    normals: Float64[np.ndarray, "N 3"]
    moving: Moving

    @staticmethod
    def begun(hull: Hull, vertices: Float64[np.ndarray, "N 3"]) -> "_Skin":
        """Before anything moves."""
        return _Skin._of(hull, vertices, Moving.of(vertices, np.vstack((hull.faces, hull.lids))))

    def at(self, vertices: Float64[np.ndarray, "N 3"]) -> "_Skin":
        """The same with its vertices elsewhere."""
        return _Skin._of(self.hull, vertices, self.moving.at(vertices))

    @staticmethod
    def _of(hull: Hull, vertices: Float64[np.ndarray, "N 3"], moving: Moving) -> "_Skin":
        crosses = face_crosses(vertices, moving.triangles)
        normals = sums_at_corners(hull.faces, crosses[:len(hull.faces)], len(vertices))
        normals /= np.maximum(lengths(normals), 1e-12)[:, None]
        return _Skin(hull, vertices, crosses, normals, moving)

    def thickness(self) -> Float64[np.ndarray, " N"]:
        """How far it is through the body around each vertex, at most.

        From a single one it may be but to the skin of another part, where these cross already.
        """
        thick = self._through(np.arange(len(self.vertices)))
        for _ in range(_SPREAD):
            around = thick.copy()
            for a, b in (self.hull.edges.T, self.hull.edges.T[::-1]):
                np.maximum.at(around, a, thick[b])
            thick = around
        return thick

    def depths(self, asked: Bool[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """How far each vertex has to give way so that nothing runs through anything."""
        pierced = self.pierced(asked)
        if not pierced.any():
            return np.zeros(len(pierced))
        rows = np.flatnonzero(asked)
        for aside in (0.0, 1.0):  # a ray along an edge is counted twice: both must say so
            rows = rows[self._windings(rows, aside) > 0]
        depths = np.where(pierced, _GAP_M, 0.0)
        depths[rows] = self._through(rows) / 2 + _GAP_M
        # Deep in a crease a vertex seems inside of the skin around, through which nothing goes.
        patch = self.hull.patches(depths > 0)
        depths[np.bincount(patch, pierced)[patch] == 0] = 0.0
        return depths

    def partable(self, depths: Float64[np.ndarray, " N"]) -> Float64[np.ndarray, " N"]:
        """1 for each vertex that lies where all can give way, 0 where many cannot.

        For what two skins enclose is parted as a whole or not at all: else the one would be dented
        and the other stay in it.
        """
        inside = depths > 0
        edges, faces = self._crossings(inside)
        sides = np.vstack([np.column_stack((edges[:, 0], faces[:, k])) for k in range(3)])
        lens = self.hull.patches(inside, sides)
        part = (np.bincount(lens, inside * _share(depths, self.hull.most))
                / np.maximum(np.bincount(lens, inside), 1))[lens]
        return np.where(inside, np.clip((part - _FEW) / (_ENOUGH - _FEW), 0.0, 1.0), 1.0)

    def _through(self, rows: Int[np.ndarray, " K"]) -> Float64[np.ndarray, " K"]:
        """How far it is from a vertex inwards to the first skin."""
        inwards = -self.normals[rows]
        _, deep = self.moving.first_hits(self.vertices[rows] + _OFF_M * inwards, inwards)
        return deep.astype(np.float64)

    def pierced(self, asked: Bool[np.ndarray, " N"]) -> Bool[np.ndarray, " N"]:
        """The ends of edges that go through triangles, and the corners of these."""
        edges, faces = self._crossings(asked)
        pierced = np.zeros(len(self.vertices), bool)
        pierced[edges] = pierced[faces] = True
        return pierced

    def _crossings(self, asked: Bool[np.ndarray, " N"],
                   ) -> tuple[Int[np.ndarray, "K 2"], Int[np.ndarray, "K 3"]]:
        """Edges of those asked for that go through triangles, and the corners of these."""
        edges = self.hull.edges[asked[self.hull.edges].any(axis=1)]
        way = np.diff(self.vertices[edges], axis=1)[:, 0]
        triangle, at = self.moving.first_hits(self.vertices[edges[:, 0]] + _BEYOND * way, way)
        edges, faces = edges[at < 1.0], self.moving.triangles[triangle[at < 1.0]]
        apart = (faces[:, :, None] != edges[:, None]).all(axis=(1, 2))
        return edges[apart], faces[apart]

    def _windings(self, rows: Int[np.ndarray, " K"], aside: float) -> Float64[np.ndarray, " K"]:
        """How many parts of the body each vertex is inside of, from just outside of its own."""
        outwards = self.normals[rows]
        ways = outwards + aside * np.cross(outwards, _ASIDE)
        row, triangle, _ = self.moving.hits(self.vertices[rows] + _OFF_M * outwards, ways)
        left = np.sign((self.crosses[triangle] * ways[row]).sum(axis=1))
        return np.bincount(row, left, len(rows)).astype(np.float64)


def _share(depths: Float64[np.ndarray, " N"], most: Float64[np.ndarray, " N"],
           ) -> Float64[np.ndarray, " N"]:
    """What part of the most each may move, knowing how deep it lies: none where that is too deep.

    Falling slowly, for at a step the last digits would decide.
    """
    share = np.ones(len(depths))
    moves = most > 0
    share[moves] = np.clip(2 - 2 * depths[moves] / most[moves], 0.0, 1.0)
    return share


def _lids(rims: Int[np.ndarray, "E 2"]) -> Int[np.ndarray, "L 3"]:
    """Fans over the openings, each around one vertex of its rim, whose edges run as the skin's."""
    before: dict[int, list[int]] = {}
    for start, end in rims.tolist():
        before.setdefault(end, []).append(start)  # two where openings share a vertex
    fans = []
    while before:
        top = next(iter(before))
        at = _taken(before, top)
        while (after := _taken(before, at)) not in (top, None):
            fans.append((top, at, after))
            at = after
    return np.array(fans, np.int64).reshape(-1, 3)


def _taken(before: dict[int, list[int]], end: int | None) -> int | None:
    """One of what comes before `end` on a rim, which is there no more; None where a rim breaks."""
    if end not in before:
        return None
    start = before[end].pop()
    if not before[end]:
        del before[end]
    return start
