"""The three layouts of the SMPL family as a table: joints, their names, and the pose parameters.

Loper et al. 2015 (SMPL); Romero et al. 2017 (SMPL+H); Pavlakos et al. 2019 (SMPL-X). Orders and
parameter names are those of smplx.
"""

from dataclasses import dataclass

from likeness.bodies.body import JointGroup

_BODY = ("pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
         "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
         "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
         "left_wrist", "right_wrist")
_FINGERS = ("index", "middle", "pinky", "ring", "thumb")


def _hand(side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{finger}{k}" for finger in _FINGERS for k in (1, 2, 3))


def _joints(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


@dataclass(frozen=True)
class Family:
    """What all files of one layout share. `vertices` is the count of the licensed files."""

    name: str
    title: str
    vertices: int
    joint_names: tuple[str, ...]
    groups: tuple[JointGroup, ...]
    max_shapes: int

    @property
    def has_hands(self) -> bool:
        """Whether the fingers are joints of their own."""
        return any(group.parameter == "left_hand_pose" for group in self.groups)


FAMILIES = {family.name: family for family in (
    Family("smpl", "SMPL", 6890, (*_BODY, "left_hand", "right_hand"),
           (JointGroup("global_orient", (0,)), JointGroup("body_pose", _joints(1, 23))), 300),
    Family("smplh", "SMPL+H", 6890, (*_BODY, *_hand("left"), *_hand("right")),
           (JointGroup("global_orient", (0,)), JointGroup("body_pose", _joints(1, 21)),
            JointGroup("left_hand_pose", _joints(22, 36)),
            JointGroup("right_hand_pose", _joints(37, 51))), 300),
    Family("smplx", "SMPL-X", 10475,
           (*_BODY, "jaw", "left_eye", "right_eye", *_hand("left"), *_hand("right")),
           (JointGroup("global_orient", (0,)), JointGroup("body_pose", _joints(1, 21)),
            JointGroup("jaw_pose", (22,)), JointGroup("leye_pose", (23,)),
            JointGroup("reye_pose", (24,)), JointGroup("left_hand_pose", _joints(25, 39)),
            JointGroup("right_hand_pose", _joints(40, 54))), 300),
)}


def family_of(joints: int) -> Family | None:
    """The family whose files have so many joints, or None."""
    return next((f for f in FAMILIES.values() if len(f.joint_names) == joints), None)
