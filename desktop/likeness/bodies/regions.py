"""Which part of the body a vertex belongs to, read off the skin weights."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int8

from likeness.bodies.body import PARTS

_MIDDLE = {"neck": "head", "head": "head", "jaw": "head"}
_LIMBS = {"shoulder": "arm", "elbow": "arm", "wrist": "hand", "hand": "hand", "hip": "leg",
          "knee": "leg", "ankle": "foot", "foot": "foot", "collar": "torso", "eye": "head"}


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
