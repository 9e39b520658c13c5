"""What runs through itself is parted, and all else stays where it is."""

import numpy as np
import pytest
import trimesh
from tests.synthetic.closeness import crossing

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.fitting.parting import Hull

RADIUS_M = 0.01


def _two_balls(apart_m: float) -> tuple[np.ndarray, np.ndarray]:
    ball = trimesh.creation.icosphere(3, RADIUS_M)
    count = len(ball.vertices)
    vertices = np.vstack((ball.vertices, ball.vertices + (apart_m, 0.0003, 0.0002)))
    return vertices, np.vstack((ball.faces, ball.faces + count))


@pytest.fixture(scope="module")
def balls() -> Hull:
    """Two balls as thick as thumbs, at rest 5 cm apart."""
    return Hull.of(*_two_balls(0.05))


def test_both_of_two_that_overlap_give_way_where_they_do(balls: Hull) -> None:
    vertices, faces = _two_balls(2 * RADIUS_M - 0.002)
    assert crossing(vertices, faces).any()
    parted = balls.parted(vertices)
    assert not crossing(parted, faces).any()
    moved = np.linalg.norm(parted - vertices, axis=1)
    half = len(vertices) // 2
    assert 0.0005 < moved[:half].max() < 0.0025
    assert moved[half:].max() == pytest.approx(moved[:half].max(), rel=0.3)
    across = np.abs(vertices[:, 0] - vertices[:, 0].mean())
    np.testing.assert_array_equal(parted[across > 0.007], vertices[across > 0.007])


def test_what_does_not_overlap_stays(balls: Hull) -> None:
    vertices, _ = _two_balls(2 * RADIUS_M + 0.0005)
    np.testing.assert_array_equal(balls.parted(vertices), vertices)


def test_what_stands_too_deep_in_other_skin_is_not_dented_for_nothing(balls: Hull) -> None:
    vertices, _ = _two_balls(0.2 * RADIUS_M)
    np.testing.assert_array_equal(balls.parted(vertices), vertices)


def test_nothing_is_squeezed_flat(balls: Hull) -> None:
    """A third of its thickness is the most that anything gives way."""
    vertices, _ = _two_balls(RADIUS_M)
    moved = np.linalg.norm(balls.parted(vertices) - vertices, axis=1)
    assert 0 < moved.max() <= 2 * RADIUS_M / 3 + 1e-6


def test_what_is_inside_out_comes_out() -> None:
    """A leaf whose top is pushed through its bottom, as in ears: both go back, outwards."""
    leaf = trimesh.creation.box((0.02, 0.02, 0.004))
    for _ in range(4):
        leaf = leaf.subdivide()
    # No vertex exactly over another: bodies have none.
    leaf.vertices += np.random.default_rng(1).uniform(-1e-4, 1e-4, leaf.vertices.shape)
    hull = Hull.of(leaf.vertices, leaf.faces)
    pushed = np.array(leaf.vertices)
    top = pushed[:, 2] > 0.0005
    pushed[top, 2] -= 0.0045 * np.exp(-(pushed[top, :2]**2).sum(axis=1) / (2 * 0.0025**2))
    assert crossing(pushed, leaf.faces).sum() > 20
    parted = hull.parted(pushed)
    assert not crossing(parted, leaf.faces).any()
    lowest = pushed[:, 2].argmin()
    assert top[lowest]
    assert parted[lowest, 2] > pushed[lowest, 2]


def test_openings_are_closed(open_body: Body) -> None:
    """Otherwise a ray that leaves through the mouth would be inside of something."""
    skin, own = np.unique(open_body.skin_faces, return_inverse=True)
    faces = own.reshape(-1, 3)
    hull = Hull.of(open_body.template[skin], faces)
    assert not trimesh.Trimesh(process=False, faces=faces,
                               vertices=open_body.template[skin]).is_watertight
    closed = trimesh.Trimesh(process=False, faces=np.vstack((faces, hull.lids)),
                             vertices=open_body.template[skin])
    assert closed.is_watertight
    assert closed.is_winding_consistent


def test_fingers_that_cross_come_apart_and_nothing_else_moves(open_body: Body) -> None:
    skin, own = np.unique(open_body.skin_faces, return_inverse=True)
    faces = own.reshape(-1, 3)
    hull = Hull.of(open_body.template[skin], faces)
    hand = np.zeros((15, 3))
    hand[0, 1], hand[3, 1] = 0.22, -0.22  # the first two fingers, towards each other
    pose = {"left_hand_pose": hand.ravel()}
    posed = pose_body(open_body, BodyParameters(np.zeros(open_body.shape_count), np.zeros(3),
                                                np.zeros(3), pose)).vertices[skin]
    assert crossing(posed, faces).sum() > 20
    parted = hull.parted(posed)
    assert not crossing(parted, faces).any()
    moved = (parted != posed).any(axis=1)
    fingers = open_body.skin_weights[skin][:, list(open_body.group("left_hand_pose").joints)]
    assert moved.any()
    assert fingers[moved].sum(axis=1).min() > 0.5
    assert np.linalg.norm(parted - posed, axis=1).max() < 0.004
