"""The 52 joints of SMPL+H and where each is found among Anny's 104 bones."""

import numpy as np

BODY_JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist")
BODY_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
FINGERS = (("index", 2), ("middle", 3), ("pinky", 5), ("ring", 4), ("thumb", 1))

JOINTS = BODY_JOINTS + tuple(f"{side}_{finger}{k}" for side in ("left", "right")
                             for finger, _ in FINGERS for k in (1, 2, 3))
INDEX = {name: j for j, name in enumerate(JOINTS)}
PARENTS = np.array(BODY_PARENTS + tuple(
    wrist if k == 0 else 22 + 15 * (wrist - 20) + 3 * f + k - 1
    for wrist in (20, 21) for f in range(5) for k in range(3)), np.int32)

_MIDDLE_HEADS = {"pelvis": "root", "spine1": "spine03", "spine2": "spine02", "spine3": "spine01",
                 "neck": "neck01", "head": "head"}
_SIDE_HEADS = {"hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "collar": "clavicle",
               "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist"}


def joint_bones(name: str) -> list[str]:
    """The Anny bones whose mean head is the joint called `name`; more than one for the toes."""
    if name in _MIDDLE_HEADS:
        return [_MIDDLE_HEADS[name]]
    side, part = name.split("_")
    suffix = "." + side[0].upper()
    if part == "foot":
        return [f"toe{k}-1{suffix}" for k in range(1, 6)]
    if part in _SIDE_HEADS:
        return [_SIDE_HEADS[part] + suffix]
    number = dict(FINGERS)[part[:-1]]
    return [f"finger{number}-{part[-1]}{suffix}"]


def head_matrix(bone_labels: list[str]) -> np.ndarray:
    """(52, bones): joint positions as means of bone heads."""
    matrix = np.zeros((len(JOINTS), len(bone_labels)))
    for j, name in enumerate(JOINTS):
        bones = joint_bones(name)
        matrix[j, [bone_labels.index(b) for b in bones]] = 1.0 / len(bones)
    return matrix


def bone_joints(bone_labels: list[str], bone_parents: list[int]) -> np.ndarray:
    """For every bone the joint it moves with: its own, or that of the nearest bone above it."""
    own = {bone: j for j, name in enumerate(JOINTS) for bone in joint_bones(name)}
    joints: list[int] = []
    for label, parent in zip(bone_labels, bone_parents, strict=True):
        joints.append(own[label] if label in own else joints[parent])
    return np.array(joints)
