"""Rotations and weights as other programs read them."""

import numpy as np
from scipy.spatial.transform import Rotation

from likeness.avatars.skeleton import quaternions, strongest_influences


def test_quaternions_turn_as_the_axis_angles_do() -> None:
    rotations = np.random.default_rng(0).normal(size=(50, 3))
    rotations[0], rotations[1] = 0, 1e-9
    rotations[2] *= np.pi / np.linalg.norm(rotations[2])
    found = Rotation.from_quat(quaternions(rotations)).as_matrix()
    assert np.abs(found - Rotation.from_rotvec(rotations).as_matrix()).max() < 1e-6


def test_the_four_strongest_influences_are_kept_and_sum_to_one() -> None:
    weights = np.random.default_rng(0).dirichlet(np.full(9, 0.4), 500).astype(np.float32)
    joints, shares = strongest_influences(weights)
    assert (shares.sum(axis=1) == 1).all()
    assert (shares >= 0).all()
    kept = np.take_along_axis(weights, joints.astype(int), axis=1)
    assert np.allclose(kept.sum(axis=1), -np.sort(-weights, axis=1)[:, :4].sum(axis=1), atol=1e-5)
    assert np.allclose(shares, kept / kept.sum(axis=1, keepdims=True), atol=1e-6)


def test_no_joint_is_named_twice_where_it_counts_and_zero_weights_name_joint_zero() -> None:
    weights = np.zeros((2, 6), np.float32)
    weights[0, 5] = 1
    weights[1, [2, 4]] = 0.25, 0.75
    joints, shares = strongest_influences(weights)
    assert joints.tolist() == [[5, 0, 0, 0], [4, 2, 0, 0]]
    assert shares.tolist() == [[1, 0, 0, 0], [0.75, 0.25, 0, 0]]
