"""The connected pieces of a mesh, found over vertices that lie at the same place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Float64, Int32
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.scan import Scan


@dataclass(frozen=True, eq=False)
class Pieces:
    """`of_face` numbers each face's piece, largest area first; `welded` (F, 3) joins seams."""

    scan: Scan
    welded: Int32[np.ndarray, "F 3"]
    of_face: Int32[np.ndarray, " F"]
    area: Float64[np.ndarray, " P"]

    @cached_property
    def face_area(self) -> Float32[np.ndarray, " F"]:
        """Square metres of each face."""
        return face_areas(self.scan)

    @cached_property
    def order(self) -> Int32[np.ndarray, " F"]:
        """Faces sorted by piece."""
        return np.argsort(self.of_face, kind="stable").astype(np.int32)

    @cached_property
    def starts(self) -> Int32[np.ndarray, " _"]:
        """Where each piece begins in `order`."""
        counts = np.bincount(self.of_face, minlength=len(self.area))
        return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)

    def faces(self, piece: int) -> Int32[np.ndarray, " _"]:
        """The faces of a piece."""
        return self.order[self.starts[piece]:self.starts[piece + 1]]

    def corners(self, piece: int) -> Float32[np.ndarray, "_ 3"]:
        """The vertices of a piece."""
        faces = self.scan.faces[self.faces(piece)]
        if len(faces) < len(self.scan.vertices) // 20:
            return self.scan.vertices[np.unique(faces)]
        used = np.zeros(len(self.scan.vertices), bool)  # many times faster for a large piece
        used[faces] = True
        return self.scan.vertices[used]


def find_pieces(scan: Scan) -> Pieces:
    """Pieces of a mesh with at least one face."""
    welded = _welded(scan)
    joined = coo_array((np.ones(2 * len(welded), np.int8),
                        (np.concatenate((welded[:, 0], welded[:, 1])),
                         np.concatenate((welded[:, 1], welded[:, 2])))),
                       shape=(len(scan.vertices),) * 2)
    _, of_vertex = connected_components(joined, directed=False)
    _, of_face = np.unique(of_vertex[welded[:, 0]], return_inverse=True)
    area = np.bincount(of_face, face_areas(scan).astype(np.float64))
    rank = np.empty(len(area), np.int32)
    rank[np.argsort(-area, kind="stable")] = np.arange(len(area))
    return Pieces(scan, welded, rank[of_face], -np.sort(-area))


def face_areas(scan: Scan) -> Float32[np.ndarray, " F"]:
    """Square metres of each face of a mesh."""
    a, b, c = (scan.vertices[scan.faces[:, i]] for i in range(3))
    return (0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)).astype(np.float32)


def _welded(scan: Scan) -> Int32[np.ndarray, "F 3"]:
    """Faces over one vertex per place; files repeat vertices along texture seams."""
    place = np.ascontiguousarray(scan.vertices + np.float32(0)).view(np.uint32).astype(np.uint64)
    # Two odd multipliers spread the three coordinates over one number; a clash would have to hit
    # both 64 bits.
    key = (place[:, 0] * np.uint64(0x9E3779B97F4A7C15)
           ^ place[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
           ^ (place[:, 2] + np.uint64(1)) * np.uint64(0x165667B19E3779F9))
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int32)[scan.faces]
