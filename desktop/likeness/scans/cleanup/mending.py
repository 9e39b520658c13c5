"""Mending a mesh: small holes filled, faces turned so that all show their outer side."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64, Int64

from likeness.scans.cleanup.removal import Cleaned
from likeness.scans.flaws.defects import loop_areas, loops
from likeness.scans.flaws.orientation import inward_faces
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.normals import mesh_normals
from likeness.scans.scan import Scan


@dataclass(frozen=True)
class FixOrientation:
    """Turns faces until neighbours agree, then whole pieces until they face outwards."""

    def __call__(self, scan: Scan) -> Cleaned:
        """A cloud, and a mesh that needs no turning, stay as they are."""
        if not scan.is_mesh:
            return Cleaned(scan, ())
        turned = inward_faces(find_pieces(scan))
        count = int(turned.sum())
        if count == 0:
            return Cleaned(scan, ())
        faces = scan.faces.copy()
        faces[turned] = faces[turned][:, (0, 2, 1)]
        normals = None if scan.normals is None else mesh_normals(scan.vertices, faces)
        return Cleaned(replace(scan, faces=faces, normals=normals),
                       (f"{count:,} faces turned outwards",))


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
