"""Hair on a posed head: a cap over the scalp, and what falls from it or is tied up behind."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64
from tests.synthetic.clothes import neighbour_mean, waves
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.scanner import Surface
from tests.synthetic.shapes import ball, joined, lattice
from tests.synthetic.subjects import Anatomy, Subject

from likeness.bodies.body import PARTS

_HEAD, _TORSO = PARTS.index("head"), PARTS.index("torso")
_EYES_TO_CROWN_M = 0.115  # of the head that the other lengths are for
_FRINGE, _NAPE = 0.055, -0.10  # above the eyes in front, below them behind
_ROUND, _ROW_M, _COLUMNS = 14, 0.012, 72
_BAND_M, _BAND_RADIANS, _SLOPE = 0.02, 0.12, 0.9


@dataclass(frozen=True)
class Hair:
    """Thickness over the scalp and how rough it is, metres on an adult head.

    `length_m` falls from the level of the eyes; `bun` is the radius of what is tied up behind.
    """

    thick_m: float
    rough_m: float = 0.002
    length_m: float = 0.0
    bun: float = 0.0


@dataclass(frozen=True, eq=False)
class _Head:
    """Middle of the eyes; axes to the left, up and ahead as columns; size against an adult's."""

    eyes: Float64[np.ndarray, "3"]
    axes: Float64[np.ndarray, "3 3"]
    size: float

    def local(self, points: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """As seen from between the eyes, on an adult head."""
        return (points - self.eyes) @ self.axes / self.size


def grown(anatomy: Anatomy, subject: Subject, posed: Posed, hair: Hair,
          draw: np.random.Generator) -> Surface:
    """The hair as sheets in the frame of the pose."""
    head = _head(anatomy, subject, posed)
    pieces = [_cap(anatomy, subject, posed, head, hair, draw)]
    if hair.length_m:
        pieces.append(_curtain(anatomy, posed, head, hair, draw))
    if hair.bun:
        place = head.eyes + head.axes @ (np.array((0.0, 0.06, -0.185)) * head.size)
        bun = ball(place, np.full(3, hair.bun * head.size))
        rough = 2 * hair.rough_m * waves(bun.vertices, (0.01, 0.04), draw)
        pieces.append(Surface(bun.vertices + rough[:, None] * vertex_normals(bun.vertices,
                                                                             bun.faces), bun.faces))
    return joined(pieces)


def _head(anatomy: Anatomy, subject: Subject, posed: Posed) -> _Head:
    """The head's own frame: its rest frame, turned as the head is."""
    own = (anatomy.parts == _HEAD) & (subject.vertices[:, 1] > subject.vertices[anatomy.eyes, 1]
                                      .min() - 0.03)
    rest, now = subject.vertices[own].astype(np.float64), posed.vertices[own]
    u, _, vt = np.linalg.svd((rest - rest.mean(axis=0)).T @ (now - now.mean(axis=0)))
    turn = vt.T @ np.diag((1.0, 1.0, np.linalg.det(vt.T @ u.T))) @ u.T
    eyes = posed.vertices[anatomy.eyes].mean(axis=0)
    crown = ((now - eyes) @ turn)[:, 1].max()
    return _Head(eyes, turn, float(crown / _EYES_TO_CROWN_M))


def _cap(anatomy: Anatomy, subject: Subject, posed: Posed, head: _Head, hair: Hair,
         draw: np.random.Generator) -> Surface:
    """The scalp, moved out by the hair's thickness, ears smoothed over."""
    local = head.local(posed.vertices)
    inner = _above_hairline(local)
    scalp = (anatomy.parts == _HEAD) & ~anatomy.interior & (inner > 0)
    used, faces = np.unique(anatomy.faces[scalp[anatomy.faces].all(axis=1)], return_inverse=True)
    faces = faces.reshape(-1, 3)
    skin = posed.vertices[used]
    normals = vertex_normals(skin, faces)
    thick = head.size * hair.thick_m * np.clip(inner[used] / 0.03, 0.08, 1.0)
    mean = neighbour_mean(faces, len(used))
    for _ in range(_ROUND):
        normals = mean @ normals
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    cap = skin + thick[:, None] * normals
    for _ in range(_ROUND // 2):
        cap = 0.5 * cap + 0.5 * (mean @ cap)
        short = np.maximum(0.8 * thick - ((cap - skin) * normals).sum(axis=1), 0)
        cap = cap + short[:, None] * normals
    rough = hair.rough_m * waves(subject.vertices[used], (0.015, 0.07), draw)
    return Surface(cap + np.minimum(np.abs(rough), thick)[:, None] * normals,
                   faces.astype(np.int32))


def _above_hairline(local: Float64[np.ndarray, "V 3"]) -> Float64[np.ndarray, " V"]:
    """How far inside the hair: the line falls from the forehead past the ears to the nape."""
    up, back = local[:, 1], -local[:, 2]
    return np.minimum(0.75 * (up + 0.95 * np.maximum(back, 0) - _FRINGE), up - _NAPE)


def _curtain(anatomy: Anatomy, posed: Posed, head: _Head, hair: Hair,
             draw: np.random.Generator) -> Surface:
    """Straight down around the back and the sides, resting on neck and back."""
    middle = head.eyes + head.axes @ (np.array((0.0, 0.0, -0.09)) * head.size)
    behind = np.arctan2(-head.axes[0, 2], -head.axes[2, 2])  # from +z towards +x
    open_at = np.radians(draw.uniform(100.0, 120.0))
    angles = behind + np.linspace(-open_at, open_at, _COLUMNS)
    body = posed.vertices[_resting(anatomy)] - middle
    rows = np.arange(0.03, -hair.length_m * head.size, -_ROW_M)
    strands = waves(np.column_stack((angles, 0 * angles, 0 * angles)), (0.08, 0.5), draw)
    radius, sheet = np.zeros(_COLUMNS), []
    for height in rows:
        skin = _reach(body, height, angles)
        reach = np.maximum(skin + hair.thick_m * head.size, radius)
        radius = np.minimum(reach, radius + _SLOPE * _ROW_M) if radius.any() else reach
        radius = np.convolve(np.pad(radius, 2, "edge"), np.full(5, 0.2), "valid")
        wave = hair.rough_m * strands * (1 + 3 * (rows[0] - height))
        ring = radius + np.abs(wave)
        sheet.append(np.column_stack((ring * np.sin(angles), np.full(_COLUMNS, height),
                                      ring * np.cos(angles))) + middle)
    return lattice(np.array(sheet))


def _resting(anatomy: Anatomy) -> Bool[np.ndarray, " V"]:
    return np.isin(anatomy.parts, (_HEAD, _TORSO)) & ~anatomy.interior


def _reach(body: Float64[np.ndarray, "V 3"], height: float, angles: Float64[np.ndarray, " A"],
           ) -> Float64[np.ndarray, " A"]:
    """How far the body reaches out at this height towards each angle; 0 where there is none."""
    near = body[np.abs(body[:, 1] - height) < _BAND_M]
    towards, far = np.arctan2(near[:, 0], near[:, 2]), np.hypot(near[:, 0], near[:, 2])
    apart = np.angle(np.exp(1j * (towards[None] - angles[:, None])))
    return np.where(np.abs(apart) < _BAND_RADIANS, far[None], 0.0).max(axis=1, initial=0.0)
