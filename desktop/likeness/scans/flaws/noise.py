"""How rough a scan is: how far points lie off the smooth surface through their neighbours."""

import numpy as np
from scipy.spatial import cKDTree

from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

_PLACES, _NEIGHBOURS, _TERMS = 1_500, 24, 6
_SAMPLE, _FARTHEST_M, _NOISY_MM = 150_000, 0.02, 1.5


def noise_mm(scan: Scan) -> float:
    """Standard deviation across the surface in millimetres; 0 for scans too sparse to tell.

    Of the points around a place, what a paraboloid leaves: the body's own roundness does not count.
    """
    points = scan.vertices[::max(1, len(scan.vertices) // _SAMPLE)]
    if len(points) < _NEIGHBOURS:
        return 0.0
    tree = cKDTree(points, balanced_tree=False)
    places = points[::max(1, len(points) // _PLACES)]
    distance, near = tree.query(places, _NEIGHBOURS)
    if np.median(distance[:, -1]) > _FARTHEST_M:
        return 0.0  # too sparse to tell noise from shape
    around = points[near].astype(np.float64) - places[:, None]
    around /= np.maximum(distance[:, -1:, None], 1e-9)
    _, _, axes = np.linalg.svd(around - around.mean(axis=1, keepdims=True), full_matrices=False)
    u, v, height = (np.einsum("nki,ni->nk", around, axes[:, k]) for k in range(3))
    basis = np.stack((np.ones_like(u), u, v, u * u, u * v, v * v), axis=2)
    fitted = np.einsum("nkt,ntj,nj->nk", basis, np.linalg.pinv(basis), height)
    left = np.sqrt(((height - fitted) ** 2).sum(axis=1) / (_NEIGHBOURS - _TERMS))
    return 1000 * float(np.median(left * distance[:, -1]))


def find_noise(scan: Scan) -> list[Finding]:
    """A surface too rough for much freedom."""
    noise = noise_mm(scan)
    if noise < _NOISY_MM:
        return []
    return [Finding("noise-0", "density", "noisy surface",
                    f"Points scatter about {noise:.1f} mm around the surface: refinement `low` "
                    "suits it.", 0.0, 0.8, "minor", "none")]
