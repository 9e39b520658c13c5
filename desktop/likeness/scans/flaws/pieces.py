"""The connected pieces of a mesh, found over vertices that lie at the same place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Float64, Int32

from likeness.core.components import components
from likeness.core.ordering import order_by
from likeness.core.triangles import face_crosses, lengths
from likeness.core.welding import first_there
from likeness.scans.flaws.edges import Edges, shared_edges
from likeness.scans.scan import Scan

# Against the largest piece: what hangs on an edge of more than two faces and is no shell.
_CRUMB = 2e-4


@dataclass(frozen=True, eq=False)
class Pieces:
    """`of_face` numbers each face's piece, largest area first; `welded` (F, 3) joins seams.

    `patch` numbers what hangs together and is wound the same way. Areas are in square metres;
    `across` is each face's normal, as long as twice its area.
    """

    scan: Scan
    welded: Int32[np.ndarray, "F 3"]
    of_face: Int32[np.ndarray, " F"]
    patch: Int32[np.ndarray, " F"]
    area: Float64[np.ndarray, " P"]
    across: Float32[np.ndarray, "F 3"]
    edges: Edges

    @cached_property
    def face_area(self) -> Float32[np.ndarray, " F"]:
        """Square metres of each face."""
        return np.float32(0.5) * lengths(self.across)

    @cached_property
    def order(self) -> Int32[np.ndarray, " F"]:
        """Faces sorted by piece."""
        return order_by(self.of_face).astype(np.int32)

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
        faces = self.faces(piece)
        if len(faces) < len(self.scan.vertices) // 20:
            return self.scan.vertices[np.unique(self.scan.faces[faces])]
        if piece not in self._large:
            used = np.zeros(len(self.scan.vertices), bool)  # many times faster for a large piece
            used[self.scan.faces[faces]] = True
            self._large[piece] = self.scan.vertices[used]
        return self._large[piece]

    @cached_property
    def _large(self) -> dict[int, Float32[np.ndarray, "_ 3"]]:
        return {}


def find_pieces(scan: Scan) -> Pieces:
    """Pieces of a mesh with at least one face.

    Faces hang together over edges that two of them share. Where more meet, as along the seam of
    shells that were modelled apart, only those do that share the file's own vertices; a face that
    is there twice counts once.
    """
    welded = first_there(scan.vertices)[scan.faces]
    edges = shared_edges(welded)
    patch, of_face = _patches_and_pieces(scan, edges)
    across = face_crosses(scan.vertices, scan.faces)
    face_area = np.float32(0.5) * lengths(across)
    of_face = _with_crumbs(of_face, face_area, edges)
    area = np.bincount(of_face, face_area)
    rank = np.empty(len(area), np.int32)
    rank[np.argsort(-area, kind="stable")] = np.arange(len(area))
    return Pieces(scan, welded, rank[of_face], patch, -np.sort(-area), across, edges)


def _patches_and_pieces(scan: Scan, edges: Edges,
                        ) -> tuple[Int32[np.ndarray, " F"], Int32[np.ndarray, " F"]]:
    """What hangs together wound the same way, and, by the few links besides, in any way."""
    a, b = edges.pairs
    agree = edges.agree
    patch = components(a[agree], b[agree], len(edges.faces))
    twin, original = edges.twins
    c, d = edges.crowded_pairs(scan.faces)
    one, other = (patch[np.concatenate(each)] for each in ((a[~agree], c, twin),
                                                           (b[~agree], d, original)))
    return patch, components(one, other, int(patch.max(initial=-1)) + 1)[patch]


def _with_crumbs(of_face: Int32[np.ndarray, " F"], face_area: Float32[np.ndarray, " F"],
                 edges: Edges) -> Int32[np.ndarray, " F"]:
    """Pieces joined with the crumbs that hang on their crowded edges, as scanners leave them."""
    area = np.bincount(of_face, face_area)
    a, b = (of_face[each] for each in edges.crowds())
    crumb = np.minimum(area[a], area[b]) < _CRUMB * area.max()
    if not crumb.any():
        return of_face
    return components(a[crumb], b[crumb], len(area))[of_face]


def face_areas(scan: Scan) -> Float32[np.ndarray, " F"]:
    """Square metres of each face of a mesh."""
    return np.float32(0.5) * lengths(face_crosses(scan.vertices, scan.faces))
