"""Parameters of a body and the surface they give: linear blend skinning in numpy."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

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


@dataclass(frozen=True, eq=False)
class PosedBody:
    """A body's surface and joints, posed and at rest, in metres.

    `rest_vertices` hold shape and displacements, without `pose_correctives`; `transforms` take
    the rest pose with its correctives to the posed one, `transl` included.
    """

    vertices: Float64[np.ndarray, "V 3"]
    joints: Float64[np.ndarray, "J 3"]
    rest_vertices: Float64[np.ndarray, "V 3"]
    rest_joints: Float64[np.ndarray, "J 3"]
    pose_correctives: Float64[np.ndarray, "V 3"]
    transforms: Float64[np.ndarray, "J 4 4"]


def pose_body(body: Body, parameters: BodyParameters,
              displacements: Float[np.ndarray, "V 3"] | None = None) -> PosedBody:
    """Shape, pose and skin a body, as smplx does; `displacements` are added in the rest pose.

    Fewer betas than the body has leave the others zero. Joints follow the shape alone, not the
    displacements. Linear blend skinning after Loper et al. 2015, SMPL, equations 2 to 8.
    """
    shaped = shaped_vertices(body, parameters.betas)
    rest_joints = body.joint_regressor @ shaped
    rotations = rotation_matrices(joint_rotations(body, parameters))
    correctives = _pose_correctives(body, rotations)
    transforms = _joint_transforms(body, rotations, rest_joints, parameters.transl)
    rest = shaped if displacements is None else shaped + displacements
    posed = skinned(body.skin_weights, transforms, rest + correctives)
    joints = np.einsum("jab,jb->ja", transforms[:, :3, :3], rest_joints) + transforms[:, :3, 3]
    return PosedBody(posed, joints, rest, rest_joints, correctives, transforms)


def shaped_vertices(body: Body, betas: Float[np.ndarray, " B"]) -> Float64[np.ndarray, "V 3"]:
    """The template with its shape components added."""
    count = min(len(betas), body.shape_count)
    directions = body.shape_directions[..., :count].reshape(-1, count)
    moved = directions @ betas[:count].astype(np.float64)
    return body.template.astype(np.float64) + moved.reshape(-1, 3)


def joint_rotations(body: Body, parameters: BodyParameters) -> Float[np.ndarray, "J 3"]:
    """Axis-angle of every joint against its parent, hand means added."""
    rotations = np.zeros((body.joint_count, 3))
    rotations[0] = parameters.global_orient
    for group in body.groups:
        value = parameters.pose.get(group.parameter, np.zeros(3 * len(group.joints)))
        if group.parameter == "global_orient":
            continue
        mean = body.hand_means.get(group.parameter, 0.0)
        rotations[list(group.joints)] = np.reshape(value + mean, (-1, 3))
    return rotations


def rotation_matrices(turns: Float[np.ndarray, "J 3"]) -> Float64[np.ndarray, "J 3 3"]:
    """Axis-angle to rotation matrices by Rodrigues' formula, exact at zero."""
    angle = np.linalg.norm(turns, axis=1)
    # sin(a)/a and (1 - cos(a))/a^2 without cancellation near zero
    first = np.sinc(angle / np.pi)
    second = 0.5 * np.sinc(angle / (2.0 * np.pi)) ** 2
    cross = np.zeros((len(turns), 3, 3))
    cross[:, [2, 0, 1], [1, 2, 0]] = turns
    cross[:, [1, 2, 0], [2, 0, 1]] = -turns
    return np.eye(3) + first[:, None, None] * cross + second[:, None, None] * (cross @ cross)


def skinned(weights: Float[np.ndarray, "V J"], transforms: Float64[np.ndarray, "J 4 4"],
            vertices: Float64[np.ndarray, "V 3"]) -> Float64[np.ndarray, "V 3"]:
    """Each vertex moved by the weighted mean of the joints' transforms."""
    blended = (weights.astype(np.float64) @ transforms[:, :3].reshape(-1, 12)).reshape(-1, 3, 4)
    return np.einsum("vab,vb->va", blended[..., :3], vertices) + blended[..., 3]


def _pose_correctives(body: Body, rotations: Float64[np.ndarray, "J 3 3"],
                      ) -> Float64[np.ndarray, "V 3"]:
    if body.pose_directions is None:
        return np.zeros(body.template.shape)
    features = (rotations[1:] - np.eye(3)).reshape(-1)
    directions = body.pose_directions.reshape(-1, len(features))
    return (directions @ features).reshape(-1, 3)


def _joint_transforms(body: Body, rotations: Float64[np.ndarray, "J 3 3"],
                      rest_joints: Float64[np.ndarray, "J 3"], transl: Float[np.ndarray, "3"],
                      ) -> Float64[np.ndarray, "J 4 4"]:
    """World transform of each joint times the inverse of its rest position."""
    world = np.zeros((body.joint_count, 4, 4))
    world[:, 3, 3] = 1.0
    world[0, :3, :3], world[0, :3, 3] = rotations[0], rest_joints[0] + transl
    for j in range(1, body.joint_count):
        parent = body.parents[j]
        bone = rest_joints[j] - rest_joints[parent]
        world[j, :3, :3] = world[parent, :3, :3] @ rotations[j]
        world[j, :3, 3] = world[parent, :3, 3] + world[parent, :3, :3] @ bone
    world[:, :3, 3] -= np.einsum("jab,jb->ja", world[:, :3, :3], rest_joints)
    return world
