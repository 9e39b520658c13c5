"""Folds go, and what is not folded stays where it is."""

import numpy as np
import pytest
import torch

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters
from likeness.core.triangles import face_crosses
from likeness.fitting.ground import Ground
from likeness.fitting.laplacian import cotangent_laplacian, neighbour_mean
from likeness.fitting.unfolding import PosedSkin, folds


def _unfolded(vertices: np.ndarray, faces: np.ndarray, expected: np.ndarray,
              rest: np.ndarray) -> np.ndarray:
    turns = np.tile(np.eye(3), (len(rest), 1, 1))
    return PosedSkin(faces, neighbour_mean(faces, len(rest)), cotangent_laplacian(rest, faces),
                     rest, rest, turns, expected).unfolded(vertices)


def _folds(vertices: np.ndarray, faces: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return folds(vertices, faces, expected, np.arange(len(faces)))


def _posed(body: Body, turns: dict[int, tuple[float, float, float]]) -> PosedSkin:
    """The skin of the body with these joints of `body_pose` turned."""
    pose = np.zeros((21, 3))
    pose[list(turns)] = list(turns.values())
    skin = Ground.of(body, torch.device("cpu")).skin
    return PosedSkin.of(skin, skin.model.pose(skin.model.state(BodyParameters(
        np.zeros(body.shape_count), np.zeros(3), np.zeros(3), {"body_pose": pose.ravel()}))))


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
    smooth = _unfolded(torn, faces, expected, vertices)
    assert not _folds(smooth, faces, expected).any()
    far = np.abs(vertices - vertices[210]).max(axis=1) > 5
    np.testing.assert_array_equal(smooth[far], vertices[far])


def test_what_is_not_folded_stays(sheet: tuple) -> None:
    vertices, faces = sheet
    wavy = vertices + np.column_stack((np.zeros((400, 2)), np.sin(vertices[:, 0])))
    expected = face_crosses(vertices, faces)
    np.testing.assert_array_equal(_unfolded(wavy, faces, expected, vertices), wavy)


def test_what_cannot_be_had_flattens_nothing(sheet: tuple) -> None:
    """Who are to look down stay folds for ever; half of the hill that they are on stays, too."""
    vertices, faces = sheet
    from_middle = np.linalg.norm(vertices - vertices[210], axis=1)
    hill = vertices + np.exp(-(from_middle / 5)**2)[:, None] * (0, 0, 3)
    expected = face_crosses(hill, faces)
    expected[(from_middle < 2)[faces].any(axis=1)] *= -1
    smooth = _unfolded(hill, faces, expected, hill)
    assert _folds(smooth, faces, expected).any()
    assert np.abs(smooth - hill).max() < 1.5


BENDS = {
    "elbows": {17: (0.0, -2.4, 0.0), 18: (0.0, 2.4, 0.0)},
    "knee": {3: (2.6, 0.0, 0.0)},
    "hips and knees": {0: (-2.2, 0.0, 0.0), 1: (-2.2, 0.0, 0.0),
                       3: (2.3, 0.0, 0.0), 4: (2.3, 0.0, 0.0)},
}


@pytest.mark.parametrize("turns", BENDS.values(), ids=list(BENDS))
def test_creases_of_a_body_are_taken_out(open_body: Body, turns: dict) -> None:
    """Bent as far as they go, joints fold the skin of their insides, as linear blending does."""
    skin = _posed(open_body, turns)
    assert skin.folded(skin.vertices).any()
    smooth = skin.unfolded(skin.vertices)
    assert not skin.folded(smooth).any()
    assert (smooth != skin.vertices).any(axis=1).mean() < 0.1
