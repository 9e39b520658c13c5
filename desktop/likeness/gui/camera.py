"""Where to look from: the whole person in view, upright."""

import numpy as np
import pyvista as pv
from jaxtyping import Float

SIDES = {"front": (0.0, 0.0, 1.0), "back": (0.0, 0.0, -1.0),
         "left": (1.0, 0.0, 0.0), "right": (-1.0, 0.0, 0.0)}
_VIEW_ANGLE, _MARGIN = 28.0, 1.04
_NEAREST, _AROUND = 0.03, 2.5  # the smallest thing to look at in metres; views to its size

Corner = Float[np.ndarray, "3"]


def aim(camera: pv.Camera, low: Corner, high: Corner, direction: Corner, aspect: float) -> None:
    """Look at the box from `direction`, a unit vector, so that all of it is seen."""
    centre = (low + high) / 2
    camera.focal_point = centre
    camera.position = centre + _distance(high - low, aspect) * direction
    camera.up = (0.0, 1.0, 0.0)
    camera.view_angle = _VIEW_ANGLE


def aim_at(camera: pv.Camera, low: Corner, high: Corner, direction: Corner) -> None:
    """Look at a small box from where the camera is, near enough to see it and what is around."""
    size = max(float(np.linalg.norm(high - low)), _NEAREST)
    camera.focal_point = (low + high) / 2
    away = _AROUND * size / (2 * float(np.tan(np.radians(camera.view_angle) / 2)))
    length = max(float(np.linalg.norm(direction)), 1e-9)
    camera.position = (low + high) / 2 + away / length * direction


def _distance(size: Corner, aspect: float) -> float:
    """How far off a box fills the view, however it is turned."""
    across = float(np.hypot(size[0], size[2]))
    half = _MARGIN * max(float(size[1]), across / aspect) / 2
    return half / float(np.tan(np.radians(_VIEW_ANGLE) / 2)) + across / 2


def pixels_per_metre(camera: pv.Camera, height: int) -> float:
    """How large a metre appears where the camera looks, in a view of so many pixels' height."""
    seen = 2 * camera.distance * float(np.tan(np.radians(camera.view_angle) / 2))
    return height / max(seen, 1e-6)
