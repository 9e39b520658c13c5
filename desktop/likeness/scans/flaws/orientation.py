"""Which faces show their inner side: those that disagree with neighbours, pieces inside out."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int32, Int64
from scipy.sparse import coo_array

from likeness.core.components import components
from likeness.core.wording import per_cent
from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import Pieces

_SHARE = 0.01  # of the surface: scanners turn a few triangles in folds, which harms nobody
_NEARLY_ALL = 0.9
_LINK = 0.05  # edges for the root of the faces on the lesser side; around a limb it is 0.5
_FLAT = 0.002  # of area^1.5, which a ball has 0.09 of and a body 0.03
_NOISE_M = 0.006  # by which single triangles of a noisy sheet bulge either way, at most


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
    turned, whole = _against_each_other(a, b, np.bincount(patch))
    turned, whole = turned[patch], whole[patch]
    return turned ^ _inside_out(pieces, turned, whole)[whole]


def _against_each_other(a: Int32[np.ndarray, " B"], b: Int32[np.ndarray, " B"],
                        size: Int64[np.ndarray, " P"],
                        ) -> tuple[Bool[np.ndarray, " P"], Int[np.ndarray, " P"]]:
    """Which patches of so many faces turn, and what hangs together; a and b disagree at an edge.

    Round by round each joins that of its neighbours which most edges are for (Boruvka 1926), and
    between what has joined all edges are counted anew: those that agree by now against those that
    do not. So a contradiction, as on a Moebius strip, is left at the shortest border, and a few
    edges at which noise lets an arm touch the trunk say nothing about either.
    """
    turned, whole = np.zeros(len(size), bool), np.arange(len(size))
    while True:
        apart = whole[a] != whole[b]
        a, b = a[apart], b[apart]
        low, high, vote = _votes(whole[a], whole[b], turned[a] != turned[b])
        faces = np.bincount(whole, size)
        clear = np.abs(vote) > _LINK * np.sqrt(np.minimum(faces[low], faces[high]))
        joined = _clearest(low[clear], high[clear], vote[clear], len(faces))
        if len(joined[0]) == 0:
            return turned, whole
        turn, into = _halves(*joined, len(faces))
        turned ^= turn[whole]
        whole = into[whole]


def _votes(a: Int[np.ndarray, " B"], b: Int[np.ndarray, " B"], agree: Bool[np.ndarray, " B"],
           ) -> tuple[Int64[np.ndarray, " K"], Int64[np.ndarray, " K"],
                      Float64[np.ndarray, " K"]]:
    """Each pair that shares edges, and how many more of these agree than do not."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    count = int(high.max(initial=-1)) + 1
    votes = coo_array((np.where(agree, 1.0, -1.0), (low, high)), shape=(count, count))
    votes = votes.tocsr().tocoo()  # the same pair's edges add up
    return votes.row.astype(np.int64), votes.col.astype(np.int64), votes.data


def _clearest(low: Int64[np.ndarray, " K"], high: Int64[np.ndarray, " K"],
              vote: Float64[np.ndarray, " K"], count: int,
              ) -> tuple[Int64[np.ndarray, " E"], Int64[np.ndarray, " E"],
                         Bool[np.ndarray, " E"]]:
    """The pairs that are the clearest of one of their two, and whether they agree: a forest."""
    order = np.argsort(-np.abs(vote), kind="stable")
    best = np.full(count, len(order))
    for ends in (low, high):
        np.minimum.at(best, ends[order], np.arange(len(order)))
    chosen = order[np.unique(best[best < len(order)])]
    return low[chosen], high[chosen], vote[chosen] > 0


def _halves(a: Int64[np.ndarray, " E"], b: Int64[np.ndarray, " E"], agree: Bool[np.ndarray, " E"],
            count: int) -> tuple[Bool[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Of a forest, which nodes turn so that all pairs agree, and the number of each one's tree.

    Each is two nodes, as it is and turned. What hangs together falls into two halves, one for each
    way round.
    """
    one, other = np.concatenate((a, a + count)), np.concatenate((b, b + count))
    half = components(one, np.where(np.tile(agree, 2), other, (other + count) % (2 * count)),
                      2 * count)
    leader, tree = np.unique(np.minimum(half[:count], half[count:]), return_inverse=True)
    return half[:count] != leader[tree], tree


def _inside_out(pieces: Pieces, turned: Bool[np.ndarray, " F"], whole: Int[np.ndarray, " F"],
                ) -> Bool[np.ndarray, " W"]:
    """What encloses negative volume about its own middle; of what is flat, the larger half stays.

    Volume by the divergence theorem, a sixth of the sum of a . (b - a) x (c - a).
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

    volume = np.zeros(len(size))
    for coordinate, flux in zip(pieces.scan.vertices.T, pieces.across.T, strict=True):
        corner, across = np.ascontiguousarray(coordinate)[first], sign * flux
        volume += (sums(corner * across) - sums(corner) / size * sums(across)) / 6.0
    area = sums(pieces.face_area)
    mostly_turned = 2.0 * sums(pieces.face_area * turned) > area
    flat = np.abs(volume) < np.maximum(_FLAT * area**1.5, _NOISE_M * area / np.sqrt(size))
    return np.where(flat, mostly_turned, volume < 0.0)
