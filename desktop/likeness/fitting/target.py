"""The scan as the solver sees it: points averaged over small cells, with normals.

Averaging takes out sensor noise before it reaches a normal, and makes the cost of a fit hardly
depend on the scan's size.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int

from likeness.core.cells import cells
from likeness.core.nearest import PointTree
from likeness.core.planes import fitted_planes
from likeness.core.triangles import lengths

_AROUND, _BENT = 12, 0.12  # points; variance across their plane to the lesser one in it
# Of the company that is usual in so many cells of the nearest surface.
_LONELY, _BESIDE = 0.3, 24
_AT_ONCE = 100_000
# How far the middle of the points around lies aside, as a share of their distance: on a whole
# surface, and where it ends. Half a disc has 0.64.
_LOPSIDED = (0.4, 0.55)
# Length of the mean normal where a cell's points see two ways, to what is usual: noise shortens it
# everywhere, and a scan of two sides all over, to hardly anything.
_TORN, _TWO_SIDED = 0.47, 0.2


@dataclass(frozen=True, eq=False)
class Target:
    """Cell averages of a scan: positions in metres, normals, and the area each stands for.

    Normals are of unit length, shorter after `doubting_normals`. `inner` is 1 where the scan goes
    on all around, 0 at its rims; None where nobody has looked.
    """

    points: Float32[np.ndarray, "T 3"]
    normals: Float32[np.ndarray, "T 3"]
    area: Float32[np.ndarray, " T"]
    inner: Float32[np.ndarray, " T"] | None = None

    @cached_property
    def spacing_m(self) -> float:
        """How far points that lie side by side are apart, mostly."""
        return float(np.median(PointTree(self.points).nearest(self.points, 5)[0][:, -1]))

    def features(self, normal_m: float) -> Float32[np.ndarray, "T 6"]:
        """Positions and normals side by side: a reversed normal is as far as twice `normal_m`."""
        return np.hstack((self.points, np.float32(normal_m) * self.normals))

    def doubting_normals(self) -> "Target":
        """The same with normals the shorter, the less the points around lie in a plane.

        For a scan that brought none: what was found around a hand of few points is no normal.
        """
        _, variances, _ = fitted_planes(self.points[self._around()])
        bent = variances[:, 0] / np.maximum(variances[:, 1], 1e-12)
        sure = np.clip(1.5 - bent / _BENT, 0.0, 1.0).astype(np.float32)
        return replace(self, normals=self.normals * sure[:, None])

    def knowing_rims(self) -> "Target":
        """The same, knowing where it ends: there the points around lie to one side.

        What is drawn to a rim from beyond tells nothing: in the middle of a hole, or behind a scan
        of one side, the nearest scan is its rim (Turk and Levoy 1994, Zippered polygon meshes).
        """
        away = self.points[self._around()] - self.points[:, None]
        off = np.einsum("tkc,tc->tk", away, self.normals)
        away -= off[..., None] * self.normals[:, None]
        lopsided = lengths(away.mean(axis=1)) / np.maximum(
            np.sqrt(np.square(away).sum(axis=2)).mean(axis=1), 1e-9)
        everywhere, rim = _LOPSIDED
        inner = np.clip((rim - lopsided) / (rim - everywhere), 0.0, 1.0)
        return replace(self, inner=inner.astype(np.float32))

    def taking(self, rows: Int[np.ndarray, " K"] | Bool[np.ndarray, " T"]) -> "Target":
        """Some of the points, each standing for the area it stood for."""
        return Target(self.points[rows], self.normals[rows], self.area[rows],
                      None if self.inner is None else self.inner[rows])

    def _around(self) -> Int[np.ndarray, "T k"]:
        """The points nearest to each, itself the first."""
        return PointTree(self.points).nearest(self.points, _AROUND)[1]

    def turned(self, turn: Float[np.ndarray, "3 3"]) -> "Target":
        """Rotated about the origin."""
        rotation = turn.astype(np.float32)
        return replace(self, points=self.points @ rotation.T, normals=self.normals @ rotation.T)

    def thinned(self, count: int, seed: int) -> "Target":
        """About `count` of the points, drawn by area."""
        if len(self.points) <= count:
            return self
        draw = np.random.default_rng(seed)
        share = self.area / self.area.sum(dtype=np.float64)
        rows = np.sort(draw.choice(len(self.points), count, replace=False, p=share))
        return replace(self.taking(rows), area=np.full(count, self.area.sum() / count, np.float32))


def cell_averages(points: Float32[np.ndarray, "N 3"], normals: Float32[np.ndarray, "N 3"],
                  cell_m: float, without_strays: bool = False) -> Target:
    """Average positions and normals over cubes of `cell_m` metres; cells of strays may be left out.

    Points on opposite sides of a thin part, such as a finger, are kept apart by their normals:
    a cell whose points disagree is split in two.
    """
    count, cell = cells(points, cell_m)
    means = _averages(points, normals, cell, count)
    length = lengths(means[:, 3:])
    usual = np.median(length)
    torn = length < _TORN * (usual if usual > _TWO_SIDED else 1.0)
    rows = np.flatnonzero(torn[cell])
    if len(rows):
        some, own = int(torn.sum()), (np.cumsum(torn) - 1)[cell[rows]]
        first = np.zeros((some, 3), normals.dtype)
        first[own[::-1]] = normals[rows[::-1]]  # one of them, to hold the others against
        other = np.einsum("nc,nc->n", normals[rows], first[own]) < 0
        sides = _averages(points[rows], normals[rows], own + some * other, 2 * some)
        means[torn] = sides[:some]
        means = np.vstack((means, sides[some:]))
        length = lengths(means[:, 3:])
    keep = length > 1e-3
    if without_strays:
        known = in_company(means[:count, :3], np.bincount(cell, minlength=count))
        keep &= np.concatenate((known, known[torn]))
    unit = means[keep, 3:] / length[keep, None]
    area = np.full(int(keep.sum()), cell_m * cell_m)
    return Target(means[keep, :3].astype(np.float32), unit.astype(np.float32),
                  area.astype(np.float32))


def in_company(places: Float[np.ndarray, "C 3"], held: Int[np.ndarray, " C"],
               ) -> Bool[np.ndarray, " C"]:
    """Which cells, with so many points around these places, hold no strays.

    Averaged, a stray counts as much as all that its cell would hold on the skin. But strays lie
    apart, or in a clump of which every cell holds a few: what counts is how many points the
    nearest cells hold and how near these are, against what is usual on the nearest surface.
    """
    reach_m, near = PointTree(places).nearest(places, _AROUND)
    company = held[near].sum(axis=1) / np.maximum(reach_m[:, -1], 1e-9)
    flat = np.concatenate([_is_flat(places[some]) for some in
                           np.split(near, range(_AT_ONCE, len(near), _AT_ONCE))])
    surface = np.flatnonzero(flat & (flat[near].mean(axis=1) > 0.5))
    if not len(surface):
        return np.ones(len(places), bool)
    asked = np.flatnonzero(~flat)
    beside = PointTree(places[surface]).nearest(places[asked], _BESIDE)[1]
    usual = np.median(company[surface[beside]], axis=1)
    known = flat.copy()
    known[asked] = company[asked] >= _LONELY * usual
    return known


def _is_flat(groups: Float[np.ndarray, "G k 3"]) -> Bool[np.ndarray, " G"]:
    variances = fitted_planes(groups)[1]
    return variances[:, 0] <= _BENT * variances[:, 1]


def _averages(points: Float32[np.ndarray, "N 3"], normals: Float32[np.ndarray, "N 3"],
              cell: Int[np.ndarray, " N"], count: int) -> Float64[np.ndarray, "C 6"]:
    """Mean point and mean normal in each of so many cells, nothing where a cell is empty."""
    sums = [np.bincount(cell, column, count) for column in (*points.T, *normals.T)]
    return np.stack(sums, axis=1) / np.maximum(np.bincount(cell, minlength=count), 1)[:, None]
