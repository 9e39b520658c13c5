"""Which way is up in a file, from the shape of the person in it."""

import numpy as np
from jaxtyping import Float

from likeness.core.errors import UsageError
from likeness.scans.scan import Choice

AXES = ("+x", "-x", "+y", "-y", "+z", "-z")


def choose_up(up: str, points: Float[np.ndarray, "N 3"]) -> Choice:
    """The axis that points up, with the reason in plain words."""
    if up != "auto":
        if up not in AXES:
            raise UsageError(f"There is no axis called {up!r}.",
                             f"Choose one of auto, {', '.join(AXES)}.")
        return Choice(up, "as you said", given=True)
    extent = np.ptp(points.astype(np.float64), axis=0)
    axis = int(np.argmax(extent))
    return Choice("+" + "xyz"[axis], "the scan is tallest that way")
