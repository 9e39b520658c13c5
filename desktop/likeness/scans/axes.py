"""Which way is up in a file, from the shape of the person in it."""

import numpy as np
from jaxtyping import Float

from likeness.core.errors import UsageError
from likeness.scans.scan import Choice

AXES = ("+x", "-x", "+y", "-y", "+z", "-z")

LONG = 0.75  # an axis nearly as long as the longest may be up too: people spread their arms
SURE = 1.5


def choose_up(up: str, points: Float[np.ndarray, "N 3"]) -> Choice:
    """The axis that points up, with the reason in plain words."""
    if up != "auto":
        if up not in AXES:
            raise UsageError(f"There is no axis called {up!r}.",
                             f"Choose one of auto, {', '.join(AXES)}.")
        return Choice(up, "as you said", given=True)
    return detect_up(points)


def detect_up(points: Float[np.ndarray, "N 3"]) -> Choice:
    """The end of a long axis that is narrower than what follows it, as a head on its shoulders.

    Feet are as wide as the legs above them, and hands as the forearms behind them.
    """
    few = points[:: max(1, len(points) // 50_000)]
    low, high = np.quantile(few, (0.002, 0.998), axis=0)
    extent = high - low
    ends: list[tuple[float, str]] = []
    for axis in np.flatnonzero(extent >= LONG * extent.max()):
        along = (few[:, axis] - low[axis]) / extent[axis]
        ends += [(_narrowing(few, along, int(axis)), "+" + "xyz"[axis]),
                 (_narrowing(few, 1 - along, int(axis)), "-" + "xyz"[axis])]
    ends.sort()
    reason = f"Of the long ends of the scan, the one at {ends[0][1]} narrows most like a head"
    sure = ends[1][0] > SURE * ends[0][0]
    return Choice(ends[0][1], f"{reason}." if sure else f"{reason}, but only just: check it.")


def _narrowing(points: Float[np.ndarray, "N 3"], along: Float[np.ndarray, " N"],
               axis: int) -> float:
    """How wide the scan is at the end where `along` is 1, against what follows it."""
    ends = [points[(along > a) & (along < b)] for a, b in ((0.91, 0.98), (0.74, 0.84))]
    return _width(ends[0], axis) / _width(ends[1], axis)


def _width(points: Float[np.ndarray, "N 3"], axis: int) -> float:
    """The wider extent of a slab across `axis`."""
    if len(points) < 10:
        return 1e-6
    across = np.delete(points, axis, axis=1)
    low, high = np.quantile(across, (0.02, 0.98), axis=0)
    return float((high - low).max()) + 1e-6
