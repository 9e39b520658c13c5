"""What a file holds before anything is understood of it: arrays in file coordinates."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int32, UInt8


def no_faces() -> Int32[np.ndarray, "0 3"]:
    """The faces of a point cloud."""
    return np.zeros((0, 3), np.int32)


@dataclass(frozen=True, eq=False)
class Content:
    """Geometry and colours as the file has them: its own unit, axes and order."""

    vertices: Float[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    normals: Float[np.ndarray, "N 3"] | None = None
    colors: UInt8[np.ndarray, "N 3"] | None = None
    uv: Float[np.ndarray, "N 2"] | None = None
    texture: UInt8[np.ndarray, "H W 3"] | None = None
    notes: tuple[str, ...] = ()
