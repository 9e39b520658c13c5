"""What spoils the scan of a person: ground, stray points, a second layer, one side only."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float64
from tests.synthetic.clothes import neighbour_mean, waves
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.scanner import Surface, face_areas, tessellated, thinned, unseen
from tests.synthetic.shapes import box, joined, lattice, restricted, rod, sampled, sheet
from tests.synthetic.subjects import Anatomy

_GRID_M, _EYE_M = 0.01, 2.2
_GRAZING = 0.15  # cosine below which a depth camera sees nothing
_STRAY_M, _ROUGH_M = 0.006, 0.004
_CALM = 8  # rounds of smoothing


@dataclass(frozen=True, eq=False)
class Shot:
    """A scan so far, the bare person in it, and which of its vertices can be seen at all."""

    surface: Surface
    anatomy: Anatomy
    posed: Posed
    seen: Bool[np.ndarray, " V"] | None = None


Spoiler = Callable[[Shot, np.random.Generator], Shot]


def with_ground(kind: int) -> Spoiler:
    """0 a floor, 1 a turntable, 2 a box with a pole behind, 3 a floor and a wall."""

    def spoiled(shot: Shot, draw: np.random.Generator) -> Shot:
        made = (_floor, _turntable, _pedestal, _corner)[kind](shot.posed, draw)
        cell = _spacing(shot.surface)
        splits = max(1, round(_GRID_M / cell))
        fine = thinned(_split(made, splits), np.full(1, cell))
        noise = draw.normal(0, 0.001, fine.vertices.shape)
        ground = Surface(fine.vertices + noise, fine.faces)
        return replace(shot, surface=joined((shot.surface, ground)))

    return spoiled


def _floor(posed: Posed, draw: np.random.Generator) -> Surface:
    place, size = _below(posed), draw.uniform(1.2, 2.2, 2)
    shift = draw.uniform(-0.25, 0.25, 2)
    corner = place + (shift[0] - size[0] / 2, 0.0, shift[1] + size[1] / 2)
    return sheet(corner, (size[0], 0, 0), (0, 0, -size[1]), _GRID_M)


def _turntable(posed: Posed, draw: np.random.Generator) -> Surface:
    place, radius, high = _below(posed), draw.uniform(0.4, 0.6), draw.uniform(0.06, 0.15)
    turns = np.arange(round(2 * np.pi * radius / _GRID_M)) * _GRID_M / radius
    inner = np.append(np.arange(0.02, radius, _GRID_M), radius)
    profile = [(r, 0.0) for r in inner] + [(radius, -d) for d in np.arange(_GRID_M, high, _GRID_M)]
    rings = [place + np.column_stack((r * np.cos(turns), np.full(len(turns), y),
                                      r * np.sin(turns))) for r, y in profile]
    return lattice(np.array(rings)[:, ::-1], closed=True)


def _pedestal(posed: Posed, draw: np.random.Generator) -> Surface:
    place, high = _below(posed), draw.uniform(0.2, 0.4)
    base = box(place - (0, high / 2, 0), (0.9, high, 0.7), _GRID_M)
    tall = draw.uniform(1.3, 1.9)
    foot = place + (draw.uniform(-0.3, 0.3), 0.0, -0.33)
    heights = np.linspace(0, tall, round(tall / _GRID_M))[:, None]
    return joined((base, rod(foot + heights * (0, 1, 0), np.full(len(heights), 0.02), 16)))


def _corner(posed: Posed, draw: np.random.Generator) -> Surface:
    place, back = _below(posed), draw.uniform(0.4, 0.7)
    wall = sheet(place + (-0.9, 0.0, -back), (1.8, 0, 0), (0, draw.uniform(1.0, 2.0), 0), _GRID_M)
    return joined((_floor(posed, draw), wall))


def _below(posed: Posed) -> Float64[np.ndarray, "3"]:
    feet = posed.joints[[7, 8]].mean(axis=0)
    return np.array((feet[0], posed.vertices[:, 1].min() - 0.001, feet[2]))


def _split(surface: Surface, splits: int) -> Surface:
    flat = np.zeros_like(surface.vertices)  # without normals it stays flat
    return tessellated(surface.vertices, flat, surface.faces, splits)


def _spacing(surface: Surface) -> float:
    area = face_areas(surface.vertices, surface.faces).sum()
    return float(np.sqrt(area / len(surface.vertices)))


def with_strays(share: float, as_points: bool) -> Spoiler:
    """So much of the scan is wrong: scattered around, sprayed off the skin, and in clumps."""

    def spoiled(shot: Shot, draw: np.random.Generator) -> Shot:
        points = shot.surface.vertices
        count = round(len(points) * share / (1 - share))
        if as_points:
            stray = _strays(shot.surface, count, draw)
            return replace(shot, surface=as_cloud(np.vstack((points, stray))))
        middles = _strays(shot.surface, count // 3, draw)
        corners = middles[:, None] + draw.normal(0, _STRAY_M, (len(middles), 3, 3))
        faces = np.arange(3 * len(middles), dtype=np.int32).reshape(-1, 3)
        stray_faces = Surface(corners.reshape(-1, 3), faces)
        return replace(shot, surface=joined((shot.surface, stray_faces)))

    return spoiled


def _strays(surface: Surface, count: int, draw: np.random.Generator) -> Float64[np.ndarray, "N 3"]:
    points = surface.vertices
    low, high = points.min(axis=0), points.max(axis=0)
    wide, near = count // 3, count // 3
    around = draw.uniform(low - 0.15 * (high - low), high + 0.15 * (high - low), (wide, 3))
    spray = sampled(surface, near, draw)
    spray += draw.exponential(0.03, (near, 1)) * _directions(near, draw)
    left = count - wide - near
    centres = draw.uniform(low, high, (6, 3))
    clumps = centres[draw.integers(6, size=left)] + draw.normal(0, 0.03, (left, 3))
    return np.vstack((around, spray, clumps))


def _directions(count: int, draw: np.random.Generator) -> Float64[np.ndarray, "N 3"]:
    raw = draw.normal(size=(count, 3))
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


def as_cloud(points: Float[np.ndarray, "N 3"]) -> Surface:
    """Points alone."""
    return Surface(points.astype(np.float64), np.zeros((0, 3), np.int32))


def thinned_out(count: int) -> Spoiler:
    """So many points drawn at random, no faces."""

    def spoiled(shot: Shot, draw: np.random.Generator) -> Shot:
        return replace(shot, surface=as_cloud(sampled(shot.surface, count, draw)))

    return spoiled


def with_layer(gap_m: tuple[float, float], share: float, along_normals: bool) -> Spoiler:
    """A second layer over patches of the scan: off along the normals, or moved as a whole."""

    def spoiled(shot: Shot, draw: np.random.Generator) -> Shot:
        whole, gap = shot.surface, draw.uniform(*gap_m)
        height = waves(whole.vertices, (0.3, 0.9), draw)
        patch = height > np.quantile(height, 1 - share)
        again = restricted(whole, patch[whole.faces].all(axis=1))
        if along_normals:
            shift = gap * _smooth_normals(again)
        else:
            away = draw.normal(size=3) * (1.0, 0.3, 1.0)
            shift = gap * away / np.linalg.norm(away)
        return replace(shot, surface=joined((whole, Surface(again.vertices + shift, again.faces))))

    return spoiled


def _smooth_normals(surface: Surface) -> Float64[np.ndarray, "N 3"]:
    """Normals that do not shake with the noise."""
    normals = vertex_normals(surface.vertices, surface.faces)
    mean = neighbour_mean(surface.faces, len(normals))
    for _ in range(_CALM):
        normals = mean @ normals
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def front_only(shot: Shot, draw: np.random.Generator) -> Shot:
    """What one camera ahead sees, and which true vertices it could."""
    turn, high = np.radians(draw.uniform(-15, 15)), draw.uniform(0.9, 1.3)
    posed, whole = shot.posed, shot.surface
    base = np.array((posed.joints[0, 0], posed.vertices[:, 1].min(), posed.joints[0, 2]))
    eye = base + (_EYE_M * np.sin(turn), high, _EYE_M * np.cos(turn))
    faces = shot.anatomy.faces[~shot.anatomy.interior[shot.anatomy.faces].any(axis=1)]
    skin = Surface(posed.vertices, faces)
    mine, true = _faced(whole, eye), _faced(skin, eye)
    return replace(shot, surface=restricted(whole, mine[whole.faces].all(axis=1)), seen=true)


def _faced(surface: Surface, eye: Float64[np.ndarray, "3"]) -> Bool[np.ndarray, " N"]:
    towards = eye - surface.vertices
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    facing = (vertex_normals(surface.vertices, surface.faces) * towards).sum(axis=1)
    return (facing > _GRAZING) & ~unseen(surface.vertices, surface.faces, [eye], _ROUGH_M)
