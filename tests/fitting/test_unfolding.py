"""Folds go, and what is not folded stays where it is."""

import numpy as np
import pytest

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.triangles import face_crosses
from likeness.fitting.laplacian import neighbour_mean
from likeness.fitting.unfolding import folds, unfolded


def _unfolded(vertices: np.ndarray, faces: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return unfolded(vertices, faces, expected, neighbour_mean(faces, len(vertices)))


def _folds(vertices: np.ndarray, faces: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return folds(vertices, faces, expected, np.arange(len(faces)))


@pytest.fixture
def sheet() -> tuple[np.ndarray, np.ndarray]:
    """A flat square of 20 x 20 vertices, its triangles looking along +z."""
    x, y = np.meshgrid(np.arange(20.0), np.arange(20.0))
    vertices = np.column_stack((x.ravel(), y.ravel(), np.zeros(400)))
    first = (np.arange(19)[:, None] * 20 + np.arange(19)).ravel()
    faces = np.vstack((np.column_stack((first, first + 1, first + 20)),
                       np.column_stack((first + 1, first + 21, first + 20))))
    return vertices, faces


def test_a_vertex_drawn_past_its_neighbours_comes_back(sheet: tuple) -> None:
    vertices, faces = sheet
    expected = face_crosses(vertices, faces)
    torn = vertices.copy()
    torn[210] += (2.6, 1.4, 0.3)
    assert _folds(torn, faces, expected).any()
    smooth = _unfolded(torn, faces, expected)
    assert not _folds(smooth, faces, expected).any()
    far = np.abs(vertices - vertices[210]).max(axis=1) > 5
    np.testing.assert_array_equal(smooth[far], vertices[far])


def test_what_is_not_folded_stays(sheet: tuple) -> None:
    vertices, faces = sheet
    wavy = vertices + np.column_stack((np.zeros((400, 2)), np.sin(vertices[:, 0])))
    np.testing.assert_array_equal(_unfolded(wavy, faces, face_crosses(vertices, faces)), wavy)


def test_what_cannot_be_had_flattens_nothing(sheet: tuple) -> None:
    """Who are to look down stay folds for ever; half of the hill that they are on stays, too."""
    vertices, faces = sheet
    from_middle = np.linalg.norm(vertices - vertices[210], axis=1)
    hill = vertices + np.exp(-(from_middle / 5)**2)[:, None] * (0, 0, 3)
    expected = face_crosses(hill, faces)
    expected[(from_middle < 2)[faces].any(axis=1)] *= -1
    smooth = _unfolded(hill, faces, expected)
    assert _folds(smooth, faces, expected).any()
    assert np.abs(smooth - hill).max() < 1.5


def test_creases_of_a_body_are_smoothed(open_body: Body) -> None:
    """Elbows bent far fold the skin of their insides, as linear blending does."""
    pose = np.zeros((21, 3))
    pose[17, 1], pose[18, 1] = -1.8, 1.8
    posed = pose_body(open_body, BodyParameters(np.zeros(open_body.shape_count), np.zeros(3),
                                                np.zeros(3), {"body_pose": pose.ravel()}))
    faces = open_body.skin_faces
    turns = np.einsum("vj,jab->vab", open_body.skin_weights, posed.transforms[:, :3, :3])
    rest = face_crosses(open_body.template.astype(np.float64), faces)
    expected = np.einsum("fab,fb->fa", turns[faces].sum(axis=1), rest)
    assert _folds(posed.vertices, faces, expected).any()
    smooth = _unfolded(posed.vertices, faces, expected)
    assert not _folds(smooth, faces, expected).any()
    moved = np.linalg.norm(smooth - posed.vertices, axis=1)
    assert moved.max() < 0.03
    assert (moved > 0).mean() < 0.02
