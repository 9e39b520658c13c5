"""How rough a scan is: how far points lie off the smooth surface through their neighbours."""

import numpy as np

from likeness.core.nearest import PointTree
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

_PLACES, _NEIGHBOURS, _TERMS, _LEAST = 1_500, 24, 6, 1e-9
_SAMPLE, _FARTHEST_M, _NOISY_MM = 150_000, 0.02, 1.5


def noise_mm(scan: Scan) -> float:
    """Standard deviation across the surface in millimetres; 0 for scans too sparse to tell.

    Of the points around a place, what a paraboloid leaves: the body's own roundness does not count.
    """
    points = scan.vertices[::max(1, len(scan.vertices) // _SAMPLE)]
    if len(points) < _NEIGHBOURS:
        return 0.0
    tree = PointTree(points)
    places = points[::max(1, len(points) // _PLACES)]
    distance, near = tree.nearest(places, _NEIGHBOURS)
    if np.median(distance[:, -1]) > _FARTHEST_M:
        return 0.0  # too sparse to tell noise from shape
    around = points[near].astype(np.float64) - places[:, None]
    around /= np.maximum(distance[:, -1:, None], 1e-9)
    away = around - around.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(away.transpose(0, 2, 1) @ away)
    height, v, u = np.moveaxis(around @ axes, 2, 0)
    basis = np.stack((np.ones_like(u), u, v, u * u, u * v, v * v), axis=2)
    across = basis.transpose(0, 2, 1)  # of points in a line there are many that fit as well
    terms = np.linalg.solve(across @ basis + _LEAST * np.eye(_TERMS), across @ height[..., None])
    off = height - (basis @ terms)[..., 0]
    left = np.sqrt((off**2).sum(axis=1) / (_NEIGHBOURS - _TERMS))
    return 1000 * float(np.median(left * distance[:, -1]))


def find_noise(scan: Scan) -> list[Finding]:
    """A surface too rough for much freedom."""
    noise = noise_mm(scan)
    if noise < _NOISY_MM:
        return []
    return [Finding("noise-0", "density", "noisy surface",
                    f"Points scatter about {noise:.1f} mm around the surface: refinement `low` "
                    "suits it.", 0.0, 0.8, "minor", "none")]
