"""Array vocabulary: the shapes that appear in signatures everywhere."""

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, UInt8

Points = Float[np.ndarray, "N 3"]
Vertices = Float[np.ndarray, "V 3"]
Faces = Int[np.ndarray, "F 3"]
Transform = Float[np.ndarray, "4 4"]
Mask = Bool[np.ndarray, " V"]
Image = UInt8[np.ndarray, "H W C"]

__all__ = [
    "Bool", "Faces", "Float", "Float32", "Float64", "Image", "Int", "Mask", "Points",
    "Transform", "UInt8", "Vertices",
]
