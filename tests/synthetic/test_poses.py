"""Poses: as asked, each person's own, and the same for the same seed."""

from functools import cache

import numpy as np
import pytest
from tests.synthetic.poses import RELAXED, lowered, mocap_pose, standing_pose

from likeness.bodies.body import Body
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body

LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_WRIST, RIGHT_WRIST = 16, 17, 20, 21


@cache
def _open_body() -> Body:
    return find_body("open")


def _joints(pose: np.ndarray) -> np.ndarray:
    parameters = BodyParameters(np.zeros(10), pose[0], np.zeros(3), {
        "body_pose": pose[1:22].ravel(), "left_hand_pose": pose[22:37].ravel(),
        "right_hand_pose": pose[37:].ravel()})
    return pose_body(_open_body(), parameters).joints


def _arms_below_level(pose: np.ndarray) -> np.ndarray:
    joints = _joints(pose)
    arms = joints[[LEFT_WRIST, RIGHT_WRIST]] - joints[[LEFT_SHOULDER, RIGHT_SHOULDER]]
    assert arms[0, 0] > 0 > arms[1, 0]  # each on its own side
    return np.degrees(np.arcsin(-arms[:, 1] / np.linalg.norm(arms, axis=1)))


@pytest.mark.parametrize(("arms", "low", "high"), [("t", -25, 30), ("a", 15, 75), ("down", 45, 95)])
def test_arms_are_where_asked(arms: str, low: float, high: float) -> None:
    for seed in range(6):
        below = _arms_below_level(standing_pose(np.random.default_rng(seed), arms))
        assert (low < below).all(), (seed, below)
        assert (below < high).all(), (seed, below)


def test_people_stand_upright_facing_forward() -> None:
    for seed in range(6):
        joints = _joints(standing_pose(np.random.default_rng(seed), "a"))
        spine, across = joints[12] - joints[0], joints[1] - joints[2]
        assert spine[1] > 0.95 * np.linalg.norm(spine)
        assert across[0] > 0.95 * np.linalg.norm(across)
        assert abs(joints[7, 1] - joints[8, 1]) < 0.05  # both ankles on one ground


def test_the_relaxed_stand_on_one_leg_with_bent_arms_and_do_not_topple() -> None:
    straight, relaxed = (np.mean([_knee_bend(standing_pose(np.random.default_rng(seed), arms))
                                  for seed in range(8)]) for arms in ("down", RELAXED))
    assert relaxed > straight + 8.0
    for seed in range(8):
        joints = _joints(standing_pose(np.random.default_rng(seed), RELAXED))
        feet = joints[[7, 8]].mean(axis=0)
        assert np.abs(joints[9] - feet)[[0, 2]].max() < 0.2  # the chest over the feet
        assert abs(joints[7, 1] - joints[8, 1]) < 0.12


def _knee_bend(pose: np.ndarray) -> float:
    """Of the knee that is bent more, in degrees."""
    return float(np.degrees(np.linalg.norm(pose[[4, 5]], axis=1).max()))


def test_fingers_curl_towards_the_palm() -> None:
    draw = np.random.default_rng(5)
    tips = [24, 27, 33, 39, 42, 48]  # last joints of index, middle, ring, both sides
    curled = [_joints(mocap_pose(np.zeros((24, 3)), draw))[tips, 1] for _ in range(10)]
    flat = _joints(np.zeros((52, 3)))[tips, 1]
    assert (np.max(curled, axis=0) < flat + 0.004).all()  # the hands shake a little
    assert (np.mean(curled, axis=0) < flat - 0.01).all()


def test_lowering_the_arms_lowers_both_wrists() -> None:
    pose = standing_pose(np.random.default_rng(2), "t")
    before, after = _joints(pose), _joints(lowered(pose, 20.0))
    assert (after[[20, 21], 1] < before[[20, 21], 1] - 0.1).all()


def test_the_seed_decides_the_pose() -> None:
    first, again, other = (standing_pose(np.random.default_rng(s), "a") for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.05
