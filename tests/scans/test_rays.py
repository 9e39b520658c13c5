"""Rays meet what stands in their way, all of it, and no ray at all is no crash."""

import numpy as np
import pytest
import trimesh

from likeness.scans.rays import first_hits, hits, scene_of


@pytest.fixture(scope="module")
def box() -> object:
    """A cube with sides of 2 about the origin."""
    cube = trimesh.creation.box((2, 2, 2))
    return scene_of(cube.vertices.astype(np.float32), cube.faces)


def test_each_side_of_a_box_is_met_once(box: object) -> None:
    origins, ways = np.array([[-3, 0.3, 0.1], [9.0, 9, 9]]), np.array([[2.0, 0, 0], [1, 0, 0]])
    rows, triangles, at = hits(box, origins, ways)
    assert rows.tolist() == [0, 0]
    assert len(set(triangles)) == 2
    np.testing.assert_allclose(np.sort(at), (1, 2), atol=1e-6)
    first, at_first = first_hits(box, origins, ways)
    assert first.tolist() == [triangles[at.argmin()], -1]
    np.testing.assert_allclose(at_first, (1, np.inf), atol=1e-6)


def test_no_ray_meets_nothing(box: object) -> None:
    rows, triangles, at = hits(box, np.zeros((0, 3)), np.zeros((0, 3)))
    assert len(rows) == len(triangles) == len(at) == 0
    assert [len(each) for each in first_hits(box, np.zeros((0, 3)), np.zeros((0, 3)))] == [0, 0]
