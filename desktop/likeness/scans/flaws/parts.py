"""Parts of visible pieces that nobody sees: inside another piece, or in a pocket of their own."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.core.ordering import numbered
from likeness.scans.flaws.dark import Region, covers_of, dark_regions, most_covered
from likeness.scans.flaws.exposure import DIM, Exposure, Sight, sphere

# Share of directions in which a face lies under one other piece: from here on inside it.
COVERED = 0.75
# Depth of a region behind its opening; touching skin has 0.2 at most, 0.5 where noise frays a
# small region, a bag 0.8 and more, less where a hole tears it. Large: against the squared height.
_POCKET, LARGE_POCKET, _LARGE_AREA = 0.6, 0.31, 0.0015
# What looks like a hidden part by patches is looked at again face by face.
_LOOSE = 0.6
# Under shoes or shorts skin is dark as well; a pocket lies under its own piece.
_WORN = 0.6
# What removal would cut off and leave in the dark goes along, and so do crumbs of the whole.
_LEFT_DARK, _CRUMB = 0.3, 1e-4
_ENCLOSING = 12


@dataclass(frozen=True, eq=False)
class Overlap:
    """A region inside other pieces, and in what share of directions it lies under one of them."""

    region: Region
    covered: float


def hidden_parts(sight: Sight, look: Exposure, visible: Bool[np.ndarray, " P"],
                 cover: Bool[np.ndarray, " P"], height: float,
                 ) -> tuple[list[Overlap], list[Region]]:
    """Dark regions of visible pieces: those inside pieces that `cover`, and pockets of their own.

    First on patches and not strictly, then with exact rims.
    """
    outer = visible[sight.pieces.of_face]
    rough = dark_regions(sight.pieces, look, (look.seen <= DIM) & outer)
    under = [covers_of(sight, each, cover) for each in rough]
    dark = np.zeros(len(outer), bool)
    for region, covered in zip(rough, under, strict=True):
        dark[region.faces] = covered > COVERED * _LOOSE or region.depth > LARGE_POCKET
    if not dark.any():
        return [], []
    look.sharpen(dark)
    exact = (look.seen <= DIM) & outer & (dark | look.done[look.patch])
    inner = _enclosed(sight, look, exact, cover)
    overlaps = dark_regions(sight.pieces, look, exact & (inner > COVERED))
    pockets = _pockets(sight, look, exact, inner, visible, _LARGE_AREA * height**2)
    whole = _with_islands(sight, look, [*overlaps, *pockets])
    weight = sight.pieces.face_area + np.float32(1e-12)
    share = [float(np.average(inner[each.faces], weights=weight[each.faces]))
             for each in overlaps]
    return ([Overlap(each, covered) for each, covered in zip(whole, share, strict=False)],
            whole[len(overlaps):])


def _pockets(sight: Sight, look: Exposure, dark: Bool[np.ndarray, " F"],
             inner: Float32[np.ndarray, " F"], visible: Bool[np.ndarray, " P"],
             large: float) -> list[Region]:
    """Deep regions of one piece, dark by themselves and not by what the person wears over them."""
    found = []
    for region in dark_regions(sight.pieces, look, dark):
        own = region.faces[inner[region.faces] <= COVERED]
        area = float(sight.pieces.face_area[own].sum())
        least = LARGE_POCKET if region.area > large else _POCKET
        if region.depth > least and area > 0.5 * region.area:
            pocket = replace(region, faces=own, area=area)
            if covers_of(sight, pocket, visible) < _WORN:
                found.append(pocket)
    return found


def _enclosed(sight: Sight, look: Exposure, dark: Bool[np.ndarray, " F"],
              cover: Bool[np.ndarray, " P"]) -> Float32[np.ndarray, " F"]:
    """In what share of directions each dark face lies under one other piece that covers, at most.

    Whatever lies inside a closed piece has it in every direction, whichever way that is wound. One
    dark face speaks for those of its patch.
    """
    share = np.zeros(len(dark), np.float32)
    faces = np.flatnonzero(dark)
    count, number = numbered(look.patch[faces])
    speaker = np.empty(count, np.int64)
    speaker[number] = faces
    share[faces] = most_covered(sight, speaker, cover, sphere(_ENCLOSING))[number]
    return share


def _with_islands(sight: Sight, look: Exposure, regions: list[Region]) -> list[Region]:
    """The regions with what their removal would cut off: crumbs, and surface left in the dark."""
    pieces = sight.pieces
    of_region = np.full(len(look.seen), -1, np.int32)
    for k, region in enumerate(regions):
        of_region[region.faces] = k
    a, b = pieces.edges.pairs
    of_a, of_b = of_region[a], of_region[b]
    stay = (of_a < 0) & (of_b < 0)
    graph = coo_array((np.ones(int(stay.sum()), np.int8), (a[stay], b[stay])),
                      shape=(len(look.seen),) * 2)
    left = connected_components(graph, directed=False)[1]
    area = np.bincount(left, pieces.face_area)
    seen = np.bincount(left, look.seen * pieces.face_area) / np.maximum(area, 1e-12)
    cut_off = (area < _CRUMB * area.max()) | ((seen < _LEFT_DARK) & (area < 0.02 * area.max()))
    of_island = np.full(len(area), -1, np.int32)
    for of_one, of_other, other in ((of_a, of_b, b), (of_b, of_a, a)):
        rim = (of_one >= 0) & (of_other < 0)
        island, into = left[other[rim]], of_one[rim]
        of_island[island[cut_off[island]]] = into[cut_off[island]]
    of_region = np.where(of_region < 0, of_island[left], of_region)
    return [_regrown(region, np.flatnonzero(of_region == k), pieces.face_area)
            for k, region in enumerate(regions)]


def _regrown(region: Region, faces: Int64[np.ndarray, " R"],
             area: Float32[np.ndarray, " F"]) -> Region:
    return replace(region, faces=faces, area=float(area[faces].sum()))
