"""A body model as a value: template, shape space, skeleton, skin weights, parts of the surface.

The parameters follow smplx; `JointGroups` says by a table which joints each of them turns, so that
nobody branches on a family's name.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int32
from scipy.sparse import csr_array

PARTS = ("head", "torso", "left_arm", "right_arm", "left_hand", "right_hand",
         "left_leg", "right_leg", "left_foot", "right_foot")
_FINGER_JOINTS = 15  # three for each finger of a hand


@dataclass(frozen=True)
class JointGroup:
    """A pose parameter and the joints it turns, in order: 3 numbers a joint, axis-angle."""

    parameter: str
    joints: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Body:
    """V vertices, J joints in parent-before-child order, B shape components; metres, y up, T-pose.

    `joint_regressor` (J, V) maps shaped rest vertices to joints. `pose_directions` are linear pose
    correctives over the rotation matrices of joints 1.. minus identity (Loper et al. 2015, SMPL),
    None where the model has none. `hand_means` are added to the hand pose parameters before use
    (45 each; zero for flat hands). `uv` (T, 2) is indexed by `uv_faces`. `mirror` maps each vertex
    to its left-right twin; `parts` indexes `PARTS`; `interior` marks eyes and mouth cavity, which
    fitting ignores. `eyes` are the eyeballs among these: shown and exported all the same, or the
    eye sockets would gape.
    """

    name: str
    family: str
    template: Float32[np.ndarray, "V 3"]
    faces: Int32[np.ndarray, "F 3"]
    shape_directions: Float32[np.ndarray, "V 3 B"]
    joint_regressor: csr_array
    parents: Int32[np.ndarray, " J"]
    skin_weights: Float32[np.ndarray, "V J"]
    joint_names: tuple[str, ...]
    groups: tuple[JointGroup, ...]
    parts: Int8[np.ndarray, " V"]
    interior: Bool[np.ndarray, " V"]
    hand_means: dict[str, Float32[np.ndarray, " H"]] = field(default_factory=dict)
    pose_directions: Float32[np.ndarray, "V 3 P"] | None = None
    uv: Float32[np.ndarray, "T 2"] | None = None
    uv_faces: Int32[np.ndarray, "F 3"] | None = None
    mirror: Int32[np.ndarray, " V"] | None = None
    eyes: Bool[np.ndarray, " V"] | None = None
    terms: str = ""

    @property
    def joint_count(self) -> int:
        """J."""
        return len(self.parents)

    @property
    def shape_count(self) -> int:
        """B."""
        return self.shape_directions.shape[2]

    @property
    def hidden(self) -> Bool[np.ndarray, " V"]:
        """Vertices that nobody sees from outside: the interior without the eyeballs."""
        return self.interior if self.eyes is None else self.interior & ~self.eyes

    @property
    def shown_faces(self) -> Int32[np.ndarray, "S 3"]:
        """The faces that pictures and exports show: skin and eyeballs."""
        return self.faces[~self.hidden[self.faces].any(axis=1)]

    @cached_property
    def skin_faces(self) -> Int32[np.ndarray, "S 3"]:
        """The faces of the outer skin: those without an interior vertex."""
        return self.faces[~self.interior[self.faces].any(axis=1)]

    @property
    def fingers(self) -> list[tuple[int, tuple[int, ...]]]:
        """The wrist and the three joints of each finger, the thumb of a hand last.

        None of a body whose hands have no joints.
        """
        found = []
        for side, wrist in (("left", 20), ("right", 21)):  # as in all of the SMPL family
            group = self.group(f"{side}_hand_pose")
            joints = group.joints if group and len(group.joints) == _FINGER_JOINTS else ()
            found += [(wrist, joints[first:first + 3]) for first in range(0, len(joints), 3)]
        return found

    def group(self, parameter: str) -> JointGroup | None:
        """The joints that `parameter` turns, or None where this body has no such parameter."""
        return next((g for g in self.groups if g.parameter == parameter), None)
