"""Large flat surfaces in a scan: floors and walls, whichever way is up and whatever the unit.

No cut through a person is as much of a scan as that: a slab of a hundredth of the height holds a
few hundredths of the skin.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64

from likeness.scans.placing import robust_extent

# All lengths against the longest extent of the scan.
_THICKNESS, _CELL = 0.006, 0.03
_SHARE, _SMALLEST, _FILLED = 0.12, 0.1, 0.5
# Of a plane's points so many lie in the middle of its slab, those of a cut through something
# anywhere; a floor of two sheets has half of them there.
_LEVEL, _IN_MIDDLE = 0.3, 0.45
_TRIES, _SAMPLE, _MOST = 300, 6_000, 4


@dataclass(frozen=True, eq=False)
class Flat:
    """The slab |normal . x + offset| < thickness; `normal` points to where most of the scan is."""

    normal: Float64[np.ndarray, "3"]
    offset: float
    thickness: float

    @property
    def across(self) -> Float64[np.ndarray, "2 3"]:
        """Two directions in the plane, at right angles."""
        return np.linalg.svd(self.normal[None])[2][1:]

    def height(self, points: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, " N"]:
        """How far each point is above the plane."""
        return points @ self.normal + self.offset

    def holds(self, points: Float[np.ndarray, "N 3"]) -> Bool[np.ndarray, " N"]:
        """Which points are in the slab."""
        return np.abs(self.height(points)) < self.thickness


def find_flats(points: Float[np.ndarray, "N 3"]) -> tuple[Flat, ...]:
    """Floors and walls, largest first; `points` are spread evenly over the surface."""
    few = points[::max(1, len(points) // _SAMPLE)].astype(np.float64)
    length = max(high - low for low, high in map(robust_extent, few.T))
    draw, rest = np.random.default_rng(0), few
    flats: list[Flat] = []
    while len(flats) < _MOST and len(rest) > 100 and length > 0:
        flat = _best_plane(rest, _THICKNESS * length, draw)
        if flat is None or not _is_large(rest[flat.holds(rest)], flat, len(few), length):
            break
        flats.append(flat)
        rest = rest[~flat.holds(rest)]
    return tuple(flats)


def beside_flats(points: Float[np.ndarray, "N 3"], flats: tuple[Flat, ...],
                 ) -> Bool[np.ndarray, " N"]:
    """Which points are in none of the flats."""
    free = np.ones(len(points), bool)
    for flat in flats:
        free &= ~flat.holds(points)
    return free


def _best_plane(points: Float64[np.ndarray, "N 3"], thickness: float,
                draw: np.random.Generator) -> Flat | None:
    """The plane with the most points (RANSAC, Fischler and Bolles 1981), laid through them all."""
    a, b, c = points[draw.integers(len(points), size=(3, _TRIES))]
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1)
    normals = normals[lengths > 0] / lengths[lengths > 0, None]
    if len(normals) == 0:
        return None
    offsets = -(normals * a[lengths > 0]).sum(axis=1)
    inside = (np.abs(points @ normals.T + offsets) < thickness).sum(axis=0)
    best = int(inside.argmax())
    near = points[np.abs(points @ normals[best] + offsets[best]) < thickness]
    normal = np.linalg.svd(near - near.mean(axis=0), full_matrices=False)[2][2]
    level = _densest(near @ normal, _LEVEL * thickness)
    above = points @ normal - level
    outside = above[np.abs(above) > thickness]
    if len(outside) and np.median(outside) < 0:
        return Flat(-normal, level, thickness)
    return Flat(normal, -level, thickness)


def _densest(heights: Float64[np.ndarray, " K"], reach: float) -> float:
    """The mean of the heights where most lie within `reach` of each other's middle."""
    heights = np.sort(heights)
    end = np.searchsorted(heights, heights + 2 * reach, side="right")
    first = int((end - np.arange(len(heights))).argmax())
    return float(heights[first:end[first]].mean())


def _is_large(inside: Float64[np.ndarray, "K 3"], flat: Flat, count: int, length: float) -> bool:
    """Whether the points in a slab are many, and cover a wide area without gaps."""
    if len(inside) < _SHARE * count or (
            np.quantile(np.abs(flat.height(inside)), _IN_MIDDLE) > _LEVEL * flat.thickness):
        return False
    place = inside @ flat.across.T
    cells = np.unique(np.floor(place / (_CELL * length)).astype(np.int64), axis=0)
    low, high = np.quantile(place, (0.02, 0.98), axis=0)
    covered, around = len(cells) * _CELL**2, float(np.prod((high - low) / length))
    return covered > _SMALLEST and covered > _FILLED * around
