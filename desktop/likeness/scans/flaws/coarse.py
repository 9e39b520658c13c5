"""A mesh of millions of triangles is inspected and drawn on a coarser copy of itself.

Vertices that hang together within a cell become one, their mean: vertex clustering (Rossignac and
Borrel 1993), but an eyeball stays apart from its lids, and lips that touch stay two. Before that
they are smoothed: noise as wide as the triangles would tear the cells to shreds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float32, Int, Int32, Int64

from likeness.core.cells import means
from likeness.core.chains import each_once
from likeness.core.components import components
from likeness.core.ordering import order_by
from likeness.core.triangles import by_blocks, corners_of, face_sums
from likeness.core.welding import first_there
from likeness.scans.finding import Finding
from likeness.scans.flaws.edges import find_twins
from likeness.scans.normals import with_normals
from likeness.scans.proxy import cell_size
from likeness.scans.scan import Scan, kept

INSPECTED_FACES = 800_000  # of a mesh that is inspected as it is,
MOST_FACES = 4_000_000  # and of one that is taken as it is wherever else triangles are looked up
_FACES = 900_000  # asked for; the copy has about two thirds
_PASSES = 2  # of smoothing
_CRUMB = 0.125  # of the vertices that a cell has on average; so few join those next to them
_FEWEST = 8  # triangles of an inner piece; an octahedron is none
_FEW_LOST = 0.01  # of the vertices, of the faces: the copy shows the same without them
_LOST = 0.1  # of the faces, where the scan is crumbs
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

        Without what a copy brings along itself: edges of many triangles, inner pieces of a few.
        """
        told = [each for each in findings
                if not (each.kind == "degenerate" and len(each.faces))
                and not (each.kind == "internal" and len(each.faces) < _FEWEST)]
        whole = [self._whole(each) for each in told]
        return [each for each, own in zip(whole, told, strict=True)
                if len(each.faces) or not len(own.faces)]

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
        if len(faces) == 0:  # nobody's first corner
            corners = np.append(cells, False)[self.vertex[self.whole.faces]]
            faces = np.flatnonzero(corners.any(axis=1))
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


def light(scan: Scan, most: int) -> Scan:
    """The scan, or a copy where it has more faces: not of one with a texture, nor of mere crumbs.
    """
    if len(scan.faces) <= most:
        return scan
    if scan not in _COPIES and scan.texture is None:
        coarser(scan, _FACES)
    return _COPIES.get(scan) or scan


def coarser(scan: Scan, target_faces: int = _FACES) -> Coarse:
    """A copy of about so many triangles; of crumbs it is every so manieth of them."""
    faces, first = scan.faces, first_there(scan.vertices)
    repeated = np.flatnonzero(first != np.arange(len(first)))
    if len(repeated):  # along seams, which hang together as well
        faces = first[faces]
    size = cell_size(scan.vertices, faces, target_faces)
    places = _smoothed(scan.vertices, faces, size)
    coarse, cell = _joined(_hanging_together(places, faces, size), faces)
    count = int(coarse.max(initial=-1)) + 1
    places[repeated], cell[repeated] = places[first[repeated]], cell[first[repeated]]
    if (cell == count).mean() > _FEW_LOST:
        lost = (cell == count)[faces].all(axis=1).mean()
        twins = find_twins(faces)[0]
        if len(twins) and lost > _FEW_LOST:  # both sides of one sheet are no fold
            return _without(scan, twins, target_faces)
        if lost > _LOST:
            _COPIES[scan] = None
            return _every_so_manieth(scan, target_faces)
    mean = means(places, cell, count).astype(np.float32)
    colors = None
    if scan.colors is not None:
        colors = means(scan.colors, cell, count).round().astype(np.uint8)
    less = with_normals(replace(scan, vertices=mean, faces=coarse, normals=None, colors=colors,
                                uv=None, texture=None))
    _COPIES[scan] = less if scan.texture is None else None
    return Coarse(scan, less, cell)


def _without(scan: Scan, faces: Int[np.ndarray, " T"], target_faces: int) -> Coarse:
    """A copy of the others."""
    others = replace(scan, faces=np.delete(scan.faces, faces, axis=0))
    coarse = coarser(others, target_faces)
    _COPIES[scan] = _COPIES[others]
    return Coarse(scan, coarse.scan, coarse.vertex)


def _every_so_manieth(scan: Scan, target_faces: int) -> Coarse:
    """Some of the faces, as they are; those up to the next go with each."""
    step = max(1, len(scan.faces) // target_faces)
    faces = scan.faces[::step]
    used = np.zeros(len(scan.vertices), bool)
    used[faces] = True
    less = kept(replace(scan, faces=faces, uv=None, texture=None), used)
    number = np.cumsum(used, dtype=np.int32) - 1
    vertex = np.full(len(used), len(less.vertices), np.int32)
    vertex[scan.faces] = np.repeat(number[faces[:, 0]], step)[:len(scan.faces), None]
    vertex[used] = number[used]
    return Coarse(scan, less, vertex)


def _smoothed(vertices: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"], most: float,
              ) -> Float32[np.ndarray, "N 3"]:
    """Vertices at the mean of the faces around, but no farther off than `most` along each axis."""
    corners, places = corners_of(faces, len(vertices)), vertices
    around = corners @ np.ones(len(faces), np.float32)
    alone = np.flatnonzero(around == 0)
    share = 1 / np.maximum(3 * around, np.float32(1))
    for _ in range(_PASSES):
        places = corners @ face_sums(places, faces)
        places *= share[:, None]
        places[alone] = vertices[alone]
    places -= vertices
    np.clip(places, -most, most, out=places)
    places += vertices
    return places


def _hanging_together(places: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"],
                      size: float) -> Int32[np.ndarray, " N"]:
    """A number for each vertex, the same for those that edges within one cell join.

    One side of each triangle joins nearly all; the few that it leaves apart are joined then.
    """
    cell = _cells(places, size)
    part = components(*_within(cell, faces[:, :2]), len(places))
    pairs = [_within(cell, sides, part) for sides in (faces[:, 1:], faces[:, ::-2])]
    start, end = (np.concatenate(each) for each in zip(*pairs, strict=True))
    return components(start, end, int(part.max(initial=-1)) + 1)[part]


def _within(cell: Int64[np.ndarray, " N"], sides: Int32[np.ndarray, "F 2"],
            part: Int32[np.ndarray, " N"] | None = None,
            ) -> tuple[Int32[np.ndarray, " E"], Int32[np.ndarray, " E"]]:
    """The ends of sides that have both in one cell; of different parts, if given."""
    def inner(_: slice, ends: list[Int32[np.ndarray, " _"]],
              ) -> tuple[Int32[np.ndarray, " _"], Int32[np.ndarray, " _"]]:
        inside = cell[ends[0]] == cell[ends[1]]
        start, end = (each[inside] for each in ends)
        if part is not None:
            start, end = part[start], part[end]
            other = start != end
            start, end = start[other], end[other]
        return start, end

    one, other = (np.concatenate(each) for each in zip(*by_blocks(inner, sides), strict=True))
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
            ) -> tuple[Int32[np.ndarray, "G 3"], Int32[np.ndarray, " N"]]:
    """The faces between numbered vertices, and the numbers anew, without those that have no face.

    Crumbs go with what is next to them, and so does what has no face left; where nothing is next
    to it the number is one past the last.
    """
    def across(_: slice, corners: list[Int32[np.ndarray, " _"]]) -> Int32[np.ndarray, "3 _"]:
        a, b, c = (cell[each] for each in corners)
        return np.stack([a, b, c])[:, (a != b) | (b != c)]

    corners = np.concatenate(by_blocks(across, faces), axis=1)  # the rest lie in one cell each
    held = np.bincount(cell)
    several = held[held > 1]  # vertices that no face uses, or are repeated, stand alone
    beside = _beside(corners, held * len(several) < _CRUMB * several.sum())
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
    a, b, c = corners[:, weak[corners].any(axis=0)]
    for one, other in ((a, b), (b, c), (c, a), (b, a), (c, b), (a, c)):
        rows = np.flatnonzero(weak[one])
        rows = rows[~weak[other[rows]]]
        beside[one[rows]] = other[rows]
    return beside
