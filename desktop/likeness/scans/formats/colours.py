"""Colours of any common range as bytes."""

import numpy as np
from jaxtyping import Float, UInt8


def as_colors(values: Float[np.ndarray, "N 3"]) -> UInt8[np.ndarray, "N 3"]:
    """RGB as bytes from values of 0 to 1, 0 to 255 or 0 to 65535."""
    values = np.nan_to_num(values)
    top = float(values.max(initial=0.0))
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / 65535.0
    return np.clip(np.round(values * scale), 0, 255).astype(np.uint8)
