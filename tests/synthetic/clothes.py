"""Clothes on a posed person: shells at some distance from the skin, and cloth that hangs from it.

The body below stays as it is; what the clothes cover, the scanner does not see.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Float64, Int
from scipy.sparse import coo_array
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.scanner import Surface
from tests.synthetic.shapes import lattice, radial_extent
from tests.synthetic.subjects import Anatomy, Subject

from likeness.bodies.body import PARTS

_LEAST_M = 0.0012  # cloth never lies closer to the skin
_WAVES = 14
# Part, then the joints its cloth runs along.
_LIMBS = (("left_arm", (16, 18, 20)), ("right_arm", (17, 19, 21)),
          ("left_leg", (1, 4, 7)), ("right_leg", (2, 5, 8)))
_TORSO = PARTS.index("torso")
_HANGING = tuple(PARTS.index(name) for name in ("torso", "left_leg", "right_leg"))
_COLUMNS, _ROW_M, _BAND_M = 120, 0.012, 0.03


@dataclass(frozen=True, eq=False)
class Figure:
    """What a scanner sees: anatomy and vertices that go on with sheets worn over the skin."""

    anatomy: Anatomy
    posed: Posed


@dataclass(frozen=True)
class Garment:
    """Cloth that follows the body, metres from the skin at its top and at its hems.

    Sleeves and legs end at 1 on elbow and knee, at 2 on wrist and ankle; 0 is none. `soft` is how
    far it bridges hollows: rounds of smoothing.
    """

    ease_m: tuple[float, float]
    sleeves: float = 0.0
    legs: float = 0.0
    torso: tuple[float, float] = (-0.5, 2.0)  # from hips (0) to shoulders (1)
    wrinkle_m: float = 0.0
    soft: int = 2


@dataclass(frozen=True)
class Skirt:
    """Cloth that hangs: from `top` to `hem`, 0 the ankles, 1 the hips, 2 the shoulders."""

    top: float
    hem: float
    ease_m: float = 0.008
    flare: float = 0.15
    fold_m: float = 0.02


def worn(figure: Figure, cloth: Surface) -> Figure:
    """The figure with one more sheet over it."""
    anatomy, count, more = figure.anatomy, len(figure.posed.vertices), len(cloth.vertices)
    none = np.zeros(more, bool)
    return Figure(
        replace(anatomy, faces=np.vstack((anatomy.faces, cloth.faces + count)).astype(np.int32),
                interior=np.concatenate((anatomy.interior, none)),
                eyes=np.concatenate((anatomy.eyes, none)),
                parts=np.concatenate((anatomy.parts, np.full(more, _TORSO, np.int8)))),
        Posed(np.vstack((figure.posed.vertices, cloth.vertices)), figure.posed.joints))


def shell(anatomy: Anatomy, subject: Subject, posed: Posed, garment: Garment,
          draw: np.random.Generator) -> Surface:
    """The garment as a sheet of the body's own triangles, moved outwards, hollows bridged."""
    down, covered = _extent(anatomy, subject, garment)
    faces = anatomy.faces[covered[anatomy.faces].all(axis=1)]
    used, faces = np.unique(faces, return_inverse=True)
    faces = faces.reshape(-1, 3)
    skin, normals = posed.vertices[used], vertex_normals(posed.vertices, anatomy.faces)[used]
    near, far = garment.ease_m
    ease = near + (far - near) * down[used]
    # Cloth lies on shoulders and hangs off what is below.
    ease = np.maximum(ease * (1 - 0.85 * np.clip(normals[:, 1], 0, 1)), _LEAST_M)
    cloth = skin + ease[:, None] * normals
    mean = neighbour_mean(faces, len(used))
    for _ in range(garment.soft):
        cloth = _outside(0.4 * cloth + 0.6 * (mean @ cloth), skin, normals, ease)
    wrinkles = garment.wrinkle_m * waves(subject.vertices[used], (0.05, 0.18), draw)
    cloth = _outside(cloth + wrinkles[:, None] * normals, skin, normals, 0.3 * ease)
    return Surface(cloth, faces.astype(np.int32))


def neighbour_mean(faces: Int[np.ndarray, "F 3"], count: int) -> coo_array:
    """The matrix that takes each vertex to the mean of its neighbours."""
    edges = np.unique(np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    i, j = np.concatenate((edges, edges[:, ::-1])).T
    degree = np.maximum(np.bincount(i, minlength=count), 1)
    return coo_array((1.0 / degree[i], (i, j)), shape=(count, count)).tocsr()


def waves(points: Float[np.ndarray, "N 3"], lengths: tuple[float, float],
          draw: np.random.Generator) -> Float64[np.ndarray, " N"]:
    """A smooth random height of about unit size over space, with these wave lengths in metres."""
    length, direction = draw.uniform(*lengths, _WAVES), draw.normal(size=(_WAVES, 3))
    direction *= (2 * np.pi / length / np.linalg.norm(direction, axis=1))[:, None]
    phase = draw.uniform(0, 2 * np.pi, _WAVES)
    return np.sin(points @ direction.T + phase).sum(axis=1) * np.sqrt(2.0 / _WAVES)


def _extent(anatomy: Anatomy, subject: Subject, garment: Garment,
            ) -> tuple[Float64[np.ndarray, " V"], Bool[np.ndarray, " V"]]:
    """How far down to its hem the garment is at each vertex (0..1), and where it is at all."""
    rest, joints = subject.vertices, anatomy.joint_heads @ subject.heads
    hips, shoulders = joints[[1, 2], 1].mean(), joints[[16, 17], 1].mean()
    height = (rest[:, 1] - hips) / (shoulders - hips)
    low, high = garment.torso
    torso = (anatomy.parts == _TORSO) & (height > low) & (height < high)
    down, covered = np.clip(1 - height, 0, 1), torso
    for name, chain in _LIMBS:
        reach = _reach(rest, joints[list(chain)])
        end = garment.sleeves if name.endswith("arm") else garment.legs
        limb = (anatomy.parts == PARTS.index(name)) & (reach < end)
        down[limb] = reach[limb] / max(end, 1e-6)
        covered = covered | limb
    return down, covered & ~anatomy.interior


def _reach(points: Float[np.ndarray, "V 3"], chain: Float64[np.ndarray, "3 3"],
           ) -> Float64[np.ndarray, " V"]:
    """How far along a limb of two bones: 0 where it starts, 1 at the middle joint, 2 at its end."""
    along = []
    for a, b in pairwise(chain):
        t = (points - a) @ (b - a) / max((b - a) @ (b - a), 1e-12)
        off = np.linalg.norm(points - a - np.clip(t, 0, 1)[:, None] * (b - a), axis=1)
        along.append((off, t))
    upper = along[0][0] <= along[1][0]
    return np.where(upper, np.clip(along[0][1], 0, 1), 1 + np.maximum(along[1][1], 0))


def _outside(cloth: Float64[np.ndarray, "N 3"], skin: Float64[np.ndarray, "N 3"],
             normals: Float64[np.ndarray, "N 3"], least: Float64[np.ndarray, " N"],
             ) -> Float64[np.ndarray, "N 3"]:
    height = ((cloth - skin) * normals).sum(axis=1)
    return cloth + np.maximum(np.maximum(least, _LEAST_M) - height, 0)[:, None] * normals


def hanging(anatomy: Anatomy, posed: Posed, skirt: Skirt, draw: np.random.Generator) -> Surface:
    """Rings around trunk and both legs, never narrower than above, in folds towards the hem."""
    joints = posed.joints
    levels = (joints[[7, 8], 1].mean(), joints[[1, 2], 1].mean(), joints[[16, 17], 1].mean())
    top, hem = np.interp((skirt.top, skirt.hem), (0, 1, 2), levels)
    rows = np.linspace(top, hem, max(3, round((top - hem) / _ROW_M)))
    angles = np.arange(_COLUMNS) * 2 * np.pi / _COLUMNS
    body = posed.vertices[np.isin(anatomy.parts, _HANGING) & ~anatomy.interior]
    feet = joints[[7, 8]].mean(axis=0)
    radius, rings = np.zeros(_COLUMNS), []
    folds, phase, drift = draw.integers(7, 13), draw.uniform(0, 6.28), draw.uniform(-2, 2)
    for height in rows:
        share = (height - levels[1]) / (feet[1] - levels[1])
        centre = (joints[0] + np.clip(share, 0, 1) * (feet - joints[0]))[[0, 2]]
        near = body[np.abs(body[:, 1] - height) < _BAND_M]
        skin = radial_extent(near[:, [0, 2]], centre, angles) + _LEAST_M
        radius = np.maximum(skin + skirt.ease_m, radius + skirt.flare * (rows[0] - rows[1]))
        radius = (np.roll(radius, 1) + radius + np.roll(radius, -1)) / 3
        depth = skirt.fold_m * (top - height) / max(top - hem, 1e-6)
        fold = depth * np.sin(folds * angles + phase + drift * (top - height))
        reach = np.maximum(radius + fold, skin + 0.002)
        rings.append(np.column_stack((centre[0] + reach * np.cos(angles),
                                      np.full(_COLUMNS, height),
                                      centre[1] + reach * np.sin(angles))))
    return lattice(np.array(rings)[:, ::-1], closed=True)
