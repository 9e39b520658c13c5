"""A mesh of tens of millions of triangles is inspected and drawn on a coarser copy of itself.

Vertices of one piece that share a cell become one, as in the vertex clustering of Rossignac and
Borrel 1993; those of different pieces never do, so that an eyeball stays apart from its lids.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int32, Int64

from likeness.core.components import components
from likeness.core.ordering import order_by
from likeness.core.triangles import face_crosses, lengths
from likeness.core.welding import first_there
from likeness.scans.finding import Finding
from likeness.scans.flaws.edges import find_twins
from likeness.scans.flaws.pieces import face_areas
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan

MOST_FACES = 4_000_000  # of a mesh that is taken as it is
_FACES = 3_500_000  # asked for; the copy has about half
_FLIPPED = 0.2  # of the surface
_TORN = 0.5  # length of the mean normal
_ALIKE = 0.9  # of the area, in a copy that shows the same: crumbs that are none of a surface vanish
_SAMPLE = 20_000  # faces whose area is taken
_REACH = 5_000  # cells from the middle; what is farther off shares the outermost

_COPIES: WeakKeyDictionary[Scan, Scan | None] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Coarse:
    """The copy; `vertex` says which of its vertices stands for each one of the whole scan."""

    whole: Scan
    scan: Scan
    vertex: Int32[np.ndarray, " N"]

    def of_whole(self, findings: Sequence[Finding]) -> list[Finding]:
        """Findings of the copy with the faces of the whole scan.

        Without what a copy brings along itself: edges of many triangles, a few that are flipped.
        """
        area = float(face_areas(self.scan).sum())
        return [self._whole(each) for each in findings if each.kind != "degenerate"
                and not (each.action == "outwards" and each.area_m2 < _FLIPPED * area)]

    def _whole(self, finding: Finding) -> Finding:
        """A face goes with the cell of its first corner; a cell goes with most of the copy's
        faces around it, the rim of a hole with any of them.
        """
        if len(finding.faces) == 0:
            return finding
        count = len(self.scan.vertices)
        inside = np.bincount(self.scan.faces[finding.faces].ravel(), minlength=count)
        cells = inside > (0 if finding.kind == "hole" else self._around // 2)
        if not cells.any():
            cells = inside > 0
        first = self._first
        faces = np.concatenate([self._order[first[cell]:first[cell + 1]]
                                for cell in np.flatnonzero(cells)])
        return replace(finding, faces=np.sort(faces).astype(np.int32))

    @cached_property
    def _around(self) -> Int64[np.ndarray, " M"]:
        return np.bincount(self.scan.faces.ravel(), minlength=len(self.scan.vertices))

    @cached_property
    def _corner(self) -> Int32[np.ndarray, " F"]:
        return self.vertex[self.whole.faces[:, 0]]

    @cached_property
    def _order(self) -> Int[np.ndarray, " F"]:
        """Faces of the whole scan by the cell of their first corner."""
        return order_by(self._corner)

    @cached_property
    def _first(self) -> Int64[np.ndarray, " _"]:
        """Where the faces of each cell begin in that order."""
        counts = np.bincount(self._corner, minlength=len(self.scan.vertices))
        return np.concatenate(([0], np.cumsum(counts)))


def light(scan: Scan) -> Scan:
    """The scan, or a copy where it is huge: not of one with a texture, nor of mere crumbs."""
    if len(scan.faces) <= MOST_FACES:
        return scan
    if scan not in _COPIES and scan.texture is None:
        coarser(scan, _FACES)
    return _COPIES.get(scan) or scan


def coarser(scan: Scan, target_faces: int = _FACES) -> Coarse:
    """A copy of about so many triangles; of more where the scan is crumbs."""
    size = _cell_size(scan, target_faces)
    normals = with_normals(scan).normals
    assert normals is not None
    kept, cell = _cells(scan, normals, size)
    a, b, c = (cell[np.ascontiguousarray(corner)] for corner in scan.faces.T)
    rows = (a != b) & (b != c) & (c != a)
    faces = np.stack((a[rows], b[rows], c[rows]), axis=1)
    faces = np.delete(faces, find_twins(faces)[0], axis=0)
    # The whole's normals: noise, which is as wide as the cells, makes those of the copy useless.
    mean = _summed(normals, cell)
    mean /= np.maximum(lengths(mean), 1e-12)[:, None]
    less = replace(scan, vertices=scan.vertices[kept], faces=faces, normals=mean.astype(np.float32),
                   colors=None if scan.colors is None else scan.colors[kept], uv=None, texture=None)
    alike = scan.texture is None and _area(less) > _ALIKE * _area(scan)
    _COPIES[scan] = less if alike else None
    return Coarse(scan, less, cell)


def _cell_size(scan: Scan, target: int) -> float:
    """Metres: a surface crosses about area / size² cells and keeps some two faces for each."""
    return float(np.sqrt(3.0 * _area(scan) / target)) or 1e-3


def _area(scan: Scan) -> float:
    """Square metres, from some of the faces."""
    if len(scan.faces) == 0:
        return 0.0
    few = scan.faces[::max(1, len(scan.faces) // _SAMPLE)]
    return 0.5 * float(lengths(face_crosses(scan.vertices, few)).mean()) * len(scan.faces)


def _cells(scan: Scan, normals: Float32[np.ndarray, "N 3"], size: float,
           ) -> tuple[Int64[np.ndarray, " M"], Int32[np.ndarray, " N"]]:
    """A vertex that stands for each cell in use, and each vertex's cell.

    Where vertices are repeated, as along seams of textures and rims of shells, the same place
    stands for the cells on both sides: what met there still does.
    """
    middle = np.median(scan.vertices[::max(1, len(scan.vertices) // 100_000)], axis=0)
    key = _piece_of(scan)
    for axis in range(3):
        far = np.clip((scan.vertices[:, axis] - middle[axis]) / size, -_REACH, _REACH - 1)
        key = key * (2 * _REACH) + (np.floor(far).astype(np.int64) + _REACH)
    order = _repeated_first(first_there(scan.vertices))
    kept, group = _grouped(key[order])
    kept, cell = order[kept], np.empty(len(order), np.int32)
    cell[order] = group
    apart = order[_other_side(normals, kept, cell)[order]]
    first, group = _grouped(cell[apart])
    cell[apart] = len(kept) + group
    return np.concatenate((kept, apart[first])), cell


def _grouped(key: Int[np.ndarray, " N"]) -> tuple[Int64[np.ndarray, " M"], Int64[np.ndarray, " N"]]:
    """The first of each key, and the number of each one's key among all."""
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return first, group


def _summed(normals: Float32[np.ndarray, "N 3"], cell: Int32[np.ndarray, " N"],
            ) -> Float64[np.ndarray, "M 3"]:
    """The sum of the normals in each cell."""
    return np.stack([np.bincount(cell, normals[:, k]) for k in range(3)], axis=1)


def _other_side(normals: Float32[np.ndarray, "N 3"], kept: Int64[np.ndarray, " M"],
                cell: Int32[np.ndarray, " N"]) -> Bool[np.ndarray, " N"]:
    """Vertices of cells with surface of two sides, as where lips touch, on the second one."""
    torn = lengths(_summed(normals, cell)) < _TORN * np.bincount(cell)
    rows = np.flatnonzero(torn[cell])
    against = np.einsum("nc,nc->n", normals[rows], normals[kept[cell[rows]]]) < 0
    other = np.zeros(len(cell), bool)
    other[rows[against]] = True
    return other


def _piece_of(scan: Scan) -> Int64[np.ndarray, " N"]:
    """Numbers for what hangs together by the file's own vertices.

    One side of each triangle joins nearly all; the few that it leaves apart are joined then.
    """
    a, b, c = (np.ascontiguousarray(corner) for corner in scan.faces.T)
    part = components(a, b, len(scan.vertices))
    ends = part[b], part[c]
    apart = ends[0] != ends[1]
    whole = components(ends[0][apart], ends[1][apart], int(part.max(initial=-1)) + 1)
    return whole[part].astype(np.int64)


def _repeated_first(first: Int32[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
    """Vertices in an order where those at one place with others lead, place by place."""
    alone = np.bincount(first, minlength=len(first))[first] == 1
    if alone.all():
        return np.arange(len(first))
    return np.argsort(np.where(alone, len(first), first), kind="stable").astype(np.int64)
