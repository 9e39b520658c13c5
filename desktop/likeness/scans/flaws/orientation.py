"""Which faces show their inner side: those that disagree with neighbours, pieces inside out."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int

from likeness.core.triangles import by_blocks, lengths
from likeness.core.turning import turns_to_agree
from likeness.core.wording import per_cent
from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import Pieces

_SHARE = 0.01  # of the surface: scanners turn a few triangles in folds, which harms nobody
_NEARLY_ALL = 0.9
_LINK = 0.05  # edges for the root of the faces on the lesser side; around a limb it is 0.5
_FLAT = 0.002  # of area^1.5, which a ball has 0.09 of and a body 0.03
_NOISE_M = 0.006  # by which single triangles of a noisy sheet bulge either way, at most
_OPEN = 0.3  # of the area looks one way: a person from one side 0.6, with feet and crown open 0.07
# Of the root of the area: a person from one side bends outwards by 3 to 7 of these, half a ball by
# 2.5, and crumbs bend as noise will.
_BENT, _CRUMB = 2.5, 500


def find_orientation(pieces: Pieces, told: Bool[np.ndarray, " F"]) -> list[Finding]:
    """Surface that faces inwards, where there is more of it than scanners leave in folds.

    `told` faces are to be removed anyway and count for nothing.
    """
    inward = inward_faces(pieces) & ~told
    area = float(pieces.face_area[inward].sum())
    share = area / max(float(pieces.face_area.sum()), 1e-12)
    if share < _SHARE:
        return []
    shown = inward if share < _NEARLY_ALL else np.zeros(0, bool)
    return [Finding("orientation-0", "orientation", "flipped triangles",
                    f"About {per_cent(share)} of the surface faces inwards. The fit turns it "
                    "outwards.",
                    area, 0.9, "minor", "outwards",
                    faces=np.flatnonzero(shown).astype(np.int32))]


def inward_faces(pieces: Pieces) -> Bool[np.ndarray, " F"]:
    """Faces that must turn for neighbours to agree and for what hangs together to enclose volume.

    Faces that agree form patches, which turn against each other where they share a clear border.
    """
    patch, disagree = pieces.patch, ~pieces.edges.agree
    a, b = (patch[each[disagree]] for each in pieces.edges.pairs)
    # So a few edges at which noise lets an arm touch the trunk say nothing about either.
    turned, whole = turns_to_agree(a, b, np.full(len(a), -1), np.bincount(patch),
                                   least=_LINK)
    turned, whole = turned[patch], whole[patch]
    return turned ^ _inside_out(pieces, turned, whole)[whole]


def _inside_out(pieces: Pieces, turned: Bool[np.ndarray, " F"], whole: Int[np.ndarray, " F"],
                ) -> Bool[np.ndarray, " W"]:
    """What encloses negative volume about its own middle; of what is flat, the larger half stays.

    Volume by the divergence theorem, a sixth of the sum of a . (b - a) x (c - a). A sheet encloses
    none, and where it clearly bends inwards it is inside out whatever that says, for skin is round.
    """
    sign = np.where(turned, np.float32(-1), np.float32(1))
    first = np.ascontiguousarray(pieces.scan.faces[:, 0])
    size = np.bincount(whole)
    largest = int(size.argmax())
    others = np.flatnonzero(whole != largest)
    of_others = whole[others]

    def sums(values: Float32[np.ndarray, " F"]) -> Float64[np.ndarray, " W"]:
        found = np.bincount(of_others, values[others], len(size)).astype(np.float64)
        rest = values.copy()
        rest[others] = 0.0
        found[largest] = rest.sum(dtype=np.float64)  # nearly all: no need to look at each
        return found

    volume, one_way = np.zeros(len(size)), np.zeros(len(size))
    for coordinate, flux in zip(pieces.scan.vertices.T, pieces.across.T, strict=True):
        corner, across = np.ascontiguousarray(coordinate)[first], sign * flux
        total = sums(across)
        volume += (sums(corner * across) - sums(corner) / size * total) / 6.0
        one_way += total**2
    area = sums(pieces.face_area)
    mostly_turned = 2.0 * sums(pieces.face_area * turned) > area
    flat = np.abs(volume) < np.maximum(_FLAT * area**1.5, _NOISE_M * area / np.sqrt(size))
    inside_out = np.where(flat, mostly_turned, volume < 0.0)
    sheet = (np.sqrt(one_way) > _OPEN * 2.0 * area) & (size > _CRUMB)
    if sheet.any():
        bend = _bend(pieces, turned, whole, sheet)
        inside_out = np.where(np.abs(bend) > _BENT * np.sqrt(area), bend < 0.0, inside_out)
    return inside_out


def _bend(pieces: Pieces, turned: Bool[np.ndarray, " F"], whole: Int[np.ndarray, " F"],
          asked: Bool[np.ndarray, " W"]) -> Float64[np.ndarray, " W"]:
    """How far what is asked for bends outwards, in metres: its total mean curvature; else zero.

    Of all edges half the length times the angle (Steiner 1840). Noise bends as much either way.
    """
    edges, vertices, across = pieces.edges, pieces.scan.vertices, pieces.across
    a, b = edges.pairs
    own = asked[whole[a]] & (whole[a] == whole[b]) & (edges.agree == (turned[a] == turned[b]))
    a, b = a[own], b[own]
    start, end = edges.ends(edges.pair_sides[0][own])
    sign = np.where(turned, -1.0, 1.0)

    def bent(_: slice, columns: list[Int[np.ndarray, " _"]]) -> Float64[np.ndarray, " _"]:
        one, other, begin, stop = columns
        along = (vertices[stop] - vertices[begin]).astype(np.float64)
        first, second = (across[each].astype(np.float64) for each in (one, other))
        length = lengths(along)
        sine = (np.cross(first, second) * along).sum(axis=1) / np.maximum(length, 1e-12)
        cosine = sign[one] * (first * second).sum(axis=1)
        return 0.5 * length * np.arctan2(sign[other] * sine, sign[other] * cosine)

    parts = by_blocks(bent, np.stack((a, b, start, end), axis=1))
    return np.bincount(whole[a], np.concatenate(parts) if parts else None, len(asked))
