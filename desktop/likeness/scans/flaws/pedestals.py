"""Pedestals, platforms and turntables that are one piece with the person."""

import numpy as np
from jaxtyping import Float32

from likeness.core.cells import cell_means
from likeness.core.nearest import PointTree
from likeness.scans.finding import Finding
from likeness.scans.flaws.floors import (
    THICKNESS_M,
    above_plane,
    covered_m2,
    held_finding,
    level_plane,
)
from likeness.scans.placing import robust_extent
from likeness.scans.scan import Scan

# Sought in the lower part of the height, among what looks up.
_LOWER, _LOOKS_UP = 0.45, np.cos(np.radians(20.0))
_SAMPLE, _FEWEST = 6_000, 300
# Square metres: shoes have less, and so wide in both directions is no lap.
_SMALLEST_M2, _NARROWEST_M, _FILLED, _CELL_M = 0.1, 0.25, 0.45, 0.025
# Nearly all that is lower is right under it: the shins of who sits on a box are not.
_UNDER, _OVERHANG_M = 0.95, 0.04


def find_pedestal(scan: Scan) -> list[Finding]:
    """A level plane under the person with nothing below it but its own sides.

    Of what is left of a scan without its floor; a cloud without normals tells nothing.
    """
    if scan.normals is None:
        return []
    bottom, top = robust_extent(scan.vertices[:, 1])
    up = (scan.normals[:, 1] > _LOOKS_UP) & (
        scan.vertices[:, 1] < bottom + _LOWER * (top - bottom))
    level = scan.vertices[up]
    if len(level) < _FEWEST:
        return []
    plane = level_plane(level[::max(1, len(level) // _SAMPLE)].astype(np.float64))
    if plane is None:
        return []
    above = above_plane(scan.vertices, plane)
    top_side = _top(level[np.abs(above_plane(level, plane)) < THICKNESS_M])
    if top_side is None or not _stands(scan.vertices, above, top_side):
        return []
    return [held_finding(scan, "stand", 0, above < THICKNESS_M, covered_m2(top_side))]


def _top(on: Float32[np.ndarray, "K 3"]) -> Float32[np.ndarray, "K 2"] | None:
    """Where the plane is, seen from above, if it is wide and without gaps."""
    top = on[:, (0, 2)]
    area = covered_m2(top, _CELL_M)
    if area < _SMALLEST_M2:
        return None
    size = np.diff(np.quantile(top, (0.02, 0.98), axis=0), axis=0)[0]
    return top if size.min() > _NARROWEST_M and area > _FILLED * np.prod(size) else None


def _stands(points: Float32[np.ndarray, "N 3"], above: Float32[np.ndarray, " N"],
            top: Float32[np.ndarray, "K 2"]) -> bool:
    """Whether somebody is above the plane, and nothing is lower beside it."""
    lower = points[above < -THICKNESS_M]
    if int((above > THICKNESS_M).sum()) < _FEWEST:
        return False
    if len(lower) == 0:
        return True
    spread, _ = cell_means(lower, _OVERHANG_M / 2)  # sides may be of few points
    tree = PointTree(top[::max(1, len(top) // _SAMPLE)])
    right_under = tree.one_nearest(spread[:, (0, 2)], 2 * _OVERHANG_M)[0]
    return bool(np.isfinite(right_under).mean() > _UNDER)
