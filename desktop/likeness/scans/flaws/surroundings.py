"""What stands around the person: loose bits, other people."""

import numpy as np
from jaxtyping import Bool, Float32, Int32
from scipy import ndimage

from likeness.core.nearest import PointTree
from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import Pieces
from likeness.scans.placing import robust_extent
from likeness.scans.scan import Scan

CELL_M, TALL = 0.05, 0.6
_NARROW = 6  # cells seen from above; a pole has four at most
BIT_SHARE = 0.01
# Buttons, lashes and laces lie on the surface; dust hangs in the air, anywhere. What a scan of few
# views shows of a finger behind another is apart as well, but never far from where the body ends.
_TOUCHING_M, _CLOSE_M = 0.015, 0.1
_LARGEST_GRID = 400
_SAMPLE = 300_000


def find_people(scan: Scan) -> list[Finding]:
    """More than one tall cluster, seen from above."""
    low, high = robust_extent(scan.vertices[:, 1])
    height = high - low
    points = scan.vertices[::max(1, len(scan.vertices) // _SAMPLE)]
    points = points[points[:, 1] > low + 0.25 * height]
    cell = np.floor((points - points.min(axis=0)) / CELL_M).astype(np.int64)
    if len(points) == 0 or int(cell.max()) > 100 * _LARGEST_GRID:
        return []
    grid = np.zeros(cell[:, (0, 2)].max(axis=0) + 1, bool)
    grid[cell[:, 0], cell[:, 2]] = True
    labels, count = ndimage.label(grid, np.ones((3, 3)))
    own = labels[cell[:, 0], cell[:, 2]]
    heights = ndimage.maximum(points[:, 1], own, range(1, count + 1)) if count else []
    sizes, wide = (np.bincount(each.ravel(), minlength=count + 1)[1:] for each in (own, labels))
    tall = sum(h > low + TALL * height and s > 0.15 * sizes.max() and w > _NARROW
               for h, s, w in zip(heights, sizes, wide, strict=True))
    if tall < 2:
        return []
    return [Finding("people-0", "several-people", "several people",
                    f"{tall} tall things stand apart from each other: fit one person at a time.",
                    0.0, 0.6, "serious", "none")]


def find_bits(pieces: Pieces, taken: Bool[np.ndarray, " F"], skin: int) -> list[Finding]:
    """Small pieces that no other finding holds: in the air, scanned apart, on the surface."""
    small = pieces.area < BIT_SHARE * pieces.area[skin]
    small[skin] = False
    large = ~small[pieces.of_face]
    faces = np.flatnonzero(~large & ~taken).astype(np.int32)
    if len(faces) == 0:
        return []
    used = np.zeros(len(pieces.scan.vertices), bool)
    used[pieces.scan.faces[large]] = True
    touching = _near(pieces, faces, used, _TOUCHING_M)
    loose = faces[~touching]
    close = _scanned_apart(pieces, loose, large)
    return (_floating(pieces, loose[~close])
            + _kept(pieces, loose[close], "apart-0", "floater", "beside the body",
                    "fingers that were scanned apart, or the like")
            + _kept(pieces, faces[touching], "parts-0", "extra-layer", "on the surface",
                    "buttons, lashes or the like"))


def _scanned_apart(pieces: Pieces, faces: Int32[np.ndarray, " _"], large: Bool[np.ndarray, " F"],
                   ) -> Bool[np.ndarray, " _"]:
    """Of faces of pieces in the air, those of open ones close to where a large one ends.

    None where there are more farther off, for then it is dust.
    """
    if len(faces) == 0:
        return np.zeros(0, bool)
    corner, face = np.divmod(pieces.edges.open_sides, len(pieces.scan.faces))
    ends, is_open = np.zeros(len(pieces.scan.vertices), bool), np.zeros(len(pieces.area), bool)
    ends[pieces.scan.faces[face, corner][large[face]]] = True
    is_open[pieces.of_face[face]] = True
    close = is_open[pieces.of_face[faces]] & _near(pieces, faces, ends, _CLOSE_M)
    area = pieces.face_area[faces]
    return close & (area[close].sum() > area[~close].sum())


def _near(pieces: Pieces, faces: Int32[np.ndarray, " _"], to: Bool[np.ndarray, " V"],
          within_m: float) -> Bool[np.ndarray, " _"]:
    """Of faces of small pieces, those whose piece comes near some of the vertices."""
    vertices = pieces.scan.vertices
    corners = vertices[pieces.scan.faces[faces].ravel()]
    low, high = corners.min(axis=0) - within_m, corners.max(axis=0) + within_m
    there = vertices[to & ((vertices > low) & (vertices < high)).all(axis=1)]
    near = np.zeros(len(pieces.area), bool)
    if len(there):
        distance, _ = PointTree(there).one_nearest(corners, within_m)
        near[pieces.of_face[faces[np.isfinite(distance).reshape(-1, 3).any(axis=1)]]] = True
    return near[pieces.of_face[faces]]


def _floating(pieces: Pieces, faces: Int32[np.ndarray, " _"]) -> list[Finding]:
    if len(faces) == 0:
        return []
    count = len(np.unique(pieces.of_face[faces]))
    name = "floating bit" if count == 1 else f"{count} floating bits"
    return [Finding("floaters-0", "floater", name,
                    f"There is a {name} apart from the body." if count == 1 else
                    f"There are {name} apart from the body.",
                    float(pieces.face_area[faces].sum()), 0.92, "minor", "remove", faces=faces)]


def _kept(pieces: Pieces, faces: Int32[np.ndarray, " _"], identity: str, kind: str, where: str,
          what: str) -> list[Finding]:
    """Small parts that belong to the scan: what they may be, and where."""
    if len(faces) == 0:
        return []
    count = len(np.unique(pieces.of_face[faces]))
    name = f"small part {where}" if count == 1 else f"{count} small parts {where}"
    return [Finding(identity, kind, name, f"{name[0].upper()}{name[1:]}: {what}.",
                    float(pieces.face_area[faces].sum()), 0.7, "info", "keep", faces=faces)]


def find_stray_points(scan: Scan) -> list[Finding]:
    """Points of a cloud in small groups apart from the body."""
    points = scan.vertices
    far = np.abs(points - np.median(points, axis=0)).max(axis=1) > _LARGEST_GRID * CELL_M / 2
    near = np.flatnonzero(~far)
    cell = _cells(points[near])
    grid = np.zeros(cell.max(axis=0) + 1, bool)
    grid[tuple(cell.T)] = True
    labels, _ = ndimage.label(grid, np.ones((3, 3, 3)))
    own = labels[tuple(cell.T)]
    sizes = np.bincount(own)
    far[near] = sizes[own] < BIT_SHARE * sizes.max()
    strays = np.flatnonzero(far).astype(np.int32)
    if len(strays) == 0:
        return []
    name = "floating point" if len(strays) == 1 else f"{len(strays):,} floating points"
    return [Finding("floaters-0", "floater", name,
                    f"There {'is a' if len(strays) == 1 else 'are'} {name} apart from the body.",
                    0.0, 0.92, "minor", "remove", points=strays)]


def _cells(points: Float32[np.ndarray, "N 3"]) -> Int32[np.ndarray, "N 3"]:
    return np.floor((points - points.min(axis=0)) / CELL_M).astype(np.int32)
