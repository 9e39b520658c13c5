"""Floors, walls and stands: wide planes under or beside the person, and poles."""

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64

from likeness.core.nearest import PointTree
from likeness.scans.finding import Finding
from likeness.scans.flats import Flat, beside_flats, find_flats
from likeness.scans.flaws.pieces import Pieces, face_areas
from likeness.scans.placing import robust_extent
from likeness.scans.sampling import LONELY, surface_points
from likeness.scans.scan import Scan

# Searched in the lowest part of the height; sensors stand a little askew.
_LOWEST, _STEEPEST = 0.15, np.cos(np.radians(20.0))
THICKNESS_M = 0.015
_TRIES, _SAMPLE, _MOST_GROUND = 200, 4_000, 300_000
CELL_M = 0.05
# Square metres: more than feet, robes or a pedestal cover.
_SMALLEST_M2, _REACH_M = 0.35, 0.45
# A wall leans less, and is so far from what else is above the floor, in metres and against its
# width (the side of a cube is 0.15 from its edges); every fourth point of so many faces tells.
_UPRIGHT, _AWAY_M, _AWAY = np.sin(np.radians(15.0)), 0.12, 0.17
_FEW, _FACES = 4, 100_000
_COMPANY = 8  # points; fewer are strays
# A stand against the person's area and height; shoes are narrower, a trunk without its head is
# taller, and nobody's feet are far below its top.
_STAND_SHARE, _STAND_WIDE, _STAND_TALL, _STAND_HIGH = 0.02, 0.18, 0.35, 0.04
# A pole against the height of all, and its width against its own: no limb is so thin and straight.
_POLE_TALL, _POLE_WIDE = 0.5, 1 / 12


def find_floor(scan: Scan) -> list[Finding]:
    """A plane at the bottom that reaches well beyond the feet, with all that lies under it."""
    bottom, top = robust_extent(scan.vertices[:, 1])
    low = scan.vertices[scan.vertices[:, 1] < bottom + _LOWEST * (top - bottom)]
    if len(low) < 100:
        return []
    plane = level_plane(low[::max(1, len(low) // _SAMPLE)].astype(np.float64))
    if plane is None:
        return []
    above = above_plane(scan.vertices, plane)
    ground = scan.vertices[np.abs(above) < THICKNESS_M][:, (0, 2)]
    area = covered_m2(ground)
    person = scan.vertices[above > _LOWEST * (top - bottom)]
    if len(person) < 100 or area < _SMALLEST_M2 or _reach(ground, person[:, (0, 2)]) < _REACH_M:
        return []
    return [held_finding(scan, "floor", 0, above < THICKNESS_M, area)]


def find_wall(scan: Scan) -> list[Finding]:
    """Large upright planes that reach far beyond all that is near them."""
    points = surface_points(scan.vertices, scan.faces[::max(1, len(scan.faces) // _FACES)])[::_FEW]
    flats = find_flats(points)
    standing = points[beside_flats(points, tuple(f for f in flats if not _is_upright(f)))]
    walls = [flat for flat in flats if _is_upright(flat) and _is_wide(flat, standing)]
    return [held_finding(scan, "wall", number, flat.holds(scan.vertices),
                         _covered_upright(scan, flat)) for number, flat in enumerate(walls)]


def find_stand(pieces: Pieces) -> list[Finding]:
    """A turntable or pedestal: a piece of its own, flat and wide, below all others; or a pole."""
    large = np.flatnonzero(pieces.area > _STAND_SHARE * pieces.area[0])
    if len(large) < 2:
        return []
    spans = [np.quantile(pieces.corners(int(piece)), (0, 1), axis=0) for piece in large]
    height = max(float(max(high[1] for _, high in spans) - min(low[1] for low, _ in spans)), 1e-6)
    found: list[Finding] = []
    for k, (piece, (low, high)) in enumerate(zip(large, spans, strict=True)):
        above = min(float(other[1]) for j, (other, _) in enumerate(spans) if j != k)
        across, tall, along = (high - low) / height
        flat = min(across, along) > _STAND_WIDE and tall < _STAND_TALL
        if flat and high[1] < above + _STAND_HIGH * height:
            found.append(_beside(pieces, int(piece), "stand", len(found),
                                 "The person stands on something that is a separate piece."))
        elif k > 0 and tall > _POLE_TALL and max(across, along) < _POLE_WIDE * tall:
            found.append(_beside(pieces, int(piece), "pole", len(found),
                                 "Something tall and thin stands beside the person."))
    return found


def _beside(pieces: Pieces, piece: int, name: str, number: int, sentence: str) -> Finding:
    return Finding(f"{name}-{number}", "floor", name, sentence, float(pieces.area[piece]), 0.92,
                   "minor", "remove", faces=pieces.faces(piece))


def level_plane(points: Float64[np.ndarray, "N 3"]) -> Float64[np.ndarray, "4"] | None:
    """The nearly level plane with the most points (RANSAC, Fischler and Bolles 1981)."""
    draw = np.random.default_rng(0)
    best, most = None, 0
    for _ in range(_TRIES):
        a, b, c = points[draw.choice(len(points), 3, replace=False)]
        normal = np.cross(b - a, c - a)
        length = float(np.linalg.norm(normal))
        if length < 1e-9 or abs(normal[1]) < _STEEPEST * length:
            continue
        normal *= np.sign(normal[1]) / length
        count = int((np.abs((points - a) @ normal) < THICKNESS_M / 2).sum())
        if count > most:
            best, most = np.append(normal, -normal @ a), count
    return best


def above_plane(points: Float32[np.ndarray, "N 3"], plane: Float64[np.ndarray, "4"],
                ) -> Float32[np.ndarray, " N"]:
    """How far each point is above a `level_plane`."""
    return points @ plane[:3].astype(np.float32) + np.float32(plane[3])


def covered_m2(ground: Float[np.ndarray, "N 2"], cell_m: float = CELL_M) -> float:
    """Square metres of the cells with points in them; a lonely point is a stray."""
    cell = np.floor(ground[::max(1, len(ground) // _MOST_GROUND)] / cell_m).astype(np.int64)
    if len(cell) == 0:
        return 0.0
    _, own, count = np.unique(cell[:, 0] * (1 << 32) + cell[:, 1], return_inverse=True,
                              return_counts=True)
    return float((count >= LONELY * np.median(count[own])).sum()) * cell_m**2


def _reach(ground: Float[np.ndarray, "N 2"], person: Float[np.ndarray, "M 2"]) -> float:
    """How far from the person most of the floor lies at most."""
    return float(np.quantile(np.linalg.norm(ground - np.median(person, axis=0), axis=1), 0.9))


def _is_upright(flat: Flat) -> bool:
    return bool(abs(flat.normal[1]) < _UPRIGHT)


def _is_wide(flat: Flat, points: Float64[np.ndarray, "N 3"]) -> bool:
    """Whether most of the plane is far from everything else: the side of a box is not."""
    own = flat.holds(points)
    if not own.any() or (~own).sum() < _COMPANY:
        return False
    distance, _ = PointTree(points[~own]).nearest(points[own], _COMPANY)
    width = np.sqrt(np.prod(np.ptp(points[own] @ flat.across.T, axis=0)))
    return bool(np.median(distance[:, -1]) > max(_AWAY_M, _AWAY * width))


def _covered_upright(scan: Scan, flat: Flat) -> float:
    return covered_m2(scan.vertices[flat.holds(scan.vertices)] @ flat.across.T)


def held_finding(scan: Scan, name: str, number: int, held: Bool[np.ndarray, " N"],
                 area: float) -> Finding:
    """Faces all of whose corners are held, or the points that are, of a plane of so many m²."""
    sentence = f"A {name} of about {area:.1f} m² is part of the scan."
    if not scan.is_mesh:
        return Finding(f"{name}-{number}", "floor", name, sentence, area, 0.95, "minor", "remove",
                       points=np.flatnonzero(held).astype(np.int32))
    faces = np.flatnonzero(held[scan.faces].all(axis=1)).astype(np.int32)
    return Finding(f"{name}-{number}", "floor", name, sentence,
                   float(face_areas(scan)[faces].sum()), 0.95, "minor", "remove", faces=faces)
