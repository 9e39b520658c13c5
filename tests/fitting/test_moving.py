"""Rays meet what has moved where it is now, and all else where it was."""

import numpy as np
import pytest
import trimesh

from likeness.fitting.moving import Moving
from likeness.scans.rays import first_hits, hits, scene_of


@pytest.fixture(scope="module")
def ball() -> trimesh.Trimesh:
    """Of radius 1, in a thousand triangles."""
    return trimesh.creation.icosphere(3)


@pytest.fixture(scope="module")
def dented(ball: trimesh.Trimesh) -> np.ndarray:
    """Its vertices with the top pushed in below the middle."""
    vertices = np.array(ball.vertices)
    vertices[vertices[:, 1] > 0.8, 1] -= 1.2
    return vertices


@pytest.fixture(scope="module")
def rays() -> tuple[np.ndarray, np.ndarray]:
    """A thousand from around the ball to points inside of it."""
    random = np.random.default_rng(3)
    origins = random.normal(size=(1000, 3))
    origins *= 3 / np.linalg.norm(origins, axis=1, keepdims=True)
    return origins, random.uniform(-0.9, 0.9, (1000, 3)) - origins


def test_all_is_met_as_by_a_new_tree(ball: trimesh.Trimesh, dented: np.ndarray,
                                     rays: tuple[np.ndarray, np.ndarray]) -> None:
    moving = Moving.of(np.array(ball.vertices), np.array(ball.faces)).at(dented)
    anew = scene_of(dented.astype(np.float32), ball.faces)
    found, expected = (np.column_stack(each) for each in (moving.hits(*rays), hits(anew, *rays)))
    np.testing.assert_allclose(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)])
    (first, at), (triangle, then) = moving.first_hits(*rays), first_hits(anew, *rays)
    np.testing.assert_array_equal(first, triangle)
    np.testing.assert_allclose(at, then)
    assert (first_hits(moving.whole, *rays)[0] != first).any()


def test_nothing_has_moved_at_first_nor_once_all_is_back(
        ball: trimesh.Trimesh, dented: np.ndarray, rays: tuple[np.ndarray, np.ndarray]) -> None:
    begun = Moving.of(np.array(ball.vertices), np.array(ball.faces))
    for back in (begun, begun.at(dented).at(np.array(ball.vertices))):
        np.testing.assert_array_equal(back.first_hits(*rays)[1],
                                      first_hits(begun.whole, *rays)[1])
