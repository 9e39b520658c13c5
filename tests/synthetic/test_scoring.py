"""The score of a fit against truth: nothing for the truth itself, and every mistake seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.files import Truth
from tests.synthetic.scoring import rotation_degrees, score_fit

from likeness.bodies.body import PARTS
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body

FRAME = np.diag([0.01, 0.01, 0.01, 1.0])
FRAME[:3, 3] = -1.0


@pytest.fixture(scope="module")
def truth() -> Truth:
    """The open body at rest, in a file of centimetres moved off the origin."""
    body = find_body("open")
    posed = pose_body(body, BodyParameters(np.zeros(body.shape_count), np.zeros(3), np.zeros(3),
                                           {}))
    return Truth((posed.vertices + 1).astype(np.float32), posed.joints + 1,
                 np.array([0.0, 0, 1]), np.array([0.0, 1, 0]), np.array(0.01), body.interior,
                 body.parts)


def test_the_truth_scores_nothing(truth: Truth) -> None:
    score = score_fit(truth, truth.vertices - 1, truth.joints - 1, FRAME)
    assert score.v2v_mm < 1e-3
    assert score.joints_mm < 1e-3
    assert score.turned_degrees < 0.1
    assert score.right


def test_a_shift_scores_its_length(truth: Truth) -> None:
    score = score_fit(truth, truth.vertices - 1 + [0.03, 0, 0.04], truth.joints - 1, FRAME)
    assert score.v2v_mm == pytest.approx(50.0, rel=1e-3)
    assert score.p95_mm == pytest.approx(50.0, rel=1e-3)
    assert score.hands_mm == pytest.approx(50.0, rel=1e-3)
    assert score.joints_mm < 1e-3
    assert not score.right


def test_a_scan_read_in_the_wrong_unit_is_wrong(truth: Truth) -> None:
    """However well the avatar lies on what was read."""
    inches = np.diag([0.0254, 0.0254, 0.0254, 1.0])
    score = score_fit(truth, 2.54 * truth.vertices, 2.54 * truth.joints, inches)
    assert score.v2v_mm > 300
    assert not score.right


def test_errors_inside_the_head_do_not_count(truth: Truth) -> None:
    vertices = truth.vertices - 1
    vertices[truth.interior] += 0.5
    assert score_fit(truth, vertices, truth.joints - 1, FRAME).v2v_mm < 1e-3


@pytest.mark.parametrize("degrees", [20.0, 120.0])
def test_a_turn_is_measured_in_degrees(truth: Truth, degrees: float) -> None:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = truth.vertices @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    assert rotation_degrees(truth.vertices, turned) == pytest.approx(degrees, abs=0.1)


def test_a_turned_person_is_seen_as_turned_and_swapped(truth: Truth) -> None:
    turn = np.diag([-1.0, 1.0, -1.0])
    score = score_fit(truth, (truth.vertices - 1) @ turn, (truth.joints - 1) @ turn, FRAME)
    assert score.turned_degrees == pytest.approx(180.0, abs=1.0)
    assert score.turned
    assert score.swapped == ("hands", "feet")


def test_one_hand_in_the_place_of_the_other_is_a_swap(truth: Truth) -> None:
    vertices = truth.vertices - 1
    left = truth.parts == PARTS.index("left_hand")
    vertices[left] = vertices[left] * [-1, 1, 1]
    score = score_fit(truth, vertices, truth.joints - 1, FRAME)
    assert score.swapped == ("hands",)
    assert score.lost == ("left_hand",)
    assert not score.turned
    assert not score.right


def test_what_the_scan_does_not_show_does_not_count(truth: Truth) -> None:
    half = replace(truth, seen=truth.vertices[:, 2] > np.median(truth.vertices[:, 2]))
    vertices = truth.vertices - 1
    vertices[~half.counted] += 0.5
    assert score_fit(truth, vertices, truth.joints - 1, FRAME).v2v_mm > 200
    assert score_fit(half, vertices, truth.joints - 1, FRAME).v2v_mm < 1e-3


def test_a_truth_of_one_side_is_read_back(truth: Truth, tmp_path: Path) -> None:
    for seen in (None, np.arange(len(truth.vertices)) % 2 == 0):
        replace(truth, seen=seen).store(tmp_path / "truth.npz")
        again = Truth.read(tmp_path / "truth.npz")
        assert (again.seen is None) == (seen is None)
        expected = ~truth.interior if seen is None else ~truth.interior & seen
        np.testing.assert_array_equal(again.counted, expected)
