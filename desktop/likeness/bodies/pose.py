"""Parameters of a body and the surface they give: linear blend skinning in numpy."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from likeness.bodies.body import Body


@dataclass(frozen=True, eq=False)
class BodyParameters:
    """What smplx calls them: `betas` (B,), `global_orient` (3,), `transl` (3,), poses axis-angle.

    `pose` holds the remaining parameters by name (`body_pose`, `left_hand_pose`,
    `right_hand_pose`, for SMPL-X also `jaw_pose` and eyes), flat; a missing one is zero.
    """

    betas: Float[np.ndarray, " B"]
    global_orient: Float[np.ndarray, "3"]
    transl: Float[np.ndarray, "3"]
    pose: dict[str, Float[np.ndarray, " P"]]


def joint_rotations(body: Body, parameters: BodyParameters) -> Float[np.ndarray, "J 3"]:
    """Axis-angle of every joint against its parent, hand means added."""
    rotations = np.zeros((body.joint_count, 3))
    rotations[0] = parameters.global_orient
    for group in body.groups:
        value = parameters.pose.get(group.parameter)
        if value is None or group.parameter == "global_orient":
            continue
        mean = body.hand_means.get(group.parameter, 0.0)
        rotations[list(group.joints)] = np.reshape(value + mean, (-1, 3))
    return rotations
