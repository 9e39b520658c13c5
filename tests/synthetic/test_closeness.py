"""Closeness to the true surface: nothing for the truth itself, and each kind of mistake told."""

from dataclasses import replace

import numpy as np
import pytest
from tests.synthetic.closeness import flipped, measure_closeness, winding
from tests.synthetic.files import Truth
from tests.synthetic.girths import GIRTHS, Tape, girths_mm, tapes

from likeness.bodies.body import PARTS, Body
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body


@pytest.fixture(scope="module")
def body() -> Body:
    return find_body("open")


@pytest.fixture(scope="module")
def truth(body: Body) -> Truth:
    """The open body at rest."""
    return Truth(body.template, np.zeros((52, 3)), np.array([0.0, 0, 1]), np.array([0.0, 1, 0]),
                 np.array(1.0), body.interior, body.parts)


def _normals(body: Body) -> np.ndarray:
    a, b, c = (body.template[body.faces[:, k]].astype(np.float64) for k in range(3))
    out = np.zeros(body.template.shape)
    for k in range(3):
        np.add.at(out, body.faces[:, k], np.cross(b - a, c - a))
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def test_the_truth_is_close_to_itself(body: Body, truth: Truth) -> None:
    close = measure_closeness(body, truth, truth.vertices)
    assert close.avatar_to_truth.p95 < 1e-3
    assert close.truth_to_avatar.p95 < 1e-3
    assert close.flipped == 0
    assert close.fingers_mm == pytest.approx(0.0, abs=1e-3)
    assert set(close.girths_mm) == set(GIRTHS)
    assert max(map(abs, close.girths_mm.values())) < 1e-9


def test_an_inflated_avatar_is_further_off_and_wider_by_two_pi(body: Body, truth: Truth) -> None:
    close = measure_closeness(body, truth, body.template + 0.004 * _normals(body))
    assert close.avatar_to_truth.median == pytest.approx(4.0, abs=0.3)
    for name, more in close.girths_mm.items():
        assert more == pytest.approx(2 * np.pi * 4, abs=6), name


def test_an_avatar_that_lacks_an_arm_is_close_one_way_only(body: Body, truth: Truth) -> None:
    vertices = body.template.copy()
    arm = np.isin(body.parts, (PARTS.index("left_arm"), PARTS.index("left_hand")))
    vertices[arm] = vertices[arm][0]
    close = measure_closeness(body, truth, vertices)
    assert close.truth_to_avatar.p95 > 100
    assert close.avatar_to_truth.p95 < 30


def test_what_the_scan_does_not_show_does_not_count(body: Body, truth: Truth) -> None:
    vertices = body.template.copy()
    back = vertices[:, 2] < -0.02
    vertices[back, 2] -= 0.1
    half = replace(truth, seen=truth.vertices[:, 2] > 0.03)
    assert measure_closeness(body, truth, vertices).avatar_to_truth.p95 > 40
    assert measure_closeness(body, half, vertices).avatar_to_truth.p95 < 1e-3


def test_fingers_that_leave_the_hand_are_told(body: Body, truth: Truth) -> None:
    curl = np.zeros((15, 3))
    curl[:12, 2] = -0.6
    posed = pose_body(body, BodyParameters(np.zeros(body.shape_count), np.zeros(3), np.zeros(3),
                                           {"left_hand_pose": curl.ravel()}))
    close = measure_closeness(body, truth, posed.vertices)
    assert close.fingers_mm is not None
    assert 15 < close.fingers_mm < 90
    assert close.avatar_to_truth.median < 1


def _dented(body: Body, vertices: np.ndarray) -> np.ndarray:
    """A vertex of the belly drawn past one of its neighbours."""
    dented, skin = vertices.copy(), body.skin_faces
    belly = int(np.flatnonzero(body.parts == PARTS.index("torso"))[500])
    ring = np.unique(skin[(skin == belly).any(axis=1)])
    dented[belly] += 1.8 * (vertices[ring[ring != belly][0]] - vertices[belly])
    return dented


def test_folded_triangles_are_counted_and_turned_limbs_are_not(body: Body, truth: Truth) -> None:
    close = measure_closeness(body, truth, _dented(body, body.template))
    assert 1 <= close.folded <= 6
    assert 1 <= close.flipped <= 6
    turned = body.template.astype(np.float64) @ np.diag((-1.0, 1.0, -1.0))
    assert not flipped(body, turned, body.skin_faces).any()


def test_folds_of_the_truth_are_not_the_avatar_s(body: Body, truth: Truth) -> None:
    folded = replace(truth, vertices=_dented(body, body.template))
    for vertices in (body.template, folded.vertices):
        close = measure_closeness(body, folded, vertices)
        assert (close.flipped, close.folded) == (0, 0)


def test_a_hand_in_the_belly_runs_through_it(body: Body, truth: Truth) -> None:
    assert measure_closeness(body, truth, body.template).crossing == 0
    assert measure_closeness(body, truth, _with_a_hand_in_the_belly(body, 0.0)).crossing > 100


def _with_a_hand_in_the_belly(body: Body, deep_m: float) -> np.ndarray:
    moved, hand = body.template.copy(), body.parts == PARTS.index("left_hand")
    torso = body.template[body.parts == PARTS.index("torso")]
    moved[hand] += torso.mean(axis=0) + (0.0, 0.0, 0.1 - deep_m) - moved[hand].mean(axis=0)
    return moved


def test_where_the_truth_runs_through_itself_the_avatar_may(body: Body, truth: Truth) -> None:
    sunk = replace(truth, vertices=_with_a_hand_in_the_belly(body, 0.0))
    assert measure_closeness(body, sunk, sunk.vertices).crossing == 0
    near = measure_closeness(body, sunk, _with_a_hand_in_the_belly(body, 0.004)).crossing
    assert near < 10
    both = _with_a_hand_in_the_belly(body, 0.0)
    other, head = (body.parts == PARTS.index(name) for name in ("right_hand", "head"))
    both[other] += both[head].mean(axis=0) - both[other].mean(axis=0)
    assert measure_closeness(body, sunk, both).crossing > 100


def test_a_surface_goes_once_around_what_is_inside(body: Body) -> None:
    middle = body.template[body.parts == PARTS.index("torso")].mean(axis=0)
    assert winding(middle, body.template, body.faces) == pytest.approx(1.0, abs=0.02)
    assert winding(middle + (0, 0, 2), body.template, body.faces) == pytest.approx(0.0, abs=0.02)


def test_a_tape_around_a_rod_spans_its_hollows() -> None:
    angle = np.arange(40) * 2 * np.pi / 40
    radius = np.where(np.arange(40) % 2, 0.9, 1.0)  # a star: the hull is the outer polygon
    rings = [np.column_stack((radius * np.cos(angle), np.full(40, y), radius * np.sin(angle)))
             for y in (-1.0, 0.1, 1.0)]
    i = np.arange(80)
    beside = i // 40 * 40 + (i + 1) % 40
    faces = np.vstack((np.column_stack((i, beside, i + 40)),
                       np.column_stack((beside, beside + 40, i + 40))))
    tape = Tape(np.arange(40, 80), faces)
    assert tape.length(np.vstack(rings)) == pytest.approx(40 * np.sin(np.pi / 20), rel=1e-6)


def test_girths_of_the_template_are_those_of_a_person(body: Body) -> None:
    girths = girths_mm(tapes(body), body.template)
    # Centimetres of an average adult, generously.
    for name, low, high in (("chest", 80, 120), ("waist", 65, 110), ("hip", 80, 120),
                            ("thigh", 40, 70), ("upper arm", 22, 40), ("neck", 28, 45)):
        assert 10 * low < girths[name] < 10 * high, name
    assert girths["waist"] < girths["hip"]


def test_girths_hardly_change_with_the_pose(body: Body) -> None:
    body_tapes = tapes(body)
    pose = np.zeros((21, 3))
    pose[15, 2], pose[16, 2] = -0.9, 0.9  # arms down
    pose[0, 0], pose[3, 0] = -0.5, 0.5  # a step
    posed = pose_body(body, BodyParameters(np.zeros(body.shape_count), np.array((0.0, 2.0, 0.0)),
                                           np.ones(3), {"body_pose": pose.ravel()}))
    rest, moved = (girths_mm(body_tapes, each) for each in (body.template, posed.vertices))
    for name in GIRTHS:
        assert moved[name] == pytest.approx(rest[name], rel=0.06), name
