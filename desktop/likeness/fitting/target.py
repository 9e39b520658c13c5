"""The scan as the solver sees it: points averaged over small cells, with normals.

Averaging takes out sensor noise before it reaches a normal, and makes the cost of a fit hardly
depend on the scan's size.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from likeness.core.cells import cells
from likeness.core.nearest import PointTree
from likeness.core.planes import fitted_planes
from likeness.core.triangles import lengths

_AROUND, _BENT = 12, 0.12  # points; variance across their plane to the lesser one in it
# How far the middle of the points around lies aside, as a share of their distance: on a whole
# surface, and where it ends. Half a disc has 0.64.
_LOPSIDED = (0.4, 0.55)


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
                  cell_m: float) -> Target:
    """Average positions and normals over cubes of `cell_m` metres.

    Points on opposite sides of a thin part, such as a finger, are kept apart by their normals:
    a cell whose points disagree is split in two.
    """
    count, inverse = cells(points, cell_m)
    mean_points, mean_normals, counts = _averages(points, normals, inverse, count)
    torn = np.linalg.norm(mean_normals, axis=1) < 0.4
    if torn.any():
        members = torn[inverse]
        reference = _first_normals(normals, inverse, count)
        side = members & (np.einsum("nc,nc->n", normals, reference[inverse]) < 0)
        inverse = np.where(side, inverse + count, inverse)
        mean_points, mean_normals, counts = _averages(points, normals, inverse, 2 * count)
    length = np.linalg.norm(mean_normals, axis=1)
    keep = (counts > 0) & (length > 1e-3)
    unit = mean_normals[keep] / length[keep, None]
    area = np.full(int(keep.sum()), cell_m * cell_m)
    return Target(mean_points[keep].astype(np.float32), unit.astype(np.float32),
                  area.astype(np.float32))


def _averages(points: Float32[np.ndarray, "N 3"], normals: Float32[np.ndarray, "N 3"],
              inverse: Int[np.ndarray, " N"], cells: int,
              ) -> tuple[Float[np.ndarray, "C 3"], Float[np.ndarray, "C 3"],
                         Int[np.ndarray, " C"]]:
    counts = np.bincount(inverse, minlength=cells)
    divide = np.maximum(counts, 1)[:, None]

    def mean(values: Float32[np.ndarray, "N 3"]) -> Float[np.ndarray, "C 3"]:
        return np.stack([np.bincount(inverse, values[:, i], cells) for i in range(3)], 1) / divide

    return mean(points), mean(normals), counts


def _first_normals(normals: Float32[np.ndarray, "N 3"], inverse: Int[np.ndarray, " N"],
                   cells: int) -> Float[np.ndarray, "C 3"]:
    """One member's normal per cell, the side that the other members are compared with."""
    first = np.zeros((cells, 3))
    first[inverse[::-1]] = normals[::-1]
    return first
