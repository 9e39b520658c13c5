"""How well points cover a person: from all sides, in one layer, densely enough."""

import numpy as np
from jaxtyping import Float64, Int64

from likeness.core.nearest import PointTree
from likeness.core.planes import fitted_planes
from likeness.core.wording import per_cent
from likeness.scans.finding import Finding
from likeness.scans.sampling import surface_points
from likeness.scans.scan import Scan

# Slices of the upper half, where the middle of a slice lies inside the body.
_UPPER, _SLICES, _SECTORS = 0.5, 10, 24
# Of the directions around a slice's middle; a view from one side covers about two thirds.
_ALL_ROUND, _FEWEST = 0.75, 100
_FACES = 100_000
_PATCH_M, _PATCHES, _THICK_M = 0.02, 400, 0.0035
# A second layer: how far over the first and, against that, how many points; nearer ones are noise.
_OVER_M, _NOISES, _SECOND, _FEWEST_OVER = (0.005, 0.035), 4.0, 0.3, 3
_POINTS, _PLACES, _PLANE = 60_000, 1500, 12
_CROWD = 512  # at most so many points around a place count: all of a scan may lie in one spot
# Of the places; hands, feet and thin arms are two layers too, on bare people 0.05 to 0.11.
_DOUBLED_SHARE = 0.13


def find_one_sided(scan: Scan) -> list[Finding]:
    """A scan seen from one side only."""
    faces = scan.faces[::max(1, len(scan.faces) // _FACES)]
    points = surface_points(scan.vertices, faces, 20_000)
    shares = [share for k in range(_SLICES)
              if (share := _share_around(_slice(points, k))) is not None]
    if len(shares) < _SLICES // 2 or float(np.median(shares)) > _ALL_ROUND:
        return []
    return [Finding("partial-0", "partial", "one side only",
                    "The scan shows the person from one side only; the other is guessed.",
                    0.0, 0.7, "serious", "none")]


def _slice(points: Float64[np.ndarray, "N 3"], number: int) -> Float64[np.ndarray, "M 2"]:
    low, high = np.quantile(points[:, 1], (0.01, 0.99))
    low += _UPPER * (high - low)
    place = np.floor((points[:, 1] - low) / max(high - low, 1e-9) * _SLICES)
    return points[place == number][:, (0, 2)]


def _share_around(across: Float64[np.ndarray, "M 2"]) -> float | None:
    if len(across) < _FEWEST:
        return None
    low, high = np.quantile(across, (0.01, 0.99), axis=0)
    x, z = (across - (low + high) / 2).T
    sector = ((np.arctan2(z, x) / (2 * np.pi) + 0.5) * _SECTORS).astype(int) % _SECTORS
    filled = np.bincount(sector, minlength=_SECTORS) > 0.1 * len(across) / _SECTORS
    return float(filled.mean())


def find_doubled(scan: Scan) -> list[Finding]:
    """Several layers of points over each other, as misaligned views leave them."""
    few = scan.vertices[::max(1, len(scan.vertices) // 300_000)].astype(np.float64)
    tree = PointTree(few)
    centres = few[::max(1, len(few) // _PATCHES)]
    thick = [_thickness(few[near]) for near in _around(tree, centres, _PATCH_M) if len(near) >= 12]
    if len(thick) < 20 or float(np.median(thick)) < _THICK_M:
        return []
    apart = 2000 * float(np.median(thick))
    return [Finding("layers-0", "extra-layer", "several layers of points",
                    f"The points lie in layers or a haze some {apart:.0f} mm deep: refinement "
                    "`none` or `low` suits them.", 0.0, 0.6, "minor", "layers")]


def _thickness(patch: Float64[np.ndarray, "N 3"]) -> float:
    """Standard deviation across the patch's plane."""
    return float(np.sqrt(max(np.linalg.eigvalsh(np.cov(patch.T))[0], 0.0)))


def find_second_layer(scan: Scan) -> list[Finding]:
    """A second layer of points well over the first, in many places: misaligned views, cloth, hair.
    """
    few = scan.vertices[::max(1, len(scan.vertices) // _POINTS)].astype(np.float64)
    if len(few) < _PLANE:
        return []
    tree = PointTree(few)
    spacing = float(np.median(tree.nearest(few[::50], 2)[0][:, 1]))
    centres = few[::max(1, len(few) // _PLACES)]
    middles, variances, normals = fitted_planes(few[tree.nearest(centres, _PLANE)[1]])
    low = max(_OVER_M[0], _NOISES * float(np.sqrt(np.median(variances[:, 0].clip(0)))))
    near = _around(tree, centres, 1.3 * _OVER_M[1])
    apart = [found for rows, middle, normal in zip(near, middles, normals, strict=True)
             if (found := _second(few[rows] - middle, normal, max(2 * spacing, 0.008), low))]
    share = len(apart) / len(centres)
    if share < _DOUBLED_SHARE:
        return []
    return [Finding("layers-1", "extra-layer", "a second layer of points",
                    f"At {per_cent(share)} of the surface a second layer of points lies some "
                    f"{1000 * np.median(apart):.0f} mm over the first: views that do not fit "
                    "together, loose cloth or hair. Refinement `none` or `low` suits them.",
                    0.0, 0.6, "minor", "none")]


def _around(tree: PointTree, centres: Float64[np.ndarray, "C 3"], reach: float,
            ) -> list[Int64[np.ndarray, " _"]]:
    """Points within reach of each centre; of a knot of points only those nearest to it."""
    rows = tree.nearest(centres, _CROWD, reach)[1]
    return [near[near < tree.count] for near in rows]


def _second(points: Float64[np.ndarray, "N 3"], normal: Float64[np.ndarray, "3"], wide: float,
            low: float) -> float | None:
    """How far over a plane's middle other points lie; None where there is no second layer."""
    height = points @ normal
    beside = np.linalg.norm(points - height[:, None] * normal, axis=1)
    height = np.abs(height[beside < wide])
    over = height[(height > low) & (height < _OVER_M[1])]
    own = int((height <= low).sum())
    return float(np.median(over)) if len(over) >= max(_FEWEST_OVER, _SECOND * own) else None
