"""The skeleton as other programs want it: local rotations, four influences, unique names."""

import numpy as np
from jaxtyping import Float, Float32, Int32, UInt16

from likeness.avatars.avatar import Avatar

INFLUENCES = 4


def quaternions(rotations: Float[np.ndarray, "J 3"]) -> Float32[np.ndarray, "J 4"]:
    """Axis-angle in radians to unit quaternions (x, y, z, w)."""
    angle = np.linalg.norm(rotations.astype(np.float64), axis=1, keepdims=True)
    # sin(a/2)/a, through sinc, which is smooth at zero.
    xyz = rotations * (0.5 * np.sinc(angle / (2 * np.pi)))
    q = np.hstack((xyz, np.cos(angle / 2)))
    return (q / np.linalg.norm(q, axis=1, keepdims=True)).astype(np.float32)


def local_offsets(
    joints: Float32[np.ndarray, "J 3"], parents: Int32[np.ndarray, " J"]
) -> Float32[np.ndarray, "J 3"]:
    """Each joint's rest position against its parent's; the root's against the origin."""
    offsets = joints.copy()
    offsets[1:] -= joints[parents[1:]]
    return offsets


def strongest_influences(
    weights: Float32[np.ndarray, "V J"],
) -> tuple[UInt16[np.ndarray, "V 4"], Float32[np.ndarray, "V 4"]]:
    """The four strongest joints of every vertex and their weights, which sum to one.

    Weights are multiples of 2^-23, so that float32 sums are exact; joint 0 stands where a weight
    is zero, as glTF 2.0 wants it.
    """
    count = min(INFLUENCES, weights.shape[1])
    order = np.argsort(-weights, axis=1, kind="stable")[:, :count]
    chosen = np.take_along_axis(weights, order, axis=1).astype(np.float64)
    grain = 2.0**23
    whole = np.round(chosen / chosen.sum(axis=1, keepdims=True) * grain)
    whole[:, 0] += grain - whole.sum(axis=1)
    joints = np.zeros((len(weights), INFLUENCES), np.uint16)
    shares = np.zeros((len(weights), INFLUENCES), np.float32)
    joints[:, :count] = np.where(whole > 0, order, 0)
    shares[:, :count] = whole / grain
    return joints, shares


def unique_names(avatar: Avatar) -> tuple[str, ...]:
    """Joint names; a number follows a name that came before."""
    seen: dict[str, int] = {}
    names = []
    for name in avatar.joint_names:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)
