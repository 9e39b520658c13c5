"""How well points cover a person: from all sides, in one layer, densely enough."""

import numpy as np
from jaxtyping import Float64
from scipy.spatial import cKDTree

from likeness.scans.finding import Finding
from likeness.scans.sampling import surface_points
from likeness.scans.scan import Scan

# Slices of the upper half, where the middle of a slice lies inside the body.
_UPPER, _SLICES, _SECTORS = 0.5, 10, 24
# Of the directions around a slice's middle; a view from one side covers about two thirds.
_ALL_ROUND, _FEWEST = 0.75, 100
_FACES = 100_000
_PATCH_M, _PATCHES, _THICK_M = 0.02, 400, 0.0035


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
    tree = cKDTree(few, balanced_tree=False)
    centres = few[::max(1, len(few) // _PATCHES)]
    thick = [_thickness(few[near]) for near in tree.query_ball_point(centres, _PATCH_M)
             if len(near) >= 12]
    if len(thick) < 20 or float(np.median(thick)) < _THICK_M:
        return []
    apart = 2000 * float(np.median(thick))
    return [Finding("layers-0", "extra-layer", "several layers of points",
                    f"The points lie in layers or a haze some {apart:.0f} mm deep: refinement "
                    "`none` or `low` suits them.", 0.0, 0.6, "minor", "layers")]


def _thickness(patch: Float64[np.ndarray, "N 3"]) -> float:
    """Standard deviation across the patch's plane."""
    return float(np.sqrt(max(np.linalg.eigvalsh(np.cov(patch.T))[0], 0.0)))
