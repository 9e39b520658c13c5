"""What lies under the mouse: faces (points of a cloud) in a region of the view. Only numpy.

The scan is projected once per view of the camera. What hides what is told by a coarse depth image
of face centres, so that a million faces need no graphics card.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from likeness.jobs.protocol import ScanView

Mask = Bool[np.ndarray, " n"]
Region = Bool[np.ndarray, "H W"]

_COARSE = 6  # pixels of the view to a pixel of the depth image
_SLACK_M = 0.008  # how far behind the nearest surface something still counts as seen
_FLATTEST = 0.15  # the cosine below which a surface is not taken to slant further
_MARGIN = 1.1  # by which perspective may spread a face
_POINT_PIXELS = 6.0  # how near a click must come to a point


@dataclass(frozen=True, eq=False)
class Lens:
    """How the view projects: world (x, y, z, 1) to clip coordinates, the view's size, the eye."""

    clip_from_world: Float64[np.ndarray, "4 4"]
    width: int
    height: int
    eye: Float64[np.ndarray, "3"]

    def __call__(self, points: Float32[np.ndarray, "3 N"],
                 ) -> tuple[Float32[np.ndarray, "2 N"], Float32[np.ndarray, " N"]]:
        """Pixels from the upper left corner, and the depth in metres; nan behind the eye."""
        matrix = self.clip_from_world[[0, 1, 3]].astype(np.float32)
        clip = matrix[:, :3] @ points
        clip += matrix[:, 3:]
        depth = clip[2]
        depth[depth < 1e-6] = np.nan
        pixels = clip[:2]
        pixels /= depth
        pixels *= np.array(((self.width,), (-self.height,)), np.float32) / 2
        pixels += np.array(((self.width,), (self.height,)), np.float32) / 2
        return pixels, depth

    @property
    def metres(self) -> float:
        """How many metres a pixel is at a depth of one metre."""
        return 2 / (self.height * float(np.linalg.norm(self.clip_from_world[1, :3])))

    def same_as(self, other: "Lens | None") -> bool:
        """Whether both see the same."""
        return (other is not None and (self.width, self.height) == (other.width, other.height)
                and np.array_equal(self.clip_from_world, other.clip_from_world))


@dataclass(frozen=True, eq=False)
class Elements:
    """The faces of a mesh, or points of a cloud, as things with a centre, a size and a side."""

    scan: ScanView

    @property
    def is_mesh(self) -> bool:
        """Whether there are faces."""
        return len(self.scan.faces) > 0

    @cached_property
    def centres(self) -> Float32[np.ndarray, "3 n"]:
        """Middles of the faces, or the points, one row a coordinate."""
        corners = np.ascontiguousarray(self.scan.vertices.T)
        if not self.is_mesh:
            return corners
        a, b, c = (corners[:, self.scan.faces[:, k]] for k in range(3))
        return (a + b + c) / np.float32(3)

    @cached_property
    def radius(self) -> Float32[np.ndarray, " n"]:
        """How far a face reaches from its centre; nothing for points."""
        if not self.is_mesh:
            return np.zeros(len(self.scan.vertices), np.float32)
        corners = np.ascontiguousarray(self.scan.vertices.T)
        most = np.zeros(len(self.scan.faces), np.float32)
        for k in range(3):
            apart = np.square(corners[:, self.scan.faces[:, k]] - self.centres).sum(axis=0)
            np.maximum(most, apart, out=most)
        return np.sqrt(most)

    @cached_property
    def usual_radius(self) -> float:
        """Almost no face reaches farther than this; `large` are those that do."""
        return float(np.quantile(self.radius[::max(1, len(self.radius) // 100_000)], 0.99))

    @cached_property
    def large(self) -> Int64[np.ndarray, " K"]:
        """The few faces that reach farther than usual."""
        return np.flatnonzero(self.radius > self.usual_radius)

    @cached_property
    def normals(self) -> Float32[np.ndarray, "3 n"] | None:
        """Which way each face looks; None for clouds, whose normals may point either way."""
        if not self.is_mesh or self.scan.normals is None:
            return None
        return np.ascontiguousarray(self.scan.normals.T)[:, self.scan.faces[:, 0]]


class Picker:
    """Answers for one scan; remembers the projection as long as the camera stays."""

    def __init__(self, scan: ScanView) -> None:
        self.elements = Elements(scan)
        self._lens: Lens | None = None
        self._pixels = np.zeros((2, 0), np.float32)
        self._depth = np.zeros(0, np.float32)

    def prepare(self) -> None:
        """Work out what does not depend on the camera, before the first answer is waited for."""
        elements = self.elements
        _ = elements.centres, elements.large, elements.normals

    def inside(self, region: Region, lens: Lens, shown: Mask, *, through: bool) -> Mask:
        """What is shown and has its centre in the region; `through` counts what is hidden behind.

        `region` is an image of the view's size.
        """
        self._project(lens)
        low_x, high_x = _ends(np.flatnonzero(region.any(axis=0)))
        low_y, high_y = _ends(np.flatnonzero(region.any(axis=1)))
        x, y = self._pixels  # nan is in no range
        within = (x >= low_x) & (x < high_x) & (y >= low_y) & (y < high_y) & shown
        rows = np.flatnonzero(within)
        within[rows] = region[y[rows].astype(np.int64), x[rows].astype(np.int64)]
        return within if through else within & self._seen(lens, shown)

    def at(self, x: float, y: float, lens: Lens, shown: Mask) -> int | None:
        """The face (point) nearest to the eye at a pixel, None where there is none."""
        self._project(lens)
        elements = self.elements
        if not elements.is_mesh:
            near = self._near(x, y, _POINT_PIXELS)
            near = near[shown[near]]
            return int(near[np.argmin(self._depth[near])]) if len(near) else None
        closest = float(np.nanmin(self._depth, initial=np.inf))
        reach = _MARGIN * elements.usual_radius / (lens.metres * closest)
        near = np.union1d(self._near(x, y, reach), elements.large)
        return self._struck(near[shown[near]], x, y, lens)

    def _near(self, x: float, y: float, reach: float) -> Int64[np.ndarray, " K"]:
        """What has its centre so many pixels from a place."""
        across, down = self._pixels
        column = np.flatnonzero((across >= x - reach) & (across <= x + reach))
        return column[np.abs(down[column] - y) <= reach]

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

    def _project(self, lens: Lens) -> None:
        if not lens.same_as(self._lens):
            self._lens = lens
            self._pixels, self._depth = lens(self.elements.centres)

    def _seen(self, lens: Lens, shown: Mask) -> Mask:
        """What nothing hides: turned to the eye, and not far behind the nearest of its place."""
        x, y = self._pixels
        rows = np.flatnonzero((x >= 0) & (x < lens.width) & (y >= 0) & (y < lens.height) & shown)
        facing = self._facing(rows, lens)
        rows, facing = rows[facing > 0], facing[facing > 0]
        columns = lens.width // _COARSE + 1
        place = (y[rows] / _COARSE).astype(np.int32) * columns
        place += (x[rows] / _COARSE).astype(np.int32)
        depth = self._depth[rows]
        nearest = np.full(columns * (lens.height // _COARSE + 1), np.inf, np.float32)
        np.minimum.at(nearest, place, depth)
        slanted = 2 * _COARSE * lens.metres * depth / np.maximum(facing, _FLATTEST)
        slack = _SLACK_M + slanted + self.elements.radius[rows]
        seen = np.zeros(len(shown), bool)
        seen[rows] = depth <= nearest[place] + slack
        return seen

    def _facing(self, rows: Int64[np.ndarray, " K"], lens: Lens) -> Float32[np.ndarray, " K"]:
        """The cosine of the angle under which each is seen; 1 where sides are not known."""
        normals = self.elements.normals
        if normals is None:
            return np.ones(len(rows), np.float32)
        to_eye = lens.eye.astype(np.float32)[:, None] - self.elements.centres[:, rows]
        along = (to_eye * normals[:, rows]).sum(axis=0)
        return along / np.maximum(np.sqrt(np.square(to_eye).sum(axis=0)), 1e-9)


def _ends(places: Int64[np.ndarray, " n"]) -> tuple[int, int]:
    """The first place and the one after the last; an empty range where there is none."""
    return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)


def _cross(a: Float[np.ndarray, "2 K"], b: Float[np.ndarray, "2 K"]) -> Float[np.ndarray, " K"]:
    return a[0] * b[1] - a[1] * b[0]
