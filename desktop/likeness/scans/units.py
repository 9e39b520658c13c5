"""The unit of a file, from height and surface of the person in it.

People are 0.5 to 2.3 metres tall; who crouches may be any child's height, or a child who crouches
any adult's in another unit, but the surface of that adult would be a giant's. Heads and shoulders
alone are 0.3 metres tall and more.
"""

from dataclasses import dataclass, replace
from math import log

import numpy as np

from likeness.core.errors import UsageError
from likeness.scans.scan import Choice, Scan

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}
WORDS = {"m": "metres", "cm": "centimetres", "mm": "millimetres", "in": "inches",
         "dm": "decimetres"}

# Heights from a sitting child to raised arms, the height most people are scanned at, the one a
# person gets where the file's unit means nothing, and that of a head with its shoulders at least.
_SHORTEST_M, _TALLEST_M, _TYPICAL_M, _ASSUMED_M, _BUST_M = 0.5, 2.6, 1.65, 1.7, 0.3
# The skin of the largest people, in wide clothes and with what else may be left around them.
_LARGEST_M2 = 4.5
# Sensors measure in metres or millimetres whatever is in front of them; a room is this high.
_ROOM_M = 12.0
# How much less common a unit is, in the same measure as the logarithm of an unusual height. By less
# than the other no height tells a child in centimetres, who may crouch, from an adult in inches.
_RARE = {"m": 0.0, "cm": 0.0, "mm": 0.0, "in": 0.2, "dm": 0.3}
_RIVAL = 0.75


def choose_unit(unit: str, height: float, surface: float, is_mesh: bool) -> tuple[Choice, float]:
    """The unit and how many metres it is long; `height` and `surface` are in the file's numbers."""
    if unit != "auto":
        if unit not in METRES:
            raise UsageError(f"There is no unit called {unit!r}.",
                             f"Choose one of auto, {', '.join(METRES)}.")
        return Choice(unit, "You said so.", given=True), METRES[unit]
    likely = _likely(height, surface)
    if likely:
        return _metric(likely, height), METRES[likely[0].name]
    if not is_mesh:
        for name in ("m", "mm"):
            if _TALLEST_M < height * METRES[name] <= _ROOM_M:
                return Choice(name, f"In {WORDS[name]} the scan is about "
                                    f"{height * METRES[name]:.1f} m tall: more than a person, as "
                                    "a sensor sees a room."), METRES[name]
    for name in ("m", "mm"):
        if _BUST_M <= height * METRES[name] < _SHORTEST_M:
            return Choice(name, f"In {WORDS[name]} the scan is {height * METRES[name]:.2f} m tall: "
                                "a part of a person, such as head and shoulders."), METRES[name]
    if 0.9 <= height * 0.1 <= _TALLEST_M:
        return Choice("dm", f"No common unit makes a person of it; in decimetres it is "
                            f"about {height * 0.1:.1f} m tall."), 0.1
    scale = _ASSUMED_M / height
    return Choice("scaled", f"No unit makes a person of a height of {height:.4g}, so it is "
                            f"taken to be {_ASSUMED_M:.2f} m."), scale


def rescaled(scan: Scan, unit: str) -> Scan:
    """The scan as large as if its file were in another unit, to single precision; for trying."""
    factor = METRES[unit] / METRES[scan.unit.value]
    return replace(scan, vertices=scan.vertices * np.float32(factor),
                   world_from_scan=np.diag((factor, factor, factor, 1.0)) @ scan.world_from_scan)


@dataclass(frozen=True, order=True)
class _Guess:
    """A unit that makes a person of the scan; ordered from the likeliest to that of giants."""

    giant: bool
    unlikely: float
    name: str


def _likely(height: float, surface: float) -> list[_Guess]:
    return sorted(_Guess(surface * scale**2 > _LARGEST_M2,
                         abs(log(height * scale / _TYPICAL_M)) + _RARE[name], name)
                  for name, scale in METRES.items()
                  if _SHORTEST_M <= height * scale <= _TALLEST_M)


def _metric(likely: list[_Guess], height: float) -> Choice:
    best, *others = likely
    reason = _said(height, best.name)
    if others:
        reason += f" (in {WORDS[others[0].name]} {height * METRES[others[0].name]:.1f} m)"
    return Choice(best.name, reason + ".", rivals=tuple(
        each.name for each in others
        if each.giant == best.giant and each.unlikely < best.unlikely + _RIVAL))


def _said(height: float, name: str) -> str:
    return f"In {WORDS[name]} the person in it is about {height * METRES[name]:.1f} m tall"
