"""Skinning in numpy: rotations, rigid motion, displacements, hand means."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from likeness.bodies.pose import BodyParameters, joint_rotations, pose_body, rotation_matrices


@pytest.fixture
def parameters(body) -> BodyParameters:
    draw = np.random.default_rng(4)
    pose = {"body_pose": draw.normal(0.0, 0.4, 63), "left_hand_pose": draw.normal(0.0, 0.3, 45)}
    return BodyParameters(draw.normal(size=20), draw.normal(size=3), draw.normal(size=3), pose)


def test_rotation_matrices_agree_with_scipy_also_for_tiny_and_large_angles():
    axis = np.random.default_rng(2).normal(size=(40, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    turns = axis * np.geomspace(1e-12, 6.0, 40)[:, None]
    expected = Rotation.from_rotvec(turns).as_matrix()
    np.testing.assert_allclose(rotation_matrices(turns), expected, atol=1e-12)
    np.testing.assert_array_equal(rotation_matrices(np.zeros((1, 3)))[0], np.eye(3))


def test_turning_the_root_turns_the_body_about_the_pelvis(body, parameters):
    still = replace(parameters, global_orient=np.zeros(3))
    posed, turned = pose_body(body, still), pose_body(body, parameters)
    rotation = Rotation.from_rotvec(parameters.global_orient).as_matrix()
    pelvis = posed.joints[0]
    expected = (posed.vertices - pelvis) @ rotation.T + pelvis
    # The stored weights sum to one only within float32.
    np.testing.assert_allclose(turned.vertices, expected, atol=1e-6)


def test_displacements_move_the_surface_but_not_the_joints(body, parameters):
    moved = np.zeros((len(body.template), 3), np.float32)
    moved[:, 1] = 0.02
    plain, displaced = pose_body(body, parameters), pose_body(body, parameters, moved)
    np.testing.assert_array_equal(displaced.joints, plain.joints)
    np.testing.assert_allclose(displaced.rest_vertices - plain.rest_vertices, moved, atol=1e-12)
    assert np.linalg.norm(displaced.vertices - plain.vertices, axis=1).min() > 0.005


def test_transforms_take_rest_joints_to_posed_joints(body, parameters):
    posed = pose_body(body, parameters)
    for j in range(body.joint_count):
        place = posed.transforms[j] @ np.append(posed.rest_joints[j], 1.0)
        np.testing.assert_allclose(place[:3], posed.joints[j], atol=1e-12)


def test_a_hand_without_a_pose_takes_the_mean_hand(body):
    mean = {"left_hand_pose": np.linspace(0.0, 0.5, 45, dtype=np.float32)}
    curled = replace(body, hand_means=mean)
    rest = BodyParameters(np.zeros(1), np.zeros(3), np.zeros(3), {})
    rotations = joint_rotations(curled, rest)
    np.testing.assert_allclose(rotations[22:37].ravel(), mean["left_hand_pose"])
    assert not rotations[37:].any()
