"""Layers over the skin: clothing, hair, helper shells; which pieces they are and how far out."""

import numpy as np
from jaxtyping import Bool, Float64

from likeness.core.wording import per_cent
from likeness.scans.finding import Finding
from likeness.scans.flaws.exposure import Sight
from likeness.scans.flaws.pieces import Pieces

_SAMPLES, _SHARE, _FEWEST, _SMALLEST = 200, 0.58, 8, 0.005
# A skirt stands this far off the legs.
_FARTHEST_M, _CLEARANCE_M = 0.25, 3e-4


def layers_over(sight: Sight, outer: Bool[np.ndarray, " P"], skin: int) -> dict[int, float]:
    """The outer pieces behind most of whose surface another outer piece lies, and how far."""
    pieces = sight.pieces
    candidates = [int(piece) for piece in np.flatnonzero(outer)
                  if piece != skin and pieces.area[piece] > _SMALLEST * pieces.area[skin]]
    apart = {piece: _behind(sight, piece, outer) for piece in candidates}
    return {piece: float(np.median(found)) for piece, found in apart.items() if len(found)}


def _behind(sight: Sight, piece: int, outer: Bool[np.ndarray, " P"]) -> Float64[np.ndarray, " _"]:
    """Distances from a piece's open faces to the other outer piece behind; none where few have."""
    import open3d.core

    pieces = sight.pieces
    faces = pieces.faces(piece)
    faces = faces[np.linspace(0, len(faces) - 1, min(_SAMPLES, len(faces))).astype(np.int64)]
    a, b, c = (pieces.scan.vertices[pieces.scan.faces[faces, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    middle = sight.middles(faces)
    sides = np.stack((normal, -normal), axis=1)
    # Off the face, so that the ray does not meet it.
    starts = middle[:, None] + _CLEARANCE_M * sides
    rays = np.concatenate((starts, sides), axis=2).astype(np.float32)
    hits = sight.scene.cast_rays(open3d.core.Tensor(rays))
    distance = hits["t_hit"].numpy().astype(np.float64)
    of_hit = hits["primitive_ids"].numpy().astype(np.int64)
    hit = np.isfinite(distance)
    other = np.where(hit, pieces.of_face[np.where(hit, of_hit, 0)], piece)
    under = hit & (distance < _FARTHEST_M) & (other != piece) & outer[other]
    opposite_open = ~hit[:, ::-1]
    found = under & opposite_open
    open_faces = opposite_open.any(axis=1)  # those under a skirt say nothing about the tights
    if found.sum() < max(_FEWEST, _SHARE * open_faces.sum()):
        return np.zeros(0)
    return distance[found]


def layer_finding(pieces: Pieces, piece: int, apart: float, skin: int, number: int) -> Finding:
    """A whole piece as a layer; it stays, for it may be what the person wears."""
    share = pieces.area[piece] / pieces.area[skin]
    return Finding(f"layer-{number}", "extra-layer", "layer over the skin",
                   f"A separate layer lies {1000 * apart:.0f} mm over the skin ({per_cent(share)} "
                   "of its area): clothing, hair or a helper shell.",
                   float(pieces.area[piece]), 0.7, "minor", "keep", faces=pieces.faces(piece))
