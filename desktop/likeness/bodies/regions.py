"""Which part of the body a vertex belongs to, by its skin weights and the way it looks."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float64, Int8

from likeness.bodies.body import PARTS, Body
from likeness.core.triangles import face_crosses, lengths

_MIDDLE = {"neck": "head", "head": "head", "jaw": "head"}
_LIMBS = {"shoulder": "arm", "elbow": "arm", "wrist": "hand", "hand": "hand", "hip": "leg",
          "knee": "leg", "ankle": "foot", "foot": "foot", "collar": "torso", "eye": "head"}
_WORDS = {"pelvis": "hips", "spine1": "belly", "spine2": "chest", "spine3": "chest",
          "neck": "neck", "head": "head", "jaw": "head"}
_LIMB_WORDS = {"shoulder": "upper arm", "elbow": "forearm", "hip": "thigh", "knee": "lower leg",
               "ankle": "foot", "foot": "foot", "collar": "shoulder", "eye": "eye"}
# In the T-pose, of an adult's height: so near to the middle, so near to the shoulder joint.
_CROTCH, _ARMPIT = 0.035, 0.075


def part_of_joint(name: str) -> int:
    """The index into `PARTS` of a joint of the SMPL family, by its name."""
    side, _, limb = name.partition("_")
    if side not in ("left", "right"):
        return PARTS.index(_MIDDLE.get(name, "torso"))
    part = _LIMBS.get(limb.partition("_")[0], "hand")  # what is left are fingers
    return PARTS.index(part if part in PARTS else f"{side}_{part}")


def parts_of(weights: Float[np.ndarray, "V J"], names: Sequence[str]) -> Int8[np.ndarray, " V"]:
    """The part whose joints together hold most of each vertex."""
    totals = np.zeros((len(weights), len(PARTS)))
    for j, name in enumerate(names):
        totals[:, part_of_joint(name)] += weights[:, j]
    return totals.argmax(axis=1).astype(np.int8)


def region_of_joint(name: str) -> str:
    """What people call the part of the body that a joint moves: "left forearm", "chest"."""
    side, _, limb = name.partition("_")
    if side not in ("left", "right"):
        return _WORDS.get(name, "body")
    return f"{side} {_LIMB_WORDS.get(limb.partition('_')[0], 'hand')}"


def regions_of(body: Body) -> tuple[str, ...]:
    """The region of each vertex (V,), by the joint that moves it most."""
    words = [region_of_joint(name) for name in body.joint_names]
    return tuple(words[joint] for joint in body.skin_weights.argmax(axis=1))


def spots_of(body: Body) -> tuple[str, ...]:
    """Where on the surface each vertex (V,) is: "sole of the left foot", "back", "crotch".

    Finer than `regions_of` by the way the template looks there.
    """
    normals, height = _template_normals(body), float(np.ptp(body.template[:, 1]))
    joints = body.joint_regressor @ body.template.astype(np.float64)
    shoulders = joints[[body.joint_names.index(f"{side}_shoulder") for side in ("left", "right")]]
    apart = lengths((body.template[:, None] - shoulders[None]).reshape(-1, 3)).reshape(-1, 2)
    at_shoulder = apart.min(axis=1) < _ARMPIT * height
    in_middle = np.abs(body.template[:, 0]) < _CROTCH * height
    neck, top = joints[body.joint_names.index("head"), 1], body.template[:, 1].max()
    level = (body.template[:, 1] - neck) / (top - neck)
    sides = ["left" if x > 0 else "right" for x in body.template[:, 0].tolist()]
    return tuple(
        _spot_on_head(normal, side, each) if region == "head" else
        _spot(region, normal, side, bool(shoulder), bool(middle))
        for region, normal, side, each, shoulder, middle in zip(
            regions_of(body), normals.tolist(), sides, level.tolist(), at_shoulder, in_middle,
            strict=True))


def _spot_on_head(normal: Sequence[float], side: str, level: float) -> str:
    """`level` is 0 at the joint of the head and 1 at the top."""
    _, up, ahead = normal
    if up > 0.6 and level > 0.4:
        return "top of the head"
    if up < -0.6 and level < 0:
        return "chin"
    return ("face" if ahead > 0.3 else "back of the head" if ahead < -0.4 else
            f"{side} side of the head")


def _spot(region: str, normal: Sequence[float], side: str, at_shoulder: bool,
          in_middle: bool) -> str:
    _, up, ahead = normal
    if region.endswith("foot") and up < -0.6:
        return f"sole of the {region}"
    if up < -0.3 and at_shoulder:
        return f"{side} armpit"
    if (region == "hips" or region.endswith("thigh")) and up < -0.5 and in_middle:
        return "crotch"
    if ahead < -0.3 and region in ("belly", "chest", "hips"):
        return "buttocks" if region == "hips" else "back"
    return region


def _template_normals(body: Body) -> Float64[np.ndarray, "V 3"]:
    faces, count = body.skin_faces, len(body.template)
    across = face_crosses(body.template.astype(np.float64), faces)
    sums = np.stack([np.bincount(faces.ravel(), np.repeat(across[:, k], 3), count)
                     for k in range(3)], axis=1)
    return sums / np.maximum(lengths(sums), 1e-20)[:, None]
