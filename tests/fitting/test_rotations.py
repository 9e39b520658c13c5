"""Exponential and logarithm of SO(3) against scipy, and their derivative against differences."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from likeness.fitting.rotations import (
    axis_angle,
    inverse_left_jacobian,
    largest_turn,
    rotation_matrix,
)


def _vectors() -> np.ndarray:
    draw = np.random.default_rng(3)
    directions = draw.normal(size=(60, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    angles = np.concatenate((draw.uniform(0, np.pi, 50), [0, 1e-7, 1e-4, 3.1415, np.pi - 1e-6],
                             draw.uniform(0, 1e-3, 5)))
    return directions * angles[:, None]


def test_exponential_agrees_with_scipy() -> None:
    vectors = _vectors()
    ours = rotation_matrix(torch.as_tensor(vectors)).numpy()
    np.testing.assert_allclose(ours, Rotation.from_rotvec(vectors).as_matrix(), atol=1e-9)


def test_logarithm_undoes_exponential_up_to_half_a_turn() -> None:
    vectors = torch.as_tensor(_vectors())
    back = rotation_matrix(axis_angle(rotation_matrix(vectors)))
    np.testing.assert_allclose(back, rotation_matrix(vectors), atol=1e-7)
    np.testing.assert_allclose(axis_angle(rotation_matrix(vectors[:50])), vectors[:50], atol=1e-6)


def test_the_largest_turn_is_that_between_two_of_many() -> None:
    vectors = torch.as_tensor(_vectors()[:50])
    one = rotation_matrix(vectors)
    other = one.clone()
    other[7] = other[7] @ rotation_matrix(torch.tensor((0.0, 0.4, 0.0), dtype=torch.float64))
    other[9] = other[9] @ rotation_matrix(torch.tensor((0.1, 0.0, 0.0), dtype=torch.float64))
    assert largest_turn(one, other) == pytest.approx(0.4, abs=1e-6)
    assert largest_turn(one, one) == pytest.approx(0.0, abs=1e-6)


def test_inverse_left_jacobian_matches_finite_differences() -> None:
    vectors = torch.as_tensor(_vectors()[:50])
    step = 1e-6
    for axis in range(3):
        small = torch.zeros(3, dtype=torch.float64)
        small[axis] = step
        moved = axis_angle(rotation_matrix(small) @ rotation_matrix(vectors))
        expected = (moved - vectors) / step
        got = inverse_left_jacobian(vectors)[..., axis]
        np.testing.assert_allclose(got, expected, atol=2e-4)


def test_who_differentiates_the_logarithm_at_rest_gets_the_turn_itself() -> None:
    def there_and_back(v: torch.Tensor) -> torch.Tensor:
        return axis_angle(rotation_matrix(v))

    for start in (torch.zeros(3), torch.tensor([1e-12, 0.0, 0.0])):
        slope = torch.autograd.functional.jacobian(there_and_back, start)
        np.testing.assert_allclose(slope, np.eye(3), atol=1e-6)
        np.testing.assert_allclose(there_and_back(start), start, rtol=1e-6)
