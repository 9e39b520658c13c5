"""One thing that inspection found in a scan."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int

KINDS = ("internal", "internal-connected", "extra-layer", "floor", "floater", "hole",
         "orientation", "degenerate", "density", "unit", "several-people", "partial")


CERTAIN = 0.9  # confidence from which cleaning asks nobody
LIKELY = 0.7  # from which people are advised to follow


def _none() -> Int[np.ndarray, " _"]:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Finding:
    """What was found, where, how sure that is, and whether cleaning takes it away.

    `faces` are rows of a mesh's faces, `points` rows of a cloud's vertices. `severity` is
    "info", "minor" or "serious"; `action` is "remove", "keep", "none", "decimate", or the
    stage of cleanup that mends it: "outwards", "layers". `place` holds the words of name and
    sentence that say where: a fit knows better.
    """

    id: str
    kind: str
    name: str
    sentence: str
    area_m2: float
    confidence: float
    severity: str
    action: str
    faces: Int[np.ndarray, " _"] = field(default_factory=_none)
    points: Int[np.ndarray, " _"] = field(default_factory=_none)
    place: str = ""
