"""Which way is up in a file."""

import numpy as np
from jaxtyping import Float64

from likeness.scans.scan import Choice

# Rotations that take the named axis of the file to +y.
UPRIGHT = {
    "+y": np.eye(3),
    "-y": np.diag([-1.0, -1.0, 1.0]),
    "+z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "-z": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "+x": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "-x": np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]),
}


LONG = 0.75  # an axis nearly as long as the longest may be up too: people spread their arms
SURE = 1.5


def detect_up(points: Float64[np.ndarray, "N 3"]) -> Choice:
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


def _narrowing(points: Float64[np.ndarray, "N 3"], along: Float64[np.ndarray, " N"],
               axis: int) -> float:
    """How wide the scan is at the end where `along` is 1, against what follows it."""
    ends = [points[(along > a) & (along < b)] for a, b in ((0.91, 0.98), (0.74, 0.84))]
    return _width(ends[0], axis) / _width(ends[1], axis)


def _width(points: Float64[np.ndarray, "N 3"], axis: int) -> float:
    """The wider extent of a slab across `axis`."""
    if len(points) < 10:
        return 1e-6
    across = np.delete(points, axis, axis=1)
    low, high = np.quantile(across, (0.02, 0.98), axis=0)
    return float((high - low).max()) + 1e-6
