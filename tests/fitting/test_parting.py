"""What runs through itself is parted, and all else stays where it is."""

import numpy as np
import pytest
import trimesh
from tests.synthetic.closeness import crossing

from likeness.bodies.body import PARTS, Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.fitting.laplacian import neighbour_mean
from likeness.fitting.parting import Hull

RADIUS_M = 0.01


def _two_balls(apart_m: float) -> tuple[np.ndarray, np.ndarray]:
    ball = trimesh.creation.icosphere(3, RADIUS_M)
    count = len(ball.vertices)
    vertices = np.vstack((ball.vertices, ball.vertices + (apart_m, 0.0003, 0.0002)))
    return vertices, np.vstack((ball.faces, ball.faces + count))


def _hull(vertices: np.ndarray, faces: np.ndarray, still: np.ndarray | None = None) -> Hull:
    if still is None:
        still = np.zeros(len(vertices), bool)
    return Hull.of(vertices, faces, neighbour_mean(faces, len(vertices)), still)


@pytest.fixture(scope="module")
def balls() -> Hull:
    """Two balls as thick as thumbs, at rest 5 cm apart."""
    return _hull(*_two_balls(0.05))


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


def test_what_lies_too_deep_is_left_as_it_is(balls: Hull) -> None:
    """Squeezed flat, it would still not be out."""
    vertices, faces = _two_balls(RADIUS_M)
    assert crossing(vertices, faces).any()
    np.testing.assert_array_equal(balls.parted(vertices), vertices)


def test_thick_parts_give_way_as_far_as_it_takes_but_not_deeply() -> None:
    """An arm that hangs in the trunk; what is hidden there would show with the arm lifted."""
    thick = 8
    vertices, faces = _two_balls(0.0)
    hull = _hull(thick * _two_balls(0.05)[0], faces)
    for overlap, parts in ((0.004, True), (0.012, True), (0.08, False)):
        vertices = thick * _two_balls(2 * RADIUS_M - overlap / thick)[0]
        assert crossing(vertices, faces).any()
        parted = hull.parted(vertices)
        assert crossing(parted, faces).any() != parts
        moved = np.linalg.norm(parted - vertices, axis=1).max()
        assert (0.3 * overlap < moved < 0.9 * overlap) == parts
        assert moved < 0.03


def test_a_finger_deep_in_a_thigh_is_not_squeezed() -> None:
    """It cannot get out, so it stays what it is."""
    finger = trimesh.creation.capsule(6 * RADIUS_M, RADIUS_M, count=(24, 24)).subdivide()
    thigh = trimesh.creation.icosphere(4, 6 * RADIUS_M)
    faces = np.vstack((thigh.faces, finger.faces + len(thigh.vertices)))
    below = finger.vertices - (0.0005, 0.0003, 7.2 * RADIUS_M)
    inside = np.vstack((thigh.vertices, below))
    outside = np.vstack((thigh.vertices, below - (0.0, 0.0, 10 * RADIUS_M)))
    assert crossing(inside, faces).any()
    moved = np.linalg.norm(_hull(outside, faces).parted(inside) - inside, axis=1)
    deep = np.linalg.norm(inside, axis=1) < 5 * RADIUS_M
    assert deep[len(thigh.vertices):].sum() > 100
    assert moved[deep].max() < 0.1 * RADIUS_M


def test_who_is_to_stay_stays_and_the_other_gives_way() -> None:
    vertices, faces = _two_balls(2 * RADIUS_M - 0.002)
    still = np.arange(len(vertices)) < len(vertices) // 2
    parted = _hull(_two_balls(0.05)[0], faces, still).parted(vertices)
    np.testing.assert_array_equal(parted[still], vertices[still])
    assert not crossing(parted, faces).any()


def test_what_stays_is_smoothed_where_it_is_run_through() -> None:
    """A spike of one ball in the other, as in ears; what may be parted is none of its business."""
    vertices, faces = _two_balls(2 * RADIUS_M + 0.0005)
    half = len(vertices) // 2
    spike = vertices[:half, 0].argmax()
    vertices[spike, 0] += 0.003
    assert crossing(vertices, faces).any()
    still = np.arange(len(vertices)) < half
    smooth = _hull(_two_balls(0.05)[0], faces, still).smoothed(vertices)
    assert not crossing(smooth, faces).any()
    assert (smooth != vertices).any(axis=1).sum() < 10
    np.testing.assert_array_equal(smooth[~still], vertices[~still])


def test_what_is_run_through_at_rest_is_meant_to_be() -> None:
    """As lips that touch."""
    vertices, faces = _two_balls(2 * RADIUS_M - 0.002)
    hull = _hull(vertices, faces, np.ones(len(vertices), bool))
    assert crossing(vertices, faces).any()
    np.testing.assert_array_equal(hull.smoothed(vertices), vertices)


def test_a_digit_less_is_hardly_another_answer(balls: Hull) -> None:
    """Devices and threads differ in the last digits."""
    vertices, _ = _two_balls(2 * RADIUS_M - 0.002)
    noise = np.random.default_rng(1).normal(0.0, 1e-7, vertices.shape)
    apart = balls.parted(vertices + noise) - balls.parted(vertices)
    assert np.linalg.norm(apart, axis=1).max() < 2e-4


def test_openings_that_share_a_vertex_are_closed() -> None:
    """A figure of eight on the top of a box."""
    box = trimesh.creation.box((1, 1, 1))
    for _ in range(3):
        box = box.subdivide()
    middle = box.triangles_center
    left, right = (np.linalg.norm(middle - (side * 0.125, 0.0, 0.5), axis=1) < 0.11
                   for side in (-1, 1))
    faces = np.array(box.faces[~(left | right)])
    assert np.unique(np.array(list(_open(faces)))[:, 0], return_counts=True)[1].max() == 2
    lids = _hull(box.vertices, faces).lids
    assert not _open(np.vstack((faces, lids)))


def _open(faces: np.ndarray) -> set[tuple[int, int]]:
    """The sides of faces along which no other face runs back."""
    sides = faces[:, (0, 1, 1, 2, 2, 0)].reshape(-1, 2)
    return set(map(tuple, sides.tolist())) - set(map(tuple, sides[:, ::-1].tolist()))


def test_openings_are_closed(open_body: Body) -> None:
    """Otherwise a ray that leaves through the mouth would be inside of something."""
    skin, own = np.unique(open_body.skin_faces, return_inverse=True)
    faces = own.reshape(-1, 3)
    hull = _hull(open_body.template[skin], faces)
    assert not trimesh.Trimesh(process=False, faces=faces,
                               vertices=open_body.template[skin]).is_watertight
    closed = trimesh.Trimesh(process=False, faces=np.vstack((faces, hull.lids)),
                             vertices=open_body.template[skin])
    assert closed.is_watertight
    assert closed.is_winding_consistent


def test_fingers_that_cross_come_apart_and_nothing_else_moves(open_body: Body) -> None:
    skin, own = np.unique(open_body.skin_faces, return_inverse=True)
    faces = own.reshape(-1, 3)
    head = open_body.parts[skin] == PARTS.index("head")
    hull = _hull(open_body.template[skin], faces, head)
    hand = np.zeros((15, 3))
    hand[0, 1], hand[3, 1] = 0.2, -0.2  # the first two fingers, towards each other
    pose = {"left_hand_pose": hand.ravel()}
    posed = pose_body(open_body, BodyParameters(np.zeros(open_body.shape_count), np.zeros(3),
                                                np.zeros(3), pose)).vertices[skin]
    assert crossing(posed, faces).sum() > 10
    parted = hull.parted(posed)
    assert not crossing(parted, faces).any()
    moved = (parted != posed).any(axis=1)
    fingers = open_body.skin_weights[skin][:, list(open_body.group("left_hand_pose").joints)]
    assert moved.any()
    assert fingers[moved].sum(axis=1).min() > 0.5
    assert np.linalg.norm(parted - posed, axis=1).max() < 0.004
