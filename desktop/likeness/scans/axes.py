"""Which way is up in a file, from the shape of the person in it."""

import numpy as np
from jaxtyping import Float, Float64

from likeness.core.errors import UsageError
from likeness.scans.figure import MOVING, STANDING
from likeness.scans.flats import Flat, beside_flats, find_flats
from likeness.scans.placing import UPRIGHT, robust_extent
from likeness.scans.sampling import without_strays
from likeness.scans.scan import Choice

AXES = tuple(UPRIGHT)

# Standing people score 0.2 to 0.9, and about twice as much the wrong way up.
_SURE_RATIO, _PERSON_SCORE = 1.25, 1.5
_RIVALS = 2  # a box looks the same from everywhere
# A term counts at most so many squared deviations: a robe or a missing arm is not everything.
_MOST = 9.0
_LEAST_BESIDE = 0.05  # of the scan; where all is flat the flats must tell
_LEVEL, _ABOVE = np.cos(np.radians(20.0)), 0.98


def choose_up(up: str, points: Float[np.ndarray, "N 3"]) -> Choice:
    """The axis that points up, with the reason in plain words."""
    if up != "auto":
        if up not in AXES:
            raise UsageError(f"There is no axis called {up!r}.",
                             f"Choose one of auto, {', '.join(AXES)}.")
        return Choice(up, "You said so.", given=True)
    points = points.astype(np.float64)
    flats = find_flats(points)
    free = beside_flats(points, flats)
    if free.mean() > _LEAST_BESIDE:
        points = points[free]
    points = points[without_strays(points)]
    standing_on = [axis for axis in AXES if any(_is_floor(flat, axis, points) for flat in flats)]
    if len(standing_on) == 1:
        return Choice(standing_on[0], "There is a floor at the other end.")
    scores = {axis: _unlikeness(points @ UPRIGHT[axis].T) for axis in standing_on or AXES}
    best, *others = sorted(scores, key=lambda axis: scores[axis])
    rivals = tuple(axis for axis in others if scores[axis] < _SURE_RATIO * scores[best])[:_RIVALS]
    if scores[best] > _PERSON_SCORE:
        return Choice(best, "Nothing looks much like a person; this way up it does most: check it.",
                      rivals=rivals)
    if rivals:
        return Choice(best, f"It looks most like a person this way up, but {rivals[0]} is hardly "
                            "less likely: check it.", rivals=rivals)
    return Choice(best, "Head, shoulders and legs are where a person has them.")


def is_doubtful(up: Choice) -> bool:
    """Whether a detected axis is little more than a guess."""
    return not up.given and up.reason.endswith("check it.")


def _is_floor(flat: Flat, axis: str, points: Float64[np.ndarray, "N 3"]) -> bool:
    """Whether a flat would be level with this axis up, and under all the rest."""
    if flat.normal @ UPRIGHT[axis][1] < _LEVEL:
        return False
    return bool((flat.height(points) > -flat.thickness).mean() > _ABOVE)


def _unlikeness(upright: Float64[np.ndarray, "N 3"]) -> float:
    """How far the figure is from those of people, standing or moving."""
    figure = figure_of(upright)
    return min(float(np.minimum(((figure - each[:, :2]) / each[:, 2:]) ** 2, _MOST).mean())
               for each in (STANDING, MOVING))


def figure_of(upright: Float64[np.ndarray, "N 3"]) -> Float64[np.ndarray, "S 2"]:
    """For each slice from feet to head the logarithms of its share of the surface and its width.

    The width is the median distance from the slice's middle over the height: the same for any
    yaw and any size.
    """
    slices = len(STANDING)
    low, high = robust_extent(upright[:, 1])
    height = max(high - low, 1e-12)
    slice_of = np.clip(((upright[:, 1] - low) / height * slices).astype(int), 0, slices - 1)
    figure = np.log(np.tile((1e-3, 5e-3), (slices, 1)))
    for k in range(slices):
        across = upright[slice_of == k][:, (0, 2)] / height
        if len(across) >= 5:
            radius = np.linalg.norm(across - across.mean(axis=0), axis=1)
            figure[k] = np.log((len(across) / len(upright), np.median(radius) + 5e-3))
    return figure
