"""Vertices are the same exactly where they are at the same place."""

import numpy as np
import pytest

from likeness.core.welding import first_there, same_places


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_copies_of_vertices_are_known_for_what_they_are(kind: type):
    draw = np.random.default_rng(3)
    places = draw.normal(size=(500, 3)).astype(kind)
    which = draw.integers(0, 500, 2000)
    first, place = same_places(places[which])
    np.testing.assert_array_equal(places[which][first][place], places[which])
    assert len(first) == len(np.unique(which))
    assert (np.diff(first) > 0).all()
    np.testing.assert_array_equal(first_there(places[which]), first[place])


def test_the_least_step_of_a_number_is_another_place_but_its_sign_of_zero_is_not():
    step = np.nextafter(np.float32(1), np.float32(2))
    vertices = np.array([[1, 0, 0], [step, 0, 0], [1, -0.0, 0], [0, 1, 0]], np.float32)
    assert first_there(vertices).tolist() == [0, 1, 0, 3]
