"""Pieces of a mesh that lie inside the rest of it: eyeballs, teeth, caps, helper joints."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from likeness.scans.finding import Finding
from likeness.scans.flaws.naming import find_head, name_inside, stature_of
from likeness.scans.flaws.pieces import Pieces

DIRECTIONS = 48
# Sample points a piece, fewer where there are many pieces.
MOST_POINTS, ALL_POINTS = 40, 16_000
MOST_PIECES = 2_000
# Share of directions in which a piece sees past all others: enclosed, or more likely clothing.
INSIDE, DOUBTFUL = 0.12, 0.3
# Against the skin's area: what is larger is a layer of the person, however well covered.
LARGE = 0.05
LAYER_M, LAYER_SHARE = 0.06, 0.005
_BATCH = 100_000


@dataclass(frozen=True, eq=False)
class Visibility:
    """For each of the largest pieces, the share of directions in which it sees out."""

    seen: Float64[np.ndarray, " P"]
    skin: int

    @property
    def outside(self) -> Bool[np.ndarray, " P"]:
        """Pieces that belong to the outer surface."""
        return self.seen >= DOUBTFUL


def look_around(pieces: Pieces) -> Visibility:
    """Which pieces see out, and which of them is the skin."""
    count = min(len(pieces.area), MOST_PIECES)
    seen = _open_share(pieces, count) if count > 1 else np.ones(count)
    return Visibility(seen, _skin_piece(pieces, seen))


def find_hidden(pieces: Pieces, view: Visibility) -> list[Finding]:
    """Enclosed pieces as `internal`, those that cover the skin as `extra-layer`."""
    stature = stature_of(pieces)
    head = find_head(pieces, [piece for piece in range(len(view.seen))
                              if piece != view.skin and view.seen[piece] < DOUBTFUL], stature)
    findings: list[Finding] = []
    for piece, seen in enumerate(view.seen):
        large = pieces.area[piece] > LARGE * pieces.area[view.skin]
        if piece == view.skin:
            continue
        if seen < (INSIDE if large else DOUBTFUL):
            name = name_inside(pieces, piece, head, stature)
            findings.append(_internal(pieces, piece, float(seen), name, len(findings)))
        elif _covers(pieces, piece, view.skin):
            findings.append(_layer(pieces, piece, view.skin, len(findings)))
    return findings


def _skin_piece(pieces: Pieces, seen: Float64[np.ndarray, " P"]) -> int:
    """The piece that reaches farthest: from head to feet and from hand to hand.

    Area would take a skirt or a coat, and sight would take what covers the skin.
    """
    large = np.flatnonzero(pieces.area[:len(seen)] > 0.2 * pieces.area[0])
    return max((int(piece) for piece in large),
               key=lambda piece: float(np.ptp(pieces.corners(piece), axis=0).sum()))


def _open_share(pieces: Pieces, count: int) -> Float64[np.ndarray, " P"]:
    """For each piece, in what share of directions it sees past all other pieces."""
    import open3d.core
    import open3d.t.geometry

    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(open3d.core.Tensor(pieces.scan.vertices),
                        open3d.core.Tensor(pieces.scan.faces.astype(np.uint32)))
    face, owner = _samples(pieces, count)
    places = pieces.scan.vertices[pieces.scan.faces[face]].mean(axis=1)
    directions = _sphere(DIRECTIONS)
    blocked = np.zeros((len(places), DIRECTIONS), bool)
    for start in range(0, len(places), _BATCH // DIRECTIONS):
        part = slice(start, start + _BATCH // DIRECTIONS)
        rays = np.hstack((np.repeat(places[part], DIRECTIONS, 0),
                          np.tile(directions, (len(places[part]), 1)))).astype(np.float32)
        hits = scene.list_intersections(open3d.core.Tensor(rays))
        ray = hits["ray_ids"].numpy()
        hit = pieces.of_face[hits["primitive_ids"].numpy()]
        others = hit != owner[part][ray // DIRECTIONS]
        blocked[part].reshape(-1)[ray[others]] = True
    return 1.0 - np.bincount(owner, blocked.mean(axis=1), count) / np.bincount(owner,
                                                                               minlength=count)


def _samples(pieces: Pieces, count: int) -> tuple[Int64[np.ndarray, " S"],
                                                 Int64[np.ndarray, " S"]]:
    """Faces spread over each piece, and the piece of each."""
    most = max(2, min(MOST_POINTS, ALL_POINTS // count))
    chosen = []
    for piece in range(count):
        faces = pieces.faces(piece)
        places = np.linspace(0, len(faces) - 1, min(most, len(faces))).astype(np.int64)
        chosen.append(faces[places])
    owner = np.repeat(np.arange(count), [len(each) for each in chosen])
    return np.concatenate(chosen).astype(np.int64), owner


def _sphere(count: int) -> Float32[np.ndarray, "D 3"]:
    """Directions spread evenly over the sphere, along a spiral."""
    k = np.arange(count) + 0.5
    y, turn = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    r = np.sqrt(1 - y * y)
    return np.stack((r * np.cos(turn), y, r * np.sin(turn)), axis=1).astype(np.float32)


def _covers(pieces: Pieces, piece: int, skin: int) -> bool:
    """Whether a piece lies over the skin like a second one."""
    from scipy.spatial import cKDTree

    if pieces.area[piece] < LAYER_SHARE * pieces.area[skin]:
        return False
    own = pieces.corners(piece)
    distance, _ = cKDTree(pieces.corners(skin)).query(own[:: max(1, len(own) // 500)])
    return float(np.median(distance)) < LAYER_M


def _internal(pieces: Pieces, piece: int, seen: float, name: str, number: int) -> Finding:
    over = max(0.0, (seen - INSIDE) / (DOUBTFUL - INSIDE))
    return Finding(f"internal-{number}", "internal", name,
                   f"There is a separate piece inside the skin: {name}.",
                   float(pieces.area[piece]), 0.98 - 0.5 * over, "minor", "remove",
                   faces=pieces.faces(piece))


def _layer(pieces: Pieces, piece: int, skin: int, number: int) -> Finding:
    share = pieces.area[piece] / pieces.area[skin]
    return Finding(f"layer-{number}", "extra-layer", "layer over the skin",
                   f"A separate layer lies over the skin ({share:.0%} of its area): clothing, "
                   "hair or a helper shell.", float(pieces.area[piece]), 0.7, "minor", "keep",
                   faces=pieces.faces(piece))
