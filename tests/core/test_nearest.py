"""The nearest points are those that are nearest."""

import os
import subprocess
import sys

import numpy as np
import pytest

from likeness.core.nearest import PointTree


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("axes", "places"), [(3, 50), (6, 9000)])
def test_as_from_all_distances(kind: type, axes: int, places: int) -> None:
    draw = np.random.default_rng(0)
    points = draw.normal(size=(300, axes)).astype(kind)
    asked = draw.normal(size=(places, axes)).astype(kind)
    apart, index = PointTree(points).nearest(asked, 4)
    distance = np.linalg.norm(asked[:, None].astype(np.float64) - points, axis=2)
    nearest = np.argsort(distance, axis=1)[:, :4]
    assert (index == nearest).all()
    assert np.allclose(apart, np.take_along_axis(distance, nearest, axis=1), atol=1e-6)
    assert index.dtype == np.int64
    assert apart.dtype == kind


def test_what_is_too_far_is_infinitely_far() -> None:
    tree = PointTree(np.array([[0.0, 0.0], [1.0, 0.0]]))
    apart, index = tree.nearest(np.array([[0.1, 0.0]]), 2, within=0.5)
    assert apart.tolist() == [[pytest.approx(0.1), np.inf]]
    assert index.tolist() == [[0, 2]]
    alone, none = tree.one_nearest(np.array([[9.0, 9.0]]), within=0.5)
    assert (alone.tolist(), none.tolist()) == ([np.inf], [2])


def test_there_may_be_fewer_than_asked_for() -> None:
    apart, index = PointTree(np.zeros((2, 3))).nearest(np.ones((5, 3)), 4)
    assert apart.shape == index.shape == (5, 2)
    assert (np.sort(index, axis=1) == (0, 1)).all()


def test_of_nothing_nothing_is_near() -> None:
    assert PointTree(np.zeros((0, 3))).nearest(np.ones((5, 3)), 4)[1].shape == (5, 0)
    assert PointTree(np.ones((5, 3))).nearest(np.zeros((0, 3)), 4)[1].shape == (0, 4)


def test_a_heap_of_points_in_one_place_has_a_tree() -> None:
    heap = np.vstack((np.zeros((200_000, 3)), [[1.0, 1.0, 1.0]])).astype(np.float32)
    assert PointTree(heap).one_nearest(np.full((1, 3), 0.9, np.float32))[1].tolist() == [200_000]


def test_the_environment_is_left_as_it_was() -> None:
    for asked in (None, "3"):
        around = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        told = subprocess.run(
            [sys.executable, "-c", "import likeness.core.nearest, os;"
             "print(os.environ.get('OMP_NUM_THREADS'))"],
            env=around | ({"OMP_NUM_THREADS": asked} if asked else {}),
            capture_output=True, text=True, check=True)
        assert told.stdout.strip() == str(asked)
