"""Surface that lies inside the rest: eyeballs, teeth, joints of limbs, mouth bags, eye sockets."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from likeness.scans.finding import Finding
from likeness.scans.flaws.dark import Region, covers_of, dark_regions, enclosed
from likeness.scans.flaws.exposure import DIM, Exposure, Sight, look_at
from likeness.scans.flaws.layers import layer_finding, layers_over
from likeness.scans.flaws.naming import (
    find_head,
    name_inside,
    name_pockets,
    region_of,
    stature_of,
)
from likeness.scans.flaws.pieces import Pieces

# Share of the sky a whole piece sees on average: enclosed, or more likely clothing.
INSIDE, DOUBTFUL = 0.12, 0.3
# Share of a large piece that lies open: head and hands do where clothes cover all the rest.
LIT = 0.04
# Against the skin's area: what is larger is a layer of the person, however well covered.
LARGE = 0.05
# Share of directions in which a dark region lies under other pieces: possibly, certainly inside.
_COVERED, _ENCLOSED = 0.75, 0.97
# Depth of a region behind its opening; touching skin has 0.2 at most, 0.5 where noise frays a
# small region, a bag 0.8 and more, less where a hole tears it. Large: against the squared height.
_POCKET, _POCKET_SURE, _LARGE_POCKET, _LARGE_AREA = 0.6, 0.8, 0.35, 0.0015
_LOOSE = 0.6
# Under shoes or shorts skin is dark as well; a pocket lies under its own piece.
_WORN = 0.6


@dataclass(frozen=True, eq=False)
class View:
    """The share of the sky each piece sees, the pieces inside, and the one that is the skin."""

    sight: Sight
    look: Exposure
    seen: Float64[np.ndarray, " P"]
    inside: Bool[np.ndarray, " P"]
    skin: int


def look_around(pieces: Pieces) -> View:
    """Look from everywhere to the sky."""
    sight = Sight(pieces)
    look = look_at(sight)
    area = np.maximum(pieces.face_area, 1e-12)
    seen = np.bincount(pieces.of_face, look.seen * area) / np.bincount(pieces.of_face, area)
    lit = np.bincount(pieces.of_face, (look.seen > DOUBTFUL) * area) / np.bincount(
        pieces.of_face, area)
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
    overlaps, pockets = _hidden_parts(pieces, view, cover)
    findings += [_overlap(region, covered, region_of(pieces, region.faces, stature), k)
                 for k, (region, covered) in enumerate(overlaps)]
    names = name_pockets(pieces, pockets, head, stature)
    return findings + [_pocket(region, name, k)
                       for k, (region, name) in enumerate(zip(pockets, names, strict=True))]


def _skin_piece(pieces: Pieces, lit: Bool[np.ndarray, " P"]) -> int:
    """The piece that reaches farthest: from head to feet and from hand to hand.

    Area would take a skirt or a coat, and the best seen is what covers the skin; what nobody sees
    may reach as far, as the rig's inner shell does.
    """
    large = np.flatnonzero((pieces.area > 0.2 * pieces.area[0]) & lit)
    if len(large) == 0:
        return 0
    return max((int(piece) for piece in large),
               key=lambda piece: float(np.ptp(pieces.corners(piece), axis=0).sum()))


def _hidden_parts(pieces: Pieces, view: View, cover: Bool[np.ndarray, " P"],
                  ) -> tuple[list[tuple[Region, float]], list[Region]]:
    """Dark regions of outer pieces: those inside other pieces, and pockets of their own.

    First on patches and not strictly, then with exact rims.
    """
    outer = ~view.inside[pieces.of_face]
    rough = dark_regions(pieces, view.look, (view.look.seen <= DIM) & outer)
    under = [covers_of(view.sight, each, cover) for each in rough]
    dark = np.zeros(len(outer), bool)
    for region, (covered, _) in zip(rough, under, strict=True):
        dark[region.faces] = covered > _COVERED * _LOOSE or region.depth > _LARGE_POCKET
    view.look.sharpen(dark)
    exact = (view.look.seen <= DIM) & outer & (dark | view.look.done[view.look.patch])
    shells = sorted({shell for _, some in under for shell in some})
    inner = np.zeros(len(outer), np.float32)
    faces = np.flatnonzero(exact)
    if shells:
        inner[faces] = _enclosed(view.sight, faces, shells)
    overlaps = dark_regions(pieces, view.look, exact & (inner > _COVERED))
    return ([(each, float(np.average(inner[each.faces], weights=pieces.face_area[each.faces])))
             for each in overlaps], _pockets(pieces, view, exact, inner))


def _pockets(pieces: Pieces, view: View, dark: Bool[np.ndarray, " F"],
             inner: Float32[np.ndarray, " F"]) -> list[Region]:
    """Deep regions of one piece, dark by themselves and not by what the person wears over them."""
    found = []
    large = _LARGE_AREA * stature_of(pieces).height ** 2
    for region in dark_regions(pieces, view.look, dark):
        own = region.faces[inner[region.faces] <= _COVERED]
        area = float(pieces.face_area[own].sum())
        least = _LARGE_POCKET if region.area > large else _POCKET
        if region.depth > least and area > 0.5 * region.area:
            pocket = replace(region, faces=own, area=area)
            if covers_of(view.sight, pocket, ~view.inside)[0] < _WORN:
                found.append(pocket)
    return found


def _enclosed(sight: Sight, faces: Int64[np.ndarray, " R"], shells: list[int],
              ) -> Float32[np.ndarray, " R"]:
    """How far each face lies inside a piece that is not its own."""
    of_face = sight.pieces.of_face[faces]
    share = np.zeros(len(faces), np.float32)
    for piece in np.unique(of_face):
        own = np.flatnonzero(of_face == piece)
        share[own] = enclosed(sight, faces[own], [each for each in shells if each != piece])
    return share


def _internal(pieces: Pieces, piece: int, seen: float, name: str, number: int) -> Finding:
    over = max(0.0, (seen - INSIDE) / (DOUBTFUL - INSIDE))
    return Finding(f"internal-{number}", "internal", name,
                   f"There is a separate piece inside the skin: {name}.",
                   float(pieces.area[piece]), 0.98 - 0.5 * over, "minor", "remove",
                   faces=pieces.faces(piece))


def _overlap(region: Region, covered: float, place: str, number: int) -> Finding:
    sure = min(1.0, max(0.0, (covered - _COVERED) / (_ENCLOSED - _COVERED)))
    return Finding(f"overlap-{number}", "internal", f"part inside the {place}",
                   "One piece of the scan reaches into another one there; nobody sees it from "
                   "outside.", region.area, 0.6 + 0.35 * sure, "minor", "remove",
                   faces=region.faces.astype(np.int32))


def _pocket(region: Region, name: str, number: int) -> Finding:
    sure = min(1.0, max(0.0, (region.depth - _LARGE_POCKET) / (_POCKET_SURE - _LARGE_POCKET)))
    return Finding(f"pocket-{number}", "internal-connected", name,
                   f"The skin folds inwards there ({name}), where nobody sees it from outside.",
                   region.area, 0.7 + 0.25 * sure**0.5, "minor", "remove",
                   faces=region.faces.astype(np.int32))
