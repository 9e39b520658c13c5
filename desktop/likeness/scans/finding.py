"""One thing that inspection found in a scan."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

KINDS = ("internal", "internal-connected", "extra-layer", "floor", "floater", "hole",
         "orientation", "degenerate", "density", "unit", "several-people", "partial")


def none() -> Int[np.ndarray, " n"]:
    """No faces or points."""
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found, where, how sure that is, and whether cleaning takes it away.

    `faces` are rows of the scan's faces; `points` rows of the vertices of a cloud.
    """

    id: str
    kind: str
    name: str
    sentence: str
    faces: Int[np.ndarray, " f"]
    points: Int[np.ndarray, " p"]
    area_m2: float
    confidence: float
    severity: str
    action: str
