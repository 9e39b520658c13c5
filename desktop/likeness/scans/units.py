"""The unit of a scan: people are between half a metre and 2.3 m tall."""

import numpy as np
from jaxtyping import Float64

from likeness.scans.scan import Choice

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "dm": 0.1, "ft": 0.3048}
NAMES = {"m": "metres", "cm": "centimetres", "mm": "millimetres", "in": "inches",
         "dm": "decimetres", "ft": "feet"}
LIKELY_M, POSSIBLE_M = (1.2, 2.1), (0.45, 2.4)
COMMON = ("m", "cm", "mm", "in")


def detect_unit(upright: Float64[np.ndarray, "N 3"]) -> Choice:
    """The unit that makes the scan's largest extent that of a person."""
    low, high = np.quantile(upright, (0.001, 0.999), axis=0)
    extent = float((high - low).max())
    for names, (least, most) in ((COMMON, LIKELY_M), (COMMON, POSSIBLE_M), (METRES, LIKELY_M)):
        for name in names:
            if least <= extent * METRES[name] <= most:
                return Choice(name, f"Read as {NAMES[name]}, the scan is "
                                    f"{extent * METRES[name]:.2f} m in its longest direction.")
    nearest = min(COMMON, key=lambda name: abs(np.log(extent * METRES[name] / 1.7)))
    return Choice(nearest, f"No common unit makes this a person; {NAMES[nearest]} come nearest, "
                           f"at {extent * METRES[nearest]:.2f} m.")
