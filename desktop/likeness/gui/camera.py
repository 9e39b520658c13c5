"""Where to look from: the whole person in view, upright."""

import numpy as np
import pyvista as pv
from jaxtyping import Float

SIDES = {"front": (0.0, 0.0, 1.0), "back": (0.0, 0.0, -1.0),
         "left": (1.0, 0.0, 0.0), "right": (-1.0, 0.0, 0.0)}
_VIEW_ANGLE, _MARGIN = 28.0, 1.04

Corner = Float[np.ndarray, "3"]


def aim(camera: pv.Camera, low: Corner, high: Corner, direction: Corner, aspect: float) -> None:
    """Look at the box from `direction`, a unit vector, so that all of it is seen."""
    centre = (low + high) / 2
    camera.focal_point = centre
    camera.position = centre + _distance(high - low, aspect) * direction
    camera.up = (0.0, 1.0, 0.0)
    camera.view_angle = _VIEW_ANGLE


def _distance(size: Corner, aspect: float) -> float:
    """How far off a box fills the view, however it is turned."""
    across = float(np.hypot(size[0], size[2]))
    half = _MARGIN * max(float(size[1]), across / aspect) / 2
    return half / float(np.tan(np.radians(_VIEW_ANGLE) / 2)) + across / 2


def pixels_per_metre(camera: pv.Camera, height: int) -> float:
    """How large a metre appears where the camera looks, in a view of so many pixels' height."""
    seen = 2 * camera.distance * float(np.tan(np.radians(camera.view_angle) / 2))
    return height / max(seen, 1e-6)
