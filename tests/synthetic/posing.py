"""Poses a subject on its own 104 bones with dual quaternion skinning.

Not linear blend skinning, which is the body model's own: a real person's shoulder does not follow
the model either. Kavan et al. 2008, Geometric skinning with approximate dual quaternion blending.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64
from scipy.spatial.transform import Rotation
from tests.synthetic.poses import Pose
from tests.synthetic.subjects import Anatomy, Subject

_SOFT_WAVES, _SOFT_M = 24, 0.0025
_FINE_PARTS, _FINE_SHARE = (0, 4, 5, 8, 9), 0.4  # head, hands, feet move less


@dataclass(frozen=True, eq=False)
class Posed:
    """A subject in a pose; metres, y up, facing as its pose says."""

    vertices: Float64[np.ndarray, "V 3"]
    joints: Float64[np.ndarray, "J 3"]


def pose_subject(anatomy: Anatomy, subject: Subject, pose: Pose,
                 offsets: Float[np.ndarray, "V 3"] | float = 0.0) -> Posed:
    """Turn every bone with its joint; `offsets` are added to the surface at rest."""
    world = _world_rotations(anatomy, subject, pose)
    heads = _posed_heads(anatomy, subject, world)
    moved = heads - np.einsum("qab,qb->qa", world, subject.heads)
    vertices = _dual_quaternion_skinned(anatomy, world, moved, subject.vertices + offsets)
    return Posed(vertices, anatomy.joint_heads @ heads)


def soft_tissue(anatomy: Anatomy, subject: Subject, draw: np.random.Generator,
                ) -> Float64[np.ndarray, "V 3"]:
    """Smooth offsets that no shape space knows, about `_SOFT_M` RMS, along the normals at rest."""
    points = subject.vertices.astype(np.float64)
    length = draw.uniform(0.07, 0.25, _SOFT_WAVES)
    direction = draw.normal(size=(_SOFT_WAVES, 3))
    direction *= (2 * np.pi / length / np.linalg.norm(direction, axis=1))[:, None]
    waves = np.sin(points @ direction.T + draw.uniform(0, 2 * np.pi, _SOFT_WAVES)).sum(axis=1)
    height = _SOFT_M * waves / np.sqrt(np.mean(waves**2))
    height *= np.where(np.isin(anatomy.parts, _FINE_PARTS), _FINE_SHARE, 1.0)
    return height[:, None] * vertex_normals(points, anatomy.faces)


def vertex_normals(vertices: Float[np.ndarray, "V 3"], faces: np.ndarray,
                   ) -> Float64[np.ndarray, "V 3"]:
    """Unit normals, each the area-weighted mean of the faces around; zero where there are none."""
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    across = np.cross(b - a, c - a)
    corners = faces.T.ravel()
    normals = np.stack([np.bincount(corners, np.tile(across[:, k], 3), len(vertices))
                        for k in range(3)], axis=1)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def _world_rotations(anatomy: Anatomy, subject: Subject, pose: Pose,
                     ) -> Float64[np.ndarray, "Q 3 3"]:
    """From rest to pose by way of the T-pose, whose axes are the world's."""
    local = Rotation.from_rotvec(pose).as_matrix()
    turns = local.copy()
    for j, parent in enumerate(anatomy.joint_parents):
        if parent >= 0:
            turns[j] = turns[parent] @ local[j]
    return (turns @ subject.to_t_pose)[anatomy.bone_joints]


def _posed_heads(anatomy: Anatomy, subject: Subject, world: Float64[np.ndarray, "Q 3 3"],
                 ) -> Float64[np.ndarray, "Q 3"]:
    heads = subject.heads.copy()
    for bone, parent in enumerate(anatomy.bone_parents):
        if parent >= 0:
            heads[bone] = heads[parent] + world[parent] @ (subject.heads[bone]
                                                           - subject.heads[parent])
    return heads


def _dual_quaternion_skinned(anatomy: Anatomy, turns: Float64[np.ndarray, "Q 3 3"],
                             shifts: Float64[np.ndarray, "Q 3"],
                             vertices: Float[np.ndarray, "V 3"]) -> Float64[np.ndarray, "V 3"]:
    """x -> turns x + shifts a bone, blended as unit dual quaternions."""
    real = Rotation.from_matrix(turns).as_quat()  # x, y, z, w
    dual = 0.5 * _product(np.column_stack((shifts, np.zeros(len(shifts)))), real)
    indices, weights = anatomy.bone_indices, anatomy.bone_weights
    near = real[indices]
    first = np.take_along_axis(near, weights.argmax(axis=1)[:, None, None], axis=1)
    # q and -q are one rotation: all on the side of the heaviest, or they would cancel.
    signed = weights * np.where((near * first).sum(axis=2) < 0, -1.0, 1.0)
    q, d = (np.einsum("vk,vkc->vc", signed, each[indices]) for each in (real, dual))
    size = np.linalg.norm(q, axis=1, keepdims=True)
    q, d = q / size, d / size
    shift = 2 * _product(d, q * (-1.0, -1.0, -1.0, 1.0))[:, :3]
    return Rotation.from_quat(q).apply(vertices) + shift


def _product(p: Float64[np.ndarray, "N 4"], q: Float64[np.ndarray, "N 4"],
             ) -> Float64[np.ndarray, "N 4"]:
    vector = p[:, 3:] * q[:, :3] + q[:, 3:] * p[:, :3] + np.cross(p[:, :3], q[:, :3])
    return np.column_stack((vector, p[:, 3] * q[:, 3] - (p[:, :3] * q[:, :3]).sum(axis=1)))
