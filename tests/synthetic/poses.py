"""Poses people are scanned in: axis-angle a joint against the T-pose, in the order of SMPL+H."""

import numpy as np
from jaxtyping import Float, Float64

Pose = Float64[np.ndarray, "52 3"]
ARMS = ("a", "t", "down")
RELAXED = "relaxed"

_SPINE, _HIPS, _KNEES, _ANKLES = (3, 6, 9), (1, 2), (4, 5), (7, 8)
_NECK, _COLLARS, _HEAD, _SHOULDERS = 12, (13, 14), 15, (16, 17)
_ELBOWS, _WRISTS = (18, 19), (20, 21)
_FIRST_FINGER, _FINGER_JOINTS, _THUMB = 22, 15, 12
# Degrees below the T-pose: lowest, highest.
_LOWERED = {"a": (35.0, 60.0), "t": (-5.0, 12.0), "down": (66.0, 80.0),
            RELAXED: (55.0, 76.0)}
_BENT = {"t": 12.0, RELAXED: 60.0}  # degrees at most; others `_BENT_ELSE`
_BENT_ELSE = 25.0


def standing_pose(draw: np.random.Generator, arms: str) -> Pose:
    """Someone standing with `arms` as in `ARMS`, or relaxed, as no two people do it alike."""
    pose = draw.normal(0.0, np.radians(1.5), (52, 3))
    pose[list(_SPINE)] += draw.normal(0.0, np.radians((3.0, 3.0, 2.0)), (3, 3))
    _turn_head(pose, draw)
    _stand(pose, draw)
    if arms == RELAXED:
        _ease(pose, draw)
    _place_arms(pose, draw, arms)
    _curl_fingers(pose, draw)
    pose[0] = 0.0  # yaw is the scanner's
    return pose


def mocap_pose(recorded: Float[np.ndarray, "24 3"], draw: np.random.Generator) -> Pose:
    """A recorded SMPL pose with fingers of its own; the two hand roots it ends with are dropped."""
    pose = draw.normal(0.0, np.radians(1.5), (52, 3))
    pose[:22] = recorded[:22]
    _curl_fingers(pose, draw)
    return pose


def lowered(pose: Pose, degrees: float) -> Pose:
    """The same with both upper arms let down further; negative raises them."""
    moved = pose.copy()
    for joint, side in zip(_SHOULDERS, (1.0, -1.0), strict=True):
        moved[joint, 2] -= side * np.radians(degrees)
    return moved


def _turn_head(pose: Pose, draw: np.random.Generator) -> None:
    turn = np.radians(draw.normal(0.0, (8.0, 18.0, 5.0)))
    pose[_NECK] += 0.4 * turn
    pose[_HEAD] += 0.6 * turn


def _stand(pose: Pose, draw: np.random.Generator) -> None:
    """Legs apart, knees not quite straight, soles flat on the ground."""
    apart = np.radians(draw.uniform(2.0, 12.0))
    for k, side in enumerate((1.0, -1.0)):
        out = side * (apart + np.radians(draw.normal(0.0, 1.5)))
        knee = np.radians(draw.uniform(0.0, 8.0))
        pose[_HIPS[k]] += (-0.5 * knee, side * np.radians(draw.uniform(0.0, 12.0)), out)
        pose[_KNEES[k]] += (knee, 0.0, 0.0)
        pose[_ANKLES[k]] += (-0.5 * knee, 0.0, -out)


def _ease(pose: Pose, draw: np.random.Generator) -> None:
    """The weight on one leg: that hip out, the other knee bent, the spine curved back upright."""
    side = draw.choice((-1.0, 1.0))
    lean, bend = np.radians(draw.uniform((2.0, 8.0), (7.0, 28.0)))
    free = 0 if side > 0 else 1
    pose[list(_HIPS), 2] += side * lean
    pose[list(_ANKLES), 2] -= side * lean
    pose[list(_SPINE)] += np.array((0.0, 0.0, side * lean / 3)) + np.radians((1.5, 0.0, 0.0))
    pose[_HIPS[free]] += (-0.6 * bend, 0.0, 0.0)
    pose[_KNEES[free]] += (bend, 0.0, 0.0)
    pose[_ANKLES[free]] += (-0.4 * bend, 0.0, 0.0)
    pose[[_NECK, _HEAD], 0] += np.radians(draw.uniform(0.0, 12.0))


def _place_arms(pose: Pose, draw: np.random.Generator, arms: str) -> None:
    low, high = (np.radians(each) for each in _LOWERED[arms])
    both = draw.uniform(low, high)
    for k, side in enumerate((1.0, -1.0)):
        down = both + np.radians(draw.normal(0.0, 3.0))
        forward, twist = np.radians(draw.normal(0.0, (6.0, 10.0)))
        shrug = np.radians(draw.normal(0.0, 2.0))
        pose[_COLLARS[k]] += (0.0, 0.0, side * shrug)
        pose[_SHOULDERS[k]] += (twist, side * forward, -side * down)
        bend = np.radians(draw.uniform(2.0, _BENT.get(arms, _BENT_ELSE)))
        pose[_ELBOWS[k]] += (np.radians(draw.normal(0.0, 12.0)), -side * bend, 0.0)
        pose[_WRISTS[k]] += np.radians(draw.normal(0.0, 8.0, 3))


def _curl_fingers(pose: Pose, draw: np.random.Generator) -> None:
    """From flat hands to loose fists; the fingers of a hand curl together, the thumb a little."""
    for k, side in enumerate((1.0, -1.0)):
        curl = np.radians(55.0) * draw.random() ** 1.5
        first = _FIRST_FINGER + _FINGER_JOINTS * k
        for finger in range(0, _THUMB, 3):
            own = curl * draw.uniform(0.7, 1.3)
            pose[first + finger:first + finger + 3, 2] -= side * own * np.array((0.8, 1.2, 0.8))
        thumb = first + _THUMB
        pose[thumb:thumb + 3] += np.radians(draw.normal(0.0, 6.0, (3, 3)))


