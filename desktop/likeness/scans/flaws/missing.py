"""Parts of a person that a mesh ends before: feet, legs, head, by the openings where they were."""

import numpy as np
from jaxtyping import Float32, Float64

from likeness.scans.finding import Finding
from likeness.scans.flaws.defects import loop_areas, loops
from likeness.scans.flaws.pieces import Pieces

# Openings within this share of the height from an end; against the squared height of what is
# there: an ankle is 20 cm² across, a waist 600; soles that no scanner saw are long, not round.
_AT_END, _LEVEL = 0.03, 0.03
# Within a hand's breadth of a head's opening is a head, of a neck's are shoulders.
_ROUNDEST, _ALIKE, _SHOULDERS = 1.9, 2.5, 0.18
_SMALLEST, _LEG, _WAIST = 0.0006, 0.006, 0.02


def find_missing(pieces: Pieces, skin: int) -> list[Finding]:
    """Where the skin ends in a level, round opening at its lowest or highest."""
    sides = pieces.edges.open_sides
    sides = sides[pieces.of_face[sides % len(pieces.of_face)] == skin]
    if len(sides) == 0:
        return []
    start, end = (each.astype(np.int64) for each in pieces.edges.ends(sides))
    loop = loops(start, end)
    area = loop_areas(pieces, start, end, loop)
    y = pieces.corners(skin)[:, 1]
    low, high = float(y.min()), float(y.max())
    height = max(high - low, 1e-6)
    rims = {int(k): pieces.scan.vertices[start[loop == k]].astype(np.float64)
            for k in np.flatnonzero(area > _SMALLEST * height**2)}
    cut = {k: rim for k, rim in rims.items() if _is_cut(rim, height)}
    below = [k for k, rim in cut.items() if rim[:, 1].mean() < low + _AT_END * height]
    above = [k for k, rim in cut.items() if rim[:, 1].mean() > high - _AT_END * height]
    size = float(area[below].max()) / height**2 if below else 0.0
    found = []
    # Two legs end alike; one opening below a foot is where no scanner looked.
    if size > _WAIST or (len(below) == 2 and area[below].max() < _ALIKE * area[below].min()):
        found.append("legs" if size > _WAIST else "lower legs" if size > _LEG else "feet")
    if any(_widens(cut[k], pieces.corners(skin), height) for k in above):
        found.append("head")
    return [_finding(name, k) for k, name in enumerate(found)]


def _is_cut(rim: Float64[np.ndarray, "N 3"], height: float) -> bool:
    """Nearly level and nearly round."""
    across = np.linalg.eigvalsh(np.cov(rim[:, (0, 2)].T))
    round_enough = across[1] < _ROUNDEST**2 * max(float(across[0]), 1e-12)
    return bool(round_enough and np.ptp(rim[:, 1]) < _LEVEL * height)


def _widens(rim: Float64[np.ndarray, "N 3"], skin: Float32[np.ndarray, "V 3"],
            height: float) -> bool:
    """Whether shoulders lie below a rim; below a hole in the hair there is a head."""
    level = float(rim[:, 1].mean())
    below = skin[(skin[:, 1] < level - 0.02 * height) & (skin[:, 1] > level - 0.08 * height)]
    return len(below) > 2 and bool(np.ptp(below[:, (0, 2)], axis=0).max() > _SHOULDERS * height)


def _finding(name: str, number: int) -> Finding:
    verb = "is" if name == "head" else "are"
    return Finding(f"missing-{number}", "partial", f"no {name}",
                   f"The {name} {verb} missing: the scan ends before. What is missing is guessed.",
                   0.0, 0.7, "serious", "none")
