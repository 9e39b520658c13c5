"""What a scan file holds before it is checked, in the file's own coordinates."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8

AGAIN = "Export it again from the scanner's software, or choose another file."


@dataclass(frozen=True, eq=False)
class RawScan:
    """Points and what belongs to them; a point cloud has no faces. `normals` need not be unit."""

    points: Float64[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    normals: Float64[np.ndarray, "N 3"] | None = None
    colors: UInt8[np.ndarray, "N 3"] | None = None
    uv: Float32[np.ndarray, "N 2"] | None = None
    texture: UInt8[np.ndarray, "H W 3"] | None = None
    notes: tuple[str, ...] = ()


NO_FACES = np.zeros((0, 3), np.int32)
