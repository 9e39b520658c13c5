"""Mending a mesh: small holes filled, faces turned so that all show their outer side."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.cleanup.removal import Cleaned
from likeness.scans.flaws.defects import loop_areas, loops
from likeness.scans.flaws.pieces import Pieces, find_pieces
from likeness.scans.scan import Scan


@dataclass(frozen=True)
class FixOrientation:
    """Turns faces until neighbours agree, then whole pieces until they face outwards."""

    def __call__(self, scan: Scan) -> Cleaned:
        """A cloud, and a mesh that needs no turning, stay as they are."""
        if not scan.is_mesh:
            return Cleaned(scan, ())
        pieces = find_pieces(scan)
        turned, patch = _disagreeing(pieces)
        turned ^= _inside_out(scan, turned, patch)[patch]
        count = int(turned.sum())
        if count == 0:
            return Cleaned(scan, ())
        faces = scan.faces.copy()
        faces[turned] = faces[turned][:, (0, 2, 1)]
        flipped = replace(scan, faces=faces, normals=_turned_normals(scan, turned))
        return Cleaned(flipped, (f"{count:,} faces turned outwards",))


def _disagreeing(pieces: Pieces) -> tuple[Bool[np.ndarray, " F"], Int64[np.ndarray, " F"]]:
    """Faces that must turn to agree with the first one of their patch, and each face's patch.

    Each face is two nodes, as it is and turned; an edge joins those that agree. What can be
    oriented falls into two halves, one for each way round.
    """
    count = len(pieces.scan.faces)
    first, second = pieces.edges.pair_sides
    same_way = pieces.edges.ends(first)[0] == pieces.edges.ends(second)[0]
    a, b = first % count, second % count
    other = b + count * same_way
    start = np.concatenate((a, a + count))
    end = np.concatenate((other, np.where(same_way, b, b + count)))
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(2 * count,) * 2)
    half = connected_components(graph, directed=False)[1]
    _, leader, patch = np.unique(np.minimum(half[:count], half[count:]), return_index=True,
                                 return_inverse=True)
    return half[:count] != half[leader][patch], patch.astype(np.int64)


def _inside_out(scan: Scan, turned: Bool[np.ndarray, " F"], patch: Int64[np.ndarray, " F"],
                ) -> Bool[np.ndarray, " P"]:
    """Patches whose volume about their own middle would be negative."""
    a, b, c = (scan.vertices[scan.faces[:, k]].astype(np.float64) for k in range(3))
    size = np.bincount(patch)
    middle = np.stack([np.bincount(patch, a[:, k]) / size for k in range(3)], axis=1)
    a, b, c = (each - middle[patch] for each in (a, b, c))
    volume = (a * np.cross(b, c)).sum(axis=1) * np.where(turned, -1.0, 1.0)
    return np.bincount(patch, volume) < -1e-9  # flat patches have no outer side


def _turned_normals(scan: Scan, turned: Bool[np.ndarray, " F"]) -> np.ndarray | None:
    """Normals of vertices all of whose faces turn, turned as well."""
    if scan.normals is None:
        return None
    around = np.bincount(scan.faces.ravel(), minlength=len(scan.vertices))
    flipped = np.bincount(scan.faces[turned].ravel(), minlength=len(scan.vertices))
    normals = scan.normals.copy()
    normals[2 * flipped > around] *= -1
    return normals


@dataclass(frozen=True)
class FillHoles:
    """Closes holes of at most so many square metres with a fan around their middle."""

    largest_m2: float = 0.002

    def __call__(self, scan: Scan) -> Cleaned:
        """Openings that are no simple ring stay open."""
        if not scan.is_mesh:
            return Cleaned(scan, ())
        pieces = find_pieces(scan)
        sides = pieces.edges.open_sides
        start, end = (each.astype(np.int64) for each in pieces.edges.ends(sides))
        if len(start) == 0:
            return Cleaned(scan, ())
        loop = loops(start, end)
        chosen = _simple(start, end, loop)
        chosen &= loop_areas(pieces, start, end, loop) <= self.largest_m2
        count = int(chosen.sum())
        if count == 0:
            return Cleaned(scan, ())
        rim = chosen[loop]
        filled = _filled(scan, start[rim], end[rim], loop[rim])
        return Cleaned(filled, (f"{count} small holes filled" if count > 1 else
                                "one small hole filled",))


def _simple(start: Int64[np.ndarray, " e"], end: Int64[np.ndarray, " e"],
            loop: Int64[np.ndarray, " e"]) -> Bool[np.ndarray, " l"]:
    """Rings that pass each of their vertices once, in one direction."""
    count = np.bincount(loop)
    simple = count >= 3
    for ends in (start, end):
        _, first, times = np.unique(ends, return_index=True, return_counts=True)
        simple[loop[first[times > 1]]] = False
    return simple


def _filled(scan: Scan, start: Int64[np.ndarray, " e"], end: Int64[np.ndarray, " e"],
            loop: Int64[np.ndarray, " e"]) -> Scan:
    """A new vertex in the middle of each ring, and a face from it to each edge."""
    _, ring = np.unique(loop, return_inverse=True)
    count = np.bincount(ring)
    middle = len(scan.vertices) + ring
    fans = np.column_stack((end, start, middle)).astype(np.int32)

    def joined(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        wide = values[start].astype(np.float64)
        mean = np.stack([np.bincount(ring, wide[:, k]) for k in range(wide.shape[1])], axis=1)
        return np.concatenate((values, (mean / count[:, None]).astype(values.dtype)))

    vertices: Float64[np.ndarray, "M 3"] | None = joined(scan.vertices)
    assert vertices is not None
    return replace(scan, vertices=vertices, faces=np.concatenate((scan.faces, fans)),
                   normals=joined(scan.normals), colors=joined(scan.colors), uv=joined(scan.uv))
