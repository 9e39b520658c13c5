"""Points share a number if and only if they share a cube."""

import numpy as np
import pytest

from likeness.core.cells import cells


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_points_of_one_cube_share_a_number_in_the_order_of_places(shift: float) -> None:
    points = np.random.default_rng(0).uniform(-3.0, 3.0, (5000, 3)).astype(np.float32)
    cube = np.floor((points - points.min(axis=0)) / 0.5 + shift)
    different, number = np.unique(cube, axis=0, return_inverse=True)
    count, cell = cells(points, 0.5, shift)
    assert count == len(different)
    np.testing.assert_array_equal(cell, number.ravel())


def test_one_point_and_points_beyond_all_measure_have_cells_too():
    assert cells(np.ones((1, 3), np.float32), 0.1)[0] == 1
    points = np.array([(0.0, 0.0, 0.0), (1e30, 0.0, 0.0), (0.01, 0.0, 0.0)], np.float32)
    count, cell = cells(points, 0.1)
    assert count == 2
    assert cell[0] == cell[2] != cell[1]
