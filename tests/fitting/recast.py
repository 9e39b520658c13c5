"""The open body as licensed files hold theirs: other joints, few shapes, correctives, hands."""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from tests.bodies.model_files import PARENTS

from likeness.bodies.body import Body
from likeness.bodies.families import FAMILIES, Family
from likeness.bodies.reading import read_body

_KNUCKLES = ("index1", "middle1", "pinky1", "ring1")
_BULGE_M, _CURL = 0.004, 0.35  # of the correctives at joints; of the mean hand, radians a joint


def recast(body: Body, family_name: str, shapes: int, path: Path) -> Body:
    """`body` (SMPL+H without mean hands) written as a file of a family, and read from that."""
    family, draw = FAMILIES[family_name], np.random.default_rng(7)
    names, weights = family.joint_names, _weights(body, family)
    regress = np.array([_regressor(body, name) for name in names])
    directions = body.shape_directions[..., :shapes]
    if family_name == "smplx":  # expressions follow, which are no shapes
        directions = np.concatenate((directions, directions[..., :10]), axis=2)
    out = body.template - body.template.mean(axis=0)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    near = 4 * weights * (1 - weights)  # 1 where a joint and its parent share the skin
    bulges = np.einsum("vc,vj,jk->vcjk", out, near[:, 1:],
                       draw.normal(0.0, _BULGE_M, (len(names) - 1, 9)))
    arrays = {"v_template": body.template, "f": body.faces, "weights": weights,
              "J_regressor": regress, "shapedirs": directions,
              "posedirs": bulges.reshape(len(weights), 3, -1),
              "kintree_table": np.array((PARENTS[family_name], range(len(names))))}
    if family.has_hands:
        for side, bend in (("l", -_CURL), ("r", _CURL)):
            arrays[f"hands_mean{side}"] = np.tile((0.0, 0.0, bend), 15)
    np.savez(path, **arrays)
    return read_body(path)


def _weights(body: Body, family: Family) -> Float64[np.ndarray, "V J"]:
    own, found = body.joint_names, np.zeros((len(body.template), len(family.joint_names)))
    for joint, name in enumerate(family.joint_names):
        if name in own:
            found[:, joint] = body.skin_weights[:, own.index(name)]
        elif name in ("left_hand", "right_hand"):
            side = name.removesuffix("hand")
            fingers = [each.startswith(side) and each[-1].isdigit() for each in own]
            found[:, joint] = body.skin_weights[:, fingers].sum(axis=1)
    for joint, name in enumerate(family.joint_names):
        if name.endswith("_eye"):
            found[_eyeball(body, name)] = np.eye(len(family.joint_names))[joint]
    return found / found.sum(axis=1, keepdims=True)


def _regressor(body: Body, name: str) -> Float64[np.ndarray, " V"]:
    rows, own = body.joint_regressor.toarray(), body.joint_names
    if name in ("left_hand", "right_hand"):
        side = name.removesuffix("hand")
        return rows[[own.index(side + each) for each in _KNUCKLES]].mean(axis=0)
    if name.endswith("_eye"):
        ball = _eyeball(body, name)
        return ball / ball.sum()
    return rows[own.index("head" if name == "jaw" else name)]


def _eyeball(body: Body, name: str) -> Bool[np.ndarray, " V"]:
    return body.eyes & ((body.template[:, 0] > 0) == (name == "left_eye"))
