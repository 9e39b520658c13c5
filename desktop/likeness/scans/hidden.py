"""Pieces of a mesh that lie inside the rest of it: eyeballs, teeth, tongues, helper joints."""

import numpy as np
from jaxtyping import Float32, Float64

from likeness.scans.finding import Finding
from likeness.scans.pieces import Pieces

DIRECTIONS, POINTS = 48, 40
INSIDE, DOUBTFUL = 0.12, 0.3  # share of directions in which a piece sees out
MOST_PIECES = 400
LAYER_M = 0.06
TOP = 0.86  # of the height; above it is the head


def find_hidden(pieces: Pieces) -> list[Finding]:
    """Enclosed pieces as `internal`, outer shells over the skin as `extra-layer`."""
    if len(pieces.area) < 2:
        return []
    count = min(len(pieces.area), MOST_PIECES)
    seen = _open_share(pieces, count)
    skin = _skin_piece(pieces, seen)
    findings: list[Finding] = []
    for piece in range(count):
        if piece == skin:
            continue
        if seen[piece] < DOUBTFUL:
            findings.append(_internal(pieces, piece, float(seen[piece]), len(findings)))
        elif _covers(pieces, piece, skin):
            findings.append(_layer(pieces, piece, len(findings)))
    return findings


def _skin_piece(pieces: Pieces, seen: Float64[np.ndarray, " P"]) -> int:
    """The largest piece that sees out."""
    outside = np.flatnonzero(seen >= DOUBTFUL)
    return int(outside[0]) if len(outside) else 0


def _open_share(pieces: Pieces, count: int) -> Float64[np.ndarray, " P"]:
    """For each piece, in what share of directions it sees past all other pieces."""
    import open3d.core
    import open3d.t.geometry

    scan, draw = pieces.scan, np.random.default_rng(0)
    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(open3d.core.Tensor(scan.vertices),
                        open3d.core.Tensor(scan.faces.astype(np.uint32)))
    directions = _sphere(DIRECTIONS)
    share = np.ones(count)
    for piece in range(count):
        faces = pieces.faces(piece)
        chosen = faces if len(faces) <= POINTS else draw.choice(faces, POINTS, replace=False)
        places = scan.vertices[scan.faces[chosen]].mean(axis=1)
        rays = np.hstack((np.repeat(places, DIRECTIONS, 0), np.tile(directions, (len(places), 1))))
        hits = scene.list_intersections(open3d.core.Tensor(rays.astype(np.float32)))
        others = pieces.of_face[hits["primitive_ids"].numpy()] != piece
        blocked = np.zeros(len(rays), bool)
        blocked[hits["ray_ids"].numpy()[others]] = True
        share[piece] = 1.0 - blocked.mean()
    return share


def _sphere(count: int) -> Float32[np.ndarray, "D 3"]:
    """Directions spread evenly over the sphere, along a spiral."""
    k = np.arange(count) + 0.5
    y, turn = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    r = np.sqrt(1 - y * y)
    return np.stack((r * np.cos(turn), y, r * np.sin(turn)), axis=1).astype(np.float32)


def _covers(pieces: Pieces, piece: int, skin: int) -> bool:
    """Whether a piece lies over the skin like a second one."""
    from scipy.spatial import cKDTree

    if pieces.area[piece] < 0.005 * pieces.area[skin]:
        return False
    own = pieces.corners(piece)
    distance, _ = cKDTree(pieces.corners(skin)).query(own[:: max(1, len(own) // 500)])
    return float(np.median(distance)) < LAYER_M


def _internal(pieces: Pieces, piece: int, seen: float, number: int) -> Finding:
    name = _name(pieces, piece)
    confidence = 0.98 if seen < INSIDE else 0.98 - 0.5 * (seen - INSIDE) / (DOUBTFUL - INSIDE)
    return Finding(f"internal-{number}", "internal", name,
                   f"There is a separate piece inside the skin: {name}.",
                   float(pieces.area[piece]), confidence, "serious", "remove",
                   faces=pieces.faces(piece))


def _layer(pieces: Pieces, piece: int, number: int) -> Finding:
    share = pieces.area[piece] / pieces.area[0]
    return Finding(f"layer-{number}", "extra-layer", "outer layer",
                   f"A separate layer lies over the skin ({share:.0%} of its area): clothing, "
                   "hair or a helper shell.", float(pieces.area[piece]), 0.7, "minor", "keep",
                   faces=pieces.faces(piece))


def _name(pieces: Pieces, piece: int) -> str:
    """By size and place: round pieces of an eye's size high up are eyeballs."""
    corners, vertices = pieces.corners(piece), pieces.scan.vertices
    height = float(np.ptp(vertices[:, 1]))
    high = (float(corners[:, 1].mean()) - float(vertices[:, 1].min())) / height
    extent = np.ptp(corners, axis=0)
    round_ = float(extent.max()) < 1.6 * float(extent.min())
    if high > TOP:
        return "eyeball" if round_ and float(extent.max()) < 0.03 * height else "mouth part"
    return "inner piece"
