"""The avatar as a value: posed and T-posed mesh, skeleton, skin weights, UV and texture."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int32, UInt8


@dataclass(frozen=True, eq=False)
class Avatar:
    """Metres, y up, facing +z; J joints, parent before child.

    `vertices` and `joints` are in the scan's pose, `rest_vertices` and `rest_joints` in the T-pose
    with displacements; `rotations` (J, 3) axis-angle and `transl` take the rest pose to the
    scan's. `rest_vertices` carry no pose correctives; `pose_correctives` (V, 3) is what the model
    adds in this pose (zero for bodies without). `interior` vertices (the mouth;
    not the eyes) are left out on export.
    """

    name: str
    body: str
    vertices: Float32[np.ndarray, "V 3"]
    faces: Int32[np.ndarray, "F 3"]
    joints: Float32[np.ndarray, "J 3"]
    rest_vertices: Float32[np.ndarray, "V 3"]
    rest_joints: Float32[np.ndarray, "J 3"]
    pose_correctives: Float32[np.ndarray, "V 3"]
    rotations: Float32[np.ndarray, "J 3"]
    transl: Float32[np.ndarray, "3"]
    parents: Int32[np.ndarray, " J"]
    joint_names: tuple[str, ...]
    skin_weights: Float32[np.ndarray, "V J"]
    interior: Bool[np.ndarray, " V"]
    uv: Float32[np.ndarray, "T 2"] | None = None
    uv_faces: Int32[np.ndarray, "F 3"] | None = None
    texture: UInt8[np.ndarray, "H W 3"] | None = None
