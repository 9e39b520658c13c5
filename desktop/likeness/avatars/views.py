"""Orthographic views of a surface or a cloud of points, drawn without a display or a GPU."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int
from scipy.ndimage import binary_erosion, gaussian_filter, grey_closing

from likeness.avatars.colours import corner_mix
from likeness.core.nearest import PointTree
from likeness.scans.rays import scene_of

# Rays per pixel along each axis: edges come out smooth.
SUPERSAMPLING = 2


@dataclass(frozen=True)
class View:
    """A direction to look from: `toward` points from the person to the eye, y is up."""

    name: str
    toward: tuple[float, float, float]

    @property
    def right(self) -> Float[np.ndarray, "3"]:
        """The direction that runs to the right in the picture."""
        return np.cross((0.0, 1.0, 0.0), self.toward)

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """Right, up, and towards the eye."""
        return np.stack((self.right, (0.0, 1.0, 0.0), self.toward))


VIEWS = (View("front", (0.0, 0.0, 1.0)), View("side", (1.0, 0.0, 0.0)),
         View("back", (0.0, 0.0, -1.0)))


@dataclass(frozen=True, eq=False)
class Frame:
    """The box of the world that views show, in metres, and pixels per metre."""

    low: Float[np.ndarray, "3"]
    high: Float[np.ndarray, "3"]
    scale: float

    def extent(self, view: View) -> tuple[float, float]:
        """The box's least and greatest coordinate along the view's right."""
        ends = sorted((float(self.low @ view.right), float(self.high @ view.right)))
        return ends[0], ends[1]

    def size(self, view: View) -> tuple[int, int]:
        """Height and width of the view in pixels."""
        left, right = self.extent(view)
        height = round((self.high[1] - self.low[1]) * self.scale)
        return max(1, height), max(1, round((right - left) * self.scale))


@dataclass(frozen=True, eq=False)
class Pixels:
    """What a view sees, at `SUPERSAMPLING`: which samples meet something, and which way it faces.

    `normals` point to the eye and are in eye coordinates: right, up, toward. For surfaces `face`
    and `bary` say where, for clouds `point` says which.
    """

    seen: Bool[np.ndarray, "H W"]
    normals: Float32[np.ndarray, "Q 3"]
    face: Int[np.ndarray, " Q"] | None = None
    bary: Float32[np.ndarray, "Q 2"] | None = None
    point: Int[np.ndarray, " Q"] | None = None


class SurfaceViews:
    """Casts rays at a triangle mesh; smooth where vertex normals are given, flat otherwise.

    `scene` is the mesh's tree where there is one; `turn` takes the mesh to the frame's world.
    """

    def __init__(self, vertices: Float32[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
                 normals: Float32[np.ndarray, "V 3"] | None = None, *, scene: Any = None,
                 turn: Float64[np.ndarray, "4 4"] | None = None) -> None:
        self._faces, self._normals = faces, normals
        self._scene = scene_of(vertices, faces) if scene is None else scene
        self._turn = np.eye(4) if turn is None else turn

    def seen(self, view: View, frame: Frame) -> Pixels:
        """Look at the mesh once."""
        import open3d.core

        # The eye moves instead of the mesh, whose tree stays as it is.
        axes = view.axes @ self._turn[:3, :3]
        rays = _rays(view, frame, axes, -self._turn[:3, 3] @ self._turn[:3, :3])
        hits = self._scene.cast_rays(open3d.core.Tensor(rays))
        seen = np.isfinite(hits["t_hit"].numpy())
        where = np.flatnonzero(seen)
        face = hits["primitive_ids"].numpy().ravel()[where].astype(np.int64)
        bary = hits["primitive_uvs"].numpy().reshape(-1, 2)[where]
        if self._normals is None:
            normals = hits["primitive_normals"].numpy().reshape(-1, 3)[where]
        else:
            normals = corner_mix(self._normals, self._faces, face, bary)
        return Pixels(seen, _facing_eye(normals, axes), face=face, bary=bary)


class CloudViews:
    """Draws every point as a small square, nearest first, and shades by the relief they form."""

    # More points than this only cover each other.
    MOST = 400_000

    def __init__(self, points: Float32[np.ndarray, "N 3"]) -> None:
        step = max(1, -(-len(points) // self.MOST))
        self._index = np.arange(0, len(points), step)
        self._points = points[self._index].astype(np.float64)
        sample = self._points[:: max(1, len(self._points) // 2000)]
        # Squares that reach the fourth neighbour leave about one gap in two hundred pixels.
        near = PointTree(self._points).nearest(sample, 5)[0][:, -1]
        self._spacing = float(np.percentile(near, 80))

    def seen(self, view: View, frame: Frame) -> Pixels:
        """Look at the points once."""
        height, width = (n * SUPERSAMPLING for n in frame.size(view))
        scale = frame.scale * SUPERSAMPLING
        column = (self._points @ view.right - frame.extent(view)[0]) * scale
        row = (frame.high[1] - self._points[:, 1]) * scale
        depth = self._points @ np.asarray(view.toward, np.float64)
        # Painted from far to near: the last write to a pixel is the nearest point.
        order = np.argsort(depth, kind="stable")
        image = np.full((height, width), -1)
        reach = self._reach(scale)
        column, row = np.floor(column[order]).astype(int), np.floor(row[order]).astype(int)
        layers = np.full((height, width), -1)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                inside = ((row + dy >= 0) & (row + dy < height)
                          & (column + dx >= 0) & (column + dx < width))
                places = np.flatnonzero(inside)
                layers[...] = -1
                layers[row[places] + dy, column[places] + dx] = places
                np.maximum(image, layers, out=image)
        # Squares close the surface but also widen its outline: what they added there goes again.
        seen = binary_erosion(image >= 0, np.ones((2 * reach - 1,) * 2))
        point = order[image[seen]]
        relief = np.full(seen.shape, depth.min() * scale)
        relief[seen] = depth[point] * scale
        # The far side, seen through a gap, is no dent.
        relief = grey_closing(relief, size=(2 * reach + 1,) * 2)
        return Pixels(seen, _relief_normals(relief, seen), point=self._index[point])

    def _reach(self, scale: float) -> int:
        """Half the side of a square, so that neighbouring points close the surface."""
        return int(np.clip(np.ceil(self._spacing * scale), 1, 10))


def _rays(view: View, frame: Frame, axes: Float[np.ndarray, "3 3"],
          origin: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "H W 6"]:
    """One for each sample, with the view's axes and the world's origin where the mesh has them."""
    height, width = (n * SUPERSAMPLING for n in frame.size(view))
    scale = frame.scale * SUPERSAMPLING
    across = frame.extent(view)[0] + (np.arange(width) + 0.5) / scale
    up = frame.high[1] - (np.arange(height) + 0.5) / scale
    # From outside everything the scan may hold, not only the framed box.
    begin = origin + axes[2] * 1e2
    rays = np.empty((height, width, 6), np.float32)
    rays[..., :3] = across[None, :, None] * axes[0] + (up[:, None] * axes[1] + begin)[:, None]
    rays[..., 3:] = -axes[2]
    return rays


def _facing_eye(normals: Float32[np.ndarray, "Q 3"], axes: Float[np.ndarray, "3 3"],
                ) -> Float32[np.ndarray, "Q 3"]:
    turned = normals @ axes.T.astype(np.float32)
    turned[turned[:, 2] < 0] *= -1
    return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)


def _relief_normals(
    relief: Float[np.ndarray, "H W"], seen: Bool[np.ndarray, "H W"]
) -> Float32[np.ndarray, "Q 3"]:
    """Normals of a depth map in pixels, smoothed over the samples that see something."""
    weight = gaussian_filter(seen.astype(np.float64), 4.0)
    smooth = gaussian_filter(np.where(seen, relief, 0.0), 4.0) / np.maximum(weight, 1e-6)
    down, across = np.gradient(smooth)
    normals = np.stack((-across[seen], down[seen], np.ones(int(seen.sum()))), axis=1)
    return (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)


def shaded(
    pixels: Pixels, colours: Float[np.ndarray, "Q 3"]
) -> Float32[np.ndarray, "_ _ 4"]:
    """RGBA 0..255, colours premultiplied by coverage, at the frame's own resolution."""
    height, width = (side // SUPERSAMPLING for side in pixels.seen.shape)
    row, column = np.divmod(np.flatnonzero(pixels.seen), pixels.seen.shape[1])
    pixel = row // SUPERSAMPLING * width + column // SUPERSAMPLING
    lit = np.clip(colours * _light(pixels.normals)[:, None], 0, 255)
    sums = [np.bincount(pixel, each, height * width) for each in lit.T]
    covered = 255.0 * np.bincount(pixel, minlength=height * width)
    image = np.stack((*sums, covered), axis=1, dtype=np.float32) / np.float32(SUPERSAMPLING**2)
    return image.reshape(height, width, 4)


def _light(normals: Float32[np.ndarray, "Q 3"]) -> Float32[np.ndarray, " Q"]:
    """A key light from the upper left, a fill from the right, and a darker rim."""
    key = np.asarray((-0.45, 0.55, 0.70), np.float32)
    fill = np.asarray((0.75, 0.10, 0.65), np.float32)
    lit = 0.62 * np.maximum(normals @ key, 0) + 0.22 * np.maximum(normals @ fill, 0)
    sky = 0.10 * (0.5 + 0.5 * normals[:, 1])
    return (0.26 + lit + sky) * (0.72 + 0.28 * normals[:, 2])
