"""What stands around the person: a floor, loose bits, other people."""

import numpy as np
from jaxtyping import Bool, Float32, Int32
from scipy import ndimage

from likeness.scans.finding import Finding
from likeness.scans.pieces import Pieces, face_areas
from likeness.scans.scan import Scan

FLOOR_M, FLOOR_REACH_M = 0.02, 0.45
CELL_M, TALL = 0.05, 0.6
BIT_SHARE = 0.01


def find_floor(scan: Scan) -> list[Finding]:
    """A flat layer at the bottom that reaches well beyond the feet."""
    low = float(np.quantile(scan.vertices[:, 1], 0.001))
    flat = np.abs(scan.vertices[:, 1] - low) < FLOOR_M
    ground = scan.vertices[flat][:, (0, 2)]
    above = scan.vertices[scan.vertices[:, 1] > low + 0.3][:, (0, 2)]
    if len(ground) < 100 or len(above) < 100:
        return []
    reach = np.quantile(np.linalg.norm(ground - np.median(above, axis=0), axis=1), 0.9)
    if reach < FLOOR_REACH_M or len(_cells(ground)) < 150:
        return []
    area = float(len(_cells(ground))) * CELL_M**2
    return [_covering(scan, flat, "floor-0", "floor", "floor",
                      f"A floor of about {area:.1f} m² is part of the scan.", 0.95, "serious")]


def find_people(scan: Scan) -> list[Finding]:
    """More than one tall cluster, seen from above."""
    points = scan.vertices[scan.vertices[:, 1] > 0.25 * scan.height_m]
    cell = np.floor((points - points.min(axis=0)) / CELL_M).astype(np.int64)
    grid = np.zeros(cell[:, (0, 2)].max(axis=0) + 1, bool)
    grid[cell[:, 0], cell[:, 2]] = True
    labels, count = ndimage.label(grid, np.ones((3, 3)))
    own = labels[cell[:, 0], cell[:, 2]]
    heights = ndimage.maximum(points[:, 1], own, range(1, count + 1)) if count else []
    sizes = np.bincount(own, minlength=count + 1)[1:]
    tall = sum(h > TALL * scan.height_m and s > 0.15 * sizes.max()
               for h, s in zip(heights, sizes, strict=True))
    if tall < 2:
        return []
    return [Finding("people-0", "several-people", "several people",
                    f"{tall} tall things stand apart from each other: fit one person at a time.",
                    0.0, 0.6, "serious", "none")]


def find_bits(pieces: Pieces, taken: Bool[np.ndarray, " F"]) -> list[Finding]:
    """Small pieces apart from the skin that no other finding holds, as one finding."""
    small = pieces.area < BIT_SHARE * pieces.area[0]
    faces = np.flatnonzero(small[pieces.of_face] & ~taken).astype(np.int32)
    if len(faces) == 0:
        return []
    count = len(np.unique(pieces.of_face[faces]))
    area = float(pieces.face_area[faces].sum())
    return [Finding("floaters-0", "floater", f"floating bits ({count})",
                    f"{count} small pieces are not connected to the body.", area, 0.92, "minor",
                    "remove", faces=faces)]


def find_stray_points(scan: Scan) -> list[Finding]:
    """Points of a cloud in small groups apart from the body."""
    cell = np.floor((scan.vertices - scan.vertices.min(axis=0)) / (2 * CELL_M)).astype(np.int64)
    if int(cell.max()) > 400:  # far outliers would make the grid huge; the rest is near the median
        near = np.abs(scan.vertices - np.median(scan.vertices, axis=0)).max(axis=1) < 5.0
        return _strays(np.flatnonzero(~near).astype(np.int32))
    grid = np.zeros(cell.max(axis=0) + 1, bool)
    grid[tuple(cell.T)] = True
    labels, _ = ndimage.label(grid, np.ones((3, 3, 3)))
    own = labels[tuple(cell.T)]
    sizes = np.bincount(own)
    return _strays(np.flatnonzero(sizes[own] < BIT_SHARE * sizes.max()).astype(np.int32))


def _strays(points: Int32[np.ndarray, " _"]) -> list[Finding]:
    if len(points) == 0:
        return []
    return [Finding("floaters-0", "floater", f"floating points ({len(points)})",
                    f"{len(points)} points lie apart from the body.", 0.0, 0.92, "minor",
                    "remove", points=points)]


def _cells(ground: Float32[np.ndarray, "N 2"]) -> Int32[np.ndarray, "C 2"]:
    return np.unique(np.floor(ground / CELL_M).astype(np.int32), axis=0)


def _covering(scan: Scan, vertices: Bool[np.ndarray, " N"], identity: str, kind: str, name: str,
              sentence: str, confidence: float, severity: str) -> Finding:
    """A finding over marked vertices, as faces of a mesh or points of a cloud."""
    if not scan.is_mesh:
        return Finding(identity, kind, name, sentence, 0.0, confidence, severity, "remove",
                       points=np.flatnonzero(vertices).astype(np.int32))
    faces = np.flatnonzero(vertices[scan.faces].all(axis=1)).astype(np.int32)
    return Finding(identity, kind, name, sentence, float(face_areas(scan)[faces].sum()),
                   confidence, severity, "remove", faces=faces)
