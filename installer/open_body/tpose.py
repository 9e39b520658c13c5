"""Bring bodies from Anny's rest pose to one T-pose: arms along x, legs along -y, palms down.

The T-pose is defined so that skinning it back with the open body's own weights gives Anny's rest
surface exactly (inverse linear blend skinning). The rest pose lies half-way between arms level and
arms down, so the artefacts of linear skinning are split between the two.
"""

from dataclasses import dataclass

import numpy as np

from open_body.people import People
from open_body.skeleton import INDEX, JOINTS, PARENTS

LEVEL_FINGERS = ("index", "middle", "ring", "pinky")


@dataclass(frozen=True)
class TPose:
    """M bodies in the T-pose, pelvis at the origin: vertices (M, V, 3) and joints (M, 52, 3)."""

    vertices: np.ndarray
    joints: np.ndarray


def t_posed(people: People, heads: np.ndarray, weights: np.ndarray,
            tips: dict[str, np.ndarray]) -> TPose:
    """T-pose of `people`; `heads` (52, bones), `weights` (V, 52), `tips` fingertip vertex ids."""
    joints = heads @ people.heads
    ends = {finger: people.vertices[:, ids].mean(axis=1) for finger, ids in tips.items()}
    turns = world_rotations(joints, ends)
    posed = np.zeros_like(joints)
    for j in range(1, len(JOINTS)):
        bone = joints[:, j] - joints[:, PARENTS[j]]
        posed[:, j] = posed[:, PARENTS[j]] + _turn(turns[:, PARENTS[j]], bone)
    return TPose(_unskinned(people.vertices, weights, joints, turns, posed), posed)


def _unskinned(vertices: np.ndarray, weights: np.ndarray, joints: np.ndarray, turns: np.ndarray,
               posed: np.ndarray) -> np.ndarray:
    """Solve sum_k w_k (R_k^T (x - p_k) + h_k) = vertex for x, vertex by vertex."""
    back = np.swapaxes(turns, -1, -2)
    shift = joints - (back @ posed[..., None])[..., 0]
    m, j = joints.shape[:2]
    matrices = (weights @ back.reshape(m, j, 9)).reshape(m, -1, 3, 3)
    return np.linalg.solve(matrices, (vertices - weights @ shift)[..., None])[..., 0]


def world_rotations(joints: np.ndarray, ends: dict[str, np.ndarray]) -> np.ndarray:
    """(M, 52, 3, 3): how each joint turns from rest to T-pose, in world axes."""
    turns = np.broadcast_to(np.eye(3), (len(joints), len(JOINTS), 3, 3)).copy()
    at = {name: joints[:, j] for name, j in INDEX.items()}
    for side, x in (("left", 1.0), ("right", -1.0)):
        along = np.array([x, 0.0, 0.0])
        _turn_arm(turns, at, side, along)
        _turn_fingers(turns, at, ends, side, along)
        _turn_leg(turns, at, side)
    return turns


def _turn_arm(turns: np.ndarray, at: dict[str, np.ndarray], side: str, along: np.ndarray) -> None:
    """The elbow bends forward, about the vertical; palms face down, thumbs forward."""
    shoulder, elbow, wrist = (at[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist"))
    axis = np.cross(elbow - shoulder, wrist - elbow)
    hinge = np.cross(along, [0.0, 0.0, 1.0])
    turns[:, INDEX[f"{side}_shoulder"]] = aligned(elbow - shoulder, axis, along, hinge)
    turns[:, INDEX[f"{side}_elbow"]] = aligned(wrist - elbow, axis, along, hinge)
    middle, index, pinky = (at[f"{side}_{f}1"] for f in ("middle", "index", "pinky"))
    forward = np.array([0.0, 0.0, 1.0])
    hand = aligned(middle - wrist, index - pinky, along, forward)
    first = INDEX[f"{side}_index1"]
    turns[:, [INDEX[f"{side}_wrist"], *range(first, first + 15)]] = hand[:, None]


def _turn_fingers(turns: np.ndarray, at: dict[str, np.ndarray], ends: dict[str, np.ndarray],
                  side: str, along: np.ndarray) -> None:
    """Fingers straight and level, keeping their spread; the thumb stays as it is in the hand."""
    up = np.array([0.0, 1.0, 0.0])
    hand = turns[:, INDEX[f"{side}_wrist"]]
    for finger in LEVEL_FINGERS:
        name = f"{side}_{finger}"
        points = [at[f"{name}{k}"] for k in (1, 2, 3)] + [ends[name]]
        spread = _turn(hand, points[2] - points[0]) * (1.0, 0.0, 1.0)
        side_axis = np.cross(along, up)
        for k in range(3):
            bone = _turn(hand, points[k + 1] - points[k])
            level = aligned(bone, np.broadcast_to(side_axis, bone.shape), spread, side_axis)
            turns[:, INDEX[f"{name}{k + 1}"]] = level @ hand


def _turn_leg(turns: np.ndarray, at: dict[str, np.ndarray], side: str) -> None:
    """Legs hang straight with the foot pointing forward; the sole keeps its slope."""
    hip, knee, ankle, foot = (at[f"{side}_{p}"] for p in ("hip", "knee", "ankle", "foot"))
    forward, down = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])
    pointing = (foot - ankle) * (1.0, 0.0, 1.0)
    turns[:, INDEX[f"{side}_hip"]] = aligned(knee - hip, pointing, down, forward)
    turns[:, INDEX[f"{side}_knee"]] = aligned(ankle - knee, pointing, down, forward)
    level = aligned(np.broadcast_to(down, pointing.shape), pointing, down, forward)
    turns[:, [INDEX[f"{side}_ankle"], INDEX[f"{side}_foot"]]] = level[:, None]


def aligned(first: np.ndarray, second: np.ndarray, to_first: np.ndarray,
            to_second: np.ndarray) -> np.ndarray:
    """Rotations (M, 3, 3) taking `first` to `to_first` and `second` as near as can be."""
    source = _frame(first, second)
    target = _frame(np.broadcast_to(to_first, first.shape), np.broadcast_to(to_second, first.shape))
    return target @ np.swapaxes(source, -1, -2)


def _frame(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    x = first / np.linalg.norm(first, axis=-1, keepdims=True)
    z = np.cross(x, second)
    z /= np.linalg.norm(z, axis=-1, keepdims=True)
    return np.stack((x, np.cross(z, x), z), -1)


def _turn(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (rotations @ vectors[..., None])[..., 0]
