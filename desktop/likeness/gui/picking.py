"""What lies under the mouse: faces (points of a cloud) in a region of the view. Only numpy.

The scan is projected once per view of the camera, so that a million faces need no graphics card.
"""

import numpy as np
from jaxtyping import Bool, Float, Int64

from likeness.gui.projection import Box, Elements, Lens, Projection
from likeness.gui.visibility import seen
from likeness.jobs.protocol import ScanView

Mask = Bool[np.ndarray, " n"]
Region = Bool[np.ndarray, "H W"]

_POINT_PIXELS = 6.0  # how near a click must come to a point


class Picker:
    """Answers for one scan; remembers the projection as long as the camera stays."""

    def __init__(self, scan: ScanView) -> None:
        self.elements = Elements(scan)
        self._last: Projection | None = None

    def prepare(self) -> None:
        """Work out what does not depend on the camera, before the first answer is waited for."""
        elements = self.elements
        _ = elements.centres, elements.large, elements.normals

    def inside(self, region: Region, lens: Lens, shown: Mask, *, through: bool) -> Mask:
        """What is shown and has its centre in the region; `through` counts what is hidden behind.

        `region` is an image of the view's size.
        """
        projection, box = self._projection(lens), _around(region)
        within = box.holds(projection.pixels) & shown
        if not region[box.top:box.bottom, box.left:box.right].all():
            rows = np.flatnonzero(within)
            x, y = projection.pixels.take(rows, axis=1).astype(np.int32)
            within[rows] = region[y, x]
        if not through:
            rows = np.flatnonzero(within)
            within[rows] = seen(projection, rows, shown, box)
        return within

    def at(self, x: float, y: float, lens: Lens, shown: Mask) -> int | None:
        """The face (point) nearest to the eye at a pixel, None where there is none."""
        projection = self._projection(lens)
        if not self.elements.is_mesh:
            near = _near(projection, x, y)
            near = near[shown[near]]
            return int(near[np.argmin(projection.depth[near])]) if len(near) else None
        here = Box(int(x), int(x) + 1, int(y), int(y) + 1)
        return self._struck(projection.reaching(here, shown), x, y, lens)

    def _struck(self, faces: Int64[np.ndarray, " K"], x: float, y: float, lens: Lens) -> int | None:
        """The nearest of some faces that cover the pixel."""
        scan = self.elements.scan
        corners, depth = lens(scan.vertices[scan.faces[faces]].reshape(-1, 3).T)
        off = (corners.astype(np.float64) - ((x,), (y,))).reshape(2, -1, 3)
        a, b, c = off[..., 0], off[..., 1], off[..., 2]
        parts = np.stack((_cross(b, c), _cross(c, a), _cross(a, b)), axis=1)
        total = parts.sum(axis=1)
        covers = ((parts >= 0).all(axis=1) | (parts <= 0).all(axis=1)) & (np.abs(total) > 0)
        if not covers.any():
            return None
        weights = parts[covers] / total[covers, None]
        away = (weights * depth.reshape(-1, 3)[covers]).sum(axis=1)
        return int(faces[covers][np.argmin(away)])

    def _projection(self, lens: Lens) -> Projection:
        if self._last is None or not lens.same_as(self._last.lens):
            self._last = Projection(self.elements, lens)
        return self._last


def _near(projection: Projection, x: float, y: float) -> Int64[np.ndarray, " K"]:
    """Points that a click means."""
    across, down = projection.pixels
    column = np.flatnonzero(np.abs(across - x) <= _POINT_PIXELS)
    return column[np.abs(down[column] - y) <= _POINT_PIXELS]


def _around(region: Region) -> Box:
    """The least box that holds a region; an empty one where it is empty."""
    return Box(*_ends(np.any(region, axis=0)), *_ends(np.any(region, axis=1)))


def _ends(there: Bool[np.ndarray, " n"]) -> tuple[int, int]:
    """The first place and the one after the last; an empty range where there is none."""
    places = np.flatnonzero(there)
    return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)


def _cross(a: Float[np.ndarray, "2 K"], b: Float[np.ndarray, "2 K"]) -> Float[np.ndarray, " K"]:
    return a[0] * b[1] - a[1] * b[0]
