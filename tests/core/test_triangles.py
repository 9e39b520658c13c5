"""Distances to triangles, held against trimesh."""

import numpy as np
import pytest
import trimesh

from likeness.core.triangles import apart_from, middles_of


@pytest.mark.parametrize("flat", [0.0, 0.02, 1.0])
def test_distances_are_those_to_the_closest_points(flat: float):
    """Of triangles of all forms, slivers among them, from points above, beside and beyond."""
    draw = np.random.default_rng(0)
    corners = draw.normal(size=(4000, 3, 3))
    corners[:, 2] = (corners[:, 0] + corners[:, 1]) / 2 + flat * corners[:, 2]
    points = 2 * draw.normal(size=(4000, 3))
    closest = trimesh.triangles.closest_point(corners, points)
    found = apart_from(corners.astype(np.float32), points.astype(np.float32))
    np.testing.assert_allclose(found, np.linalg.norm(points - closest, axis=1), atol=2e-5)


def test_points_on_a_triangle_are_at_no_distance():
    corners = np.float32([[[0, 0, 0], [1, 0, 0], [0, 1, 0]]] * 5)
    points = np.float32([[0, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0], [0, 0.7, 0]])
    np.testing.assert_allclose(apart_from(corners, points), 0.0, atol=1e-6)


def test_a_triangle_without_area_is_the_line_or_point_it_has_become():
    corners = np.float32([[[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]]])
    points = np.float32([[1.5, 3, 4], [1, 1, 3]])
    np.testing.assert_allclose(apart_from(corners, points), [5.0, 2.0], atol=1e-6)


def test_middles_and_how_wide_faces_are():
    vertices = np.float32([[0, 0, 0], [3, 0, 0], [0, 3, 0], [9, 0, 3]])
    middles, width = middles_of(vertices, np.int32([[0, 1, 2], [0, 1, 3]]))
    np.testing.assert_allclose(middles, [[1, 1, 0], [4, 0, 1]])
    np.testing.assert_allclose(width, [np.sqrt(5), np.sqrt(29)], rtol=1e-6)
