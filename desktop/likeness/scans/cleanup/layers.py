"""Doubled layers: of a mesh the layer over the skin is dropped, those of a cloud are merged."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from likeness.core.nearest import PointTree
from likeness.scans.cleanup.removal import Cleaned, covered, without
from likeness.scans.flaws.coverage import find_doubled
from likeness.scans.flaws.hidden import look_around
from likeness.scans.flaws.layers import layer_finding, layers_over
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.scan import Scan

_RADIUS_M, _NEIGHBOURS, _PASSES = 0.025, 48, 6
_CHUNK = 100_000


@dataclass(frozen=True)
class MergeLayers:
    """One layer where there were several."""

    def __call__(self, scan: Scan) -> Cleaned:
        """Drops what lies over a mesh's skin; draws a cloud's layers together."""
        return _dropped(scan) if scan.is_mesh else _merged(scan)


def _dropped(scan: Scan) -> Cleaned:
    pieces = find_pieces(scan)
    if len(pieces.area) == 1:
        return Cleaned(scan, ())
    view = look_around(pieces, lambda: None)
    layers = layers_over(view.sight, ~view.inside, view.skin)
    found = [layer_finding(pieces, piece, apart, view.skin, k)
             for k, (piece, apart) in enumerate(layers.items())]
    if not found:
        return Cleaned(scan, ())
    return Cleaned(without(scan, covered(scan, found)), tuple(each.name for each in found))


def _merged(scan: Scan) -> Cleaned:
    doubled = find_doubled(scan)
    if not doubled:
        return Cleaned(scan, ())
    for _ in range(_PASSES):
        scan = replace(scan, vertices=_drawn_together(scan.vertices))
        if not find_doubled(scan):
            break
    return Cleaned(scan, tuple(f"{each.name} merged" for each in doubled))


def _drawn_together(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """Each point moved along the normal of its neighbourhood onto its plane.

    Moving least squares of first order (Alexa et al. 2001).
    """
    thin = points[::max(1, len(points) // 300_000)]
    tree = PointTree(thin)
    moved = np.empty_like(points)
    for start in range(0, len(points), _CHUNK):
        part = points[start:start + _CHUNK].astype(np.float64)
        distance, near = tree.nearest(part, _NEIGHBOURS, _RADIUS_M)
        weight = np.isfinite(distance).astype(np.float64)
        around = thin[np.minimum(near, len(thin) - 1)].astype(np.float64)
        total = np.maximum(weight.sum(axis=1), 1.0)
        middle = (around * weight[..., None]).sum(axis=1) / total[:, None]
        away = (around - middle[:, None]) * weight[..., None]
        normal = np.linalg.eigh(np.einsum("nki,nkj->nij", away, away))[1][:, :, 0]
        height = ((part - middle) * normal).sum(axis=1)
        height[weight.sum(axis=1) < 6] = 0.0
        moved[start:start + _CHUNK] = part - height[:, None] * normal
    return moved
