"""A mesh of many millions of triangles is inspected and drawn on a coarser copy of itself.

Vertices that hang together within a cell become one, their mean: vertex clustering (Rossignac and
Borrel 1993), but an eyeball stays apart from its lids, and lips that touch stay two. Before that
they are smoothed: noise as wide as the triangles would tear the cells to shreds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int32, Int64, UInt8

from likeness.core.chains import each_once
from likeness.core.components import components
from likeness.core.ordering import order_by
from likeness.core.triangles import corners_of, face_sums
from likeness.core.welding import first_there, same_places
from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import face_areas
from likeness.scans.normals import with_normals
from likeness.scans.proxy import cell_size
from likeness.scans.scan import Scan, kept

MOST_FACES = 4_000_000  # of a mesh that is taken as it is
_FACES = 900_000  # that the copy has, about
_PASSES = 2  # of smoothing
_CRUMB = 0.125  # of the vertices that a cell has on average; so few join those next to them
_FLIPPED = 0.2  # of the surface
_UNJOINED = 0.5  # of the vertices are repeated: triangles share places, but no vertices
_LOST = 0.1  # of the vertices stand in no face of the copy, where the scan is crumbs
_BLOCK = 65_536  # faces that stay in the cache
_REACH = 5_000  # cells from the middle; what is farther off shares the outermost

_COPIES: WeakKeyDictionary[Scan, Scan | None] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Coarse:
    """The copy; `vertex` says which of its vertices stands for each one of the whole scan.

    For what was too small, or is left out, one past the last does.
    """

    whole: Scan
    scan: Scan
    vertex: Int32[np.ndarray, " N"]

    def of_whole(self, findings: Sequence[Finding]) -> list[Finding]:
        """Findings of the copy with the faces of the whole scan.

        Without what a copy brings along itself: edges of many triangles, a few that are flipped.
        """
        area = float(face_areas(self.scan).sum())
        return [self._whole(each) for each in findings
                if not (each.kind == "degenerate" and len(each.faces))
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
        counts = np.bincount(self._corner, minlength=len(self.scan.vertices) + 1)
        return np.concatenate(([0], np.cumsum(counts)))


def light(scan: Scan) -> Scan:
    """The scan, or a copy where it is huge: not of one with a texture, nor of mere crumbs."""
    if len(scan.faces) <= MOST_FACES:
        return scan
    if scan not in _COPIES and scan.texture is None:
        coarser(scan, _FACES)
    return _COPIES.get(scan) or scan


def coarser(scan: Scan, target_faces: int = _FACES) -> Coarse:
    """A copy of about so many triangles; of crumbs it is every so manieth of them."""
    first = first_there(scan.vertices)
    repeated = np.bincount(first, minlength=len(first))[first] > 1
    if repeated.mean() > _UNJOINED:
        return _of_joined(scan, target_faces)
    places = _smoothed(scan, repeated)
    size = cell_size(places, scan.faces, target_faces)
    faces, cell = _joined(_hanging_together(places, scan.faces, size), scan.faces, repeated)
    count = int(faces.max(initial=-1)) + 1
    if (cell == count).mean() > _LOST:
        _COPIES[scan] = None
        return _every_so_manieth(scan, target_faces)
    mean = _means(places, cell, count).astype(np.float32)
    # Where vertices are repeated, as along seams of textures and rims of shells, the same place
    # stands for the cells on both sides: what met there still does.
    rows = np.flatnonzero(repeated & (cell < count))
    rows = rows[np.argsort(-first[rows], kind="stable")]
    mean[cell[rows]] = scan.vertices[rows]
    colors = None if scan.colors is None else _means(scan.colors, cell, count).astype(np.uint8)
    less = with_normals(replace(scan, vertices=mean, faces=faces, normals=None, colors=colors,
                                uv=None, texture=None))
    _COPIES[scan] = less if scan.texture is None else None
    return Coarse(scan, less, cell)


def _of_joined(scan: Scan, target_faces: int) -> Coarse:
    """Of triangles that share places but no vertices, or hardly any."""
    rows, place = same_places(scan.vertices)
    joined = replace(scan, vertices=scan.vertices[rows], normals=None, uv=None, texture=None,
                     faces=place.astype(np.int32)[scan.faces],
                     colors=None if scan.colors is None else scan.colors[rows])
    coarse = coarser(joined, target_faces)
    _COPIES[scan] = _COPIES[joined] if scan.texture is None else None
    return Coarse(scan, coarse.scan, coarse.vertex[place])


def _every_so_manieth(scan: Scan, target_faces: int) -> Coarse:
    """Some of the faces, as they are."""
    faces = scan.faces[::max(1, len(scan.faces) // target_faces)]
    used = np.zeros(len(scan.vertices), bool)
    used[faces] = True
    less = kept(replace(scan, faces=faces, uv=None, texture=None), used)
    return Coarse(scan, less, np.where(used, np.cumsum(used) - 1, used.sum()).astype(np.int32))


def _smoothed(scan: Scan, repeated: Bool[np.ndarray, " N"]) -> Float32[np.ndarray, "N 3"]:
    """Vertices at the mean of the faces around; those that are repeated stay, or seams would open.
    """
    corners, places = corners_of(scan.faces, len(scan.vertices)), scan.vertices
    around = corners @ np.ones(len(scan.faces), np.float32)
    stay = np.flatnonzero(repeated | (around == 0))
    share = 1 / np.maximum(3 * around, np.float32(1))
    for _ in range(_PASSES):
        places = corners @ face_sums(places, scan.faces)
        places *= share[:, None]
        places[stay] = scan.vertices[stay]
    return places


def _hanging_together(places: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"],
                      size: float) -> Int32[np.ndarray, " N"]:
    """A number for each vertex, the same for those that edges within one cell join.

    One side of each triangle joins nearly all; the few that it leaves apart are joined then.
    """
    cell = _cells(places, size)
    part = components(*_within(cell, faces, (0, 1)), len(places))
    pairs = [_within(cell, faces, side, part) for side in ((1, 2), (2, 0))]
    start, end = (np.concatenate(each) for each in zip(*pairs, strict=True))
    return components(start, end, int(part.max(initial=-1)) + 1)[part]


def _within(cell: Int64[np.ndarray, " N"], faces: Int32[np.ndarray, "F 3"], side: tuple[int, int],
            part: Int32[np.ndarray, " N"] | None = None,
            ) -> tuple[Int32[np.ndarray, " E"], Int32[np.ndarray, " E"]]:
    """The ends of that side of faces that have both in one cell; of different parts, if given."""
    found = []
    for start in range(0, len(faces), _BLOCK):
        ends = tuple(np.ascontiguousarray(faces[start:start + _BLOCK, k]) for k in side)
        inside = cell[ends[0]] == cell[ends[1]]
        ends = ends[0][inside], ends[1][inside]
        if part is not None:
            ends = part[ends[0]], part[ends[1]]
            other = ends[0] != ends[1]
            ends = ends[0][other], ends[1][other]
        found.append(ends)
    one, other = (np.concatenate(each) for each in zip(*found, strict=True))
    return one, other


def _cells(places: Float32[np.ndarray, "N 3"], size: float) -> Int64[np.ndarray, " N"]:
    """A number for the cell of each place."""
    key = np.zeros(len(places), np.int64)
    for coordinate in (np.ascontiguousarray(each) for each in places.T):
        middle = np.median(coordinate[::max(1, len(coordinate) // 100_000)])
        far = np.clip((coordinate - middle) / np.float32(size), -_REACH, _REACH - 1)
        key = key * (2 * _REACH) + (np.floor(far).astype(np.int64) + _REACH)
    return key


def _joined(cell: Int32[np.ndarray, " N"], faces: Int32[np.ndarray, "F 3"],
            repeated: Bool[np.ndarray, " N"],
            ) -> tuple[Int32[np.ndarray, "G 3"], Int32[np.ndarray, " N"]]:
    """The faces between numbered vertices, and the numbers anew, without those that have no face.

    Crumbs go with what is next to them, and so does what has no face left; where nothing is next
    to it the number is one past the last. At seams they stay, for the other side may have none.
    """
    corners = np.stack([cell[np.ascontiguousarray(corner)] for corner in faces.T])
    held = np.bincount(cell)
    crumb = held < _CRUMB * len(cell) / len(held)
    crumb[cell[repeated]] = False
    beside = _beside(corners, crumb)
    _, left, net = each_once(beside[corners].T)
    left = left[net != 0.0]
    used = np.zeros(len(held), bool)
    used[left] = True
    beside = _beside(corners, ~used)[beside]
    number = np.where(used, np.cumsum(used) - 1, int(used.sum())).astype(np.int32)
    return number[left], number[beside][cell]


def _beside(corners: Int32[np.ndarray, "3 F"], weak: Bool[np.ndarray, " K"],
            ) -> Int32[np.ndarray, " K"]:
    """For each number itself, or for a weak one another of some face that has both."""
    beside = np.arange(len(weak), dtype=np.int32)
    a, b, c = corners
    for one, other in ((a, b), (b, c), (c, a), (b, a), (c, b), (a, c)):
        rows = np.flatnonzero(weak[one])
        rows = rows[~weak[other[rows]]]
        beside[one[rows]] = other[rows]
    return beside


def _means(values: Float32[np.ndarray, "N 3"] | UInt8[np.ndarray, "N 3"],
           cell: Int32[np.ndarray, " N"], count: int) -> Float64[np.ndarray, "M 3"]:
    """The mean of the rows of each of so many numbers; larger ones are of nothing."""
    held = np.bincount(cell, minlength=count)[:count]
    return np.stack([np.bincount(cell, np.ascontiguousarray(each), count)[:count] / held
                     for each in values.T], axis=1)
