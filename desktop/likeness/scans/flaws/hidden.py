"""Surface that lies inside the rest: eyeballs, teeth, joints of limbs, mouth bags, eye sockets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from likeness.scans.finding import Finding
from likeness.scans.flaws.dark import Region
from likeness.scans.flaws.exposure import Exposure, Sight, look_at
from likeness.scans.flaws.layers import layer_finding, layers_over
from likeness.scans.flaws.naming import (
    find_head,
    name_inside,
    name_pockets,
    region_of,
    stature_of,
)
from likeness.scans.flaws.parts import COVERED, LARGE_POCKET, Overlap, hidden_parts
from likeness.scans.flaws.pieces import Pieces

# Share of the sky a whole piece sees on average: enclosed, or more likely clothing.
INSIDE, DOUBTFUL = 0.12, 0.3
# Share of a large piece that lies open: head and hands do where clothes cover all the rest.
LIT = 0.04
# Against the skin's area: what is larger is a layer of the person, however well covered.
LARGE = 0.05
# A part is certainly inside from this share of directions on, and a pocket from this depth on.
_ENCLOSED, _DEEP = 0.97, 0.8
# An overlap is the skin's own if this share of its triangles is.
_OF_SKIN = 0.5


@dataclass(frozen=True, eq=False)
class View:
    """The share of the sky each piece sees, the pieces inside, and the one that is the skin."""

    sight: Sight
    look: Exposure
    seen: Float64[np.ndarray, " P"]
    inside: Bool[np.ndarray, " P"]
    skin: int


def look_around(pieces: Pieces, tick: Callable[[], None]) -> View:
    """Look from everywhere to the sky; `tick` is called on the way and may raise `Cancelled`."""
    sight = Sight(pieces, tick)
    look = look_at(sight)
    area, piece = np.maximum(pieces.face_area, 1e-12), pieces.of_face.astype(np.int64)
    whole = np.bincount(piece, area)
    seen = np.bincount(piece, look.seen * area) / whole
    lit = np.bincount(piece, (look.seen > DOUBTFUL) * area) / whole
    skin = _skin_piece(pieces, lit > LIT)
    large = pieces.area > LARGE * pieces.area[skin]
    inside = (seen < np.where(large, INSIDE, DOUBTFUL)) & (~large | (lit < LIT))
    inside[skin] = False
    return View(sight, look, seen, inside, skin)


def find_hidden(pieces: Pieces, view: View) -> list[Finding]:
    """Inner pieces, inner parts of other pieces, pockets of the skin; layers over it."""
    stature = stature_of(pieces)
    inside = np.flatnonzero(view.inside)
    head = find_head(pieces, [int(piece) for piece in inside], stature)
    findings = [_internal(pieces, int(piece), float(view.seen[piece]),
                          name_inside(pieces, int(piece), head, stature), k)
                for k, piece in enumerate(inside)]
    layers = layers_over(view.sight, ~view.inside, view.skin)
    findings += [layer_finding(pieces, piece, apart, view.skin, k)
                 for k, (piece, apart) in enumerate(layers.items())]
    cover = ~view.inside
    cover[list(layers)] = False
    overlaps, pockets = hidden_parts(view.sight, view.look, ~view.inside, cover, stature.height)
    findings += [_overlap(each.region, _sure(pieces, each, view.skin, bool(layers)),
                          region_of(pieces, each.region.faces, stature), k)
                 for k, each in enumerate(overlaps)]
    names = name_pockets(pieces, pockets, head, stature)
    return findings + [_pocket(region, name, k)
                       for k, (region, name) in enumerate(zip(pockets, names, strict=True))]


def _skin_piece(pieces: Pieces, lit: Bool[np.ndarray, " P"]) -> int:
    """The piece that reaches farthest: from head to feet and from hand to hand.

    Area would take a skirt or a coat, and the best seen is what covers the skin; what nobody sees
    may reach as far, as the rig's inner shell does.
    """
    large = np.flatnonzero((pieces.area > 0.2 * pieces.area[0]) & lit)
    if len(large) < 2:
        return int(large[0]) if len(large) else 0
    return max((int(piece) for piece in large),
               key=lambda piece: float(np.ptp(pieces.corners(piece), axis=0).sum()))


def _internal(pieces: Pieces, piece: int, seen: float, name: str, number: int) -> Finding:
    over = max(0.0, (seen - INSIDE) / (DOUBTFUL - INSIDE))
    return Finding(f"internal-{number}", "internal", name,
                   f"Hidden under the skin, and separate from it: {name}.",
                   float(pieces.area[piece]), 0.98 - 0.5 * over, "minor", "remove",
                   faces=pieces.faces(piece), place=name)


def _sure(pieces: Pieces, overlap: Overlap, skin: int, layered: bool) -> float:
    """From 0 to 1: how sure it is that what lies inside is the one to go.

    Where layers lie over the skin, what holds a part of the skin may be one more of them: a
    second, larger hand around the true one.
    """
    if layered and np.mean(pieces.of_face[overlap.region.faces] == skin) > _OF_SKIN:
        return 0.0
    return min(1.0, max(0.0, (overlap.covered - COVERED) / (_ENCLOSED - COVERED)))


def _overlap(region: Region, sure: float, place: str, number: int) -> Finding:
    return Finding(f"overlap-{number}", "internal", f"part inside the {place}",
                   f"One piece of the scan reaches into another one there ({place}); nobody sees "
                   "it from outside.", region.area, 0.6 + 0.35 * sure, "minor", "remove",
                   faces=region.faces.astype(np.int32), place=place)


def _pocket(region: Region, name: str, number: int) -> Finding:
    sure = min(1.0, max(0.0, (region.depth - LARGE_POCKET) / (_DEEP - LARGE_POCKET)))
    return Finding(f"pocket-{number}", "internal-connected", name,
                   f"The skin folds inwards there ({name}), where nobody sees it from outside.",
                   region.area, 0.7 + 0.25 * sure**0.5, "minor", "remove",
                   faces=region.faces.astype(np.int32), place=name)
