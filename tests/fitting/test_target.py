"""Normals found from few points are trusted as far as those points lie in a plane."""

import numpy as np

from likeness.fitting.target import Target


def _target(points: np.ndarray) -> Target:
    up = np.tile(np.array((0.0, 1.0, 0.0), np.float32), (len(points), 1))
    return Target(points.astype(np.float32), up, np.ones(len(points), np.float32))


def test_normals_stay_on_a_surface_and_shrink_in_a_knot() -> None:
    draw = np.random.default_rng(2)
    sheet = draw.uniform(0, 1, (400, 3)) * (1, 0, 1) + draw.normal(0, 0.002, (400, 3))
    knot = draw.normal(0, 0.03, (200, 3)) + (3, 0, 0)
    found = _target(np.concatenate((sheet, knot))).doubting_normals()
    length = np.linalg.norm(found.normals, axis=1)
    assert length[:400].min() > 0.99
    assert np.median(length[400:]) < 0.1


def test_a_handful_of_points_may_be_doubted() -> None:
    three = _target(np.eye(3))
    assert three.doubting_normals().normals.shape == (3, 3)
