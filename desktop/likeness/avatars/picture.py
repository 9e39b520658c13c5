"""The picture of a fit, report.png: scan, avatar and distances from three sides."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, Float64, Int
from PIL import Image as Pillow

from likeness.avatars.avatar import Avatar
from likeness.avatars.colours import colours_on_faces, corner_mix, has_colours, sampled
from likeness.avatars.fitted import Fitted, fit_from_scan, moved
from likeness.avatars.heat import heat_colours
from likeness.avatars.page import Page, Panel
from likeness.avatars.surface import skin_mask, vertex_normals
from likeness.avatars.views import (
    VIEWS,
    CloudViews,
    Frame,
    Pixels,
    SurfaceViews,
    shaded,
)
from likeness.core.cells import cells
from likeness.core.triangles import lengths
from likeness.scans.flaws.coarse import INSPECTED_FACES, light
from likeness.scans.normals import with_normals
from likeness.scans.rays import ray_scene
from likeness.scans.scan import Scan

_SCAN_COLOUR = (178, 184, 194)
_AVATAR_COLOUR = (205, 178, 155)
# The tallest and widest that the nine views together may be, in pixels.
_HEIGHT, _WIDTH = 620, 2300
# How far around the avatar the scan is still shown, in metres.
_MARGIN = 0.25
# Below this confidence the scan is silent.
_SILENT = 0.05
# At the picture's scale more triangles than these cannot be told apart, nor what is so close.
_DRAWN_FACES, _CELL_M = 160_000, 0.008
_ONE_SIDED = 0.3  # length of the mean normal; noise leaves 0.7
_SAMPLE = 100_000  # vertices that tell how far the scan reaches

Tile = Float32[np.ndarray, "_ _ 4"]


def write_picture(scan: Scan, fit: Fitted, avatar: Avatar, path: Path) -> None:
    """Draw the report without a display; the same fit gives the same pixels."""
    Pillow.fromarray(draw_picture(scan, fit, avatar)).save(path, "PNG", compress_level=3)


def draw_picture(scan: Scan, fit: Fitted, avatar: Avatar) -> np.ndarray:
    """The report as RGB pixels."""
    shown, turn = light(scan, INSPECTED_FACES), fit_from_scan(scan, fit)
    some = shown.vertices[:: max(1, len(shown.vertices) // _SAMPLE)]
    frame = _framed(moved(some, turn), avatar)
    with ThreadPoolExecutor(1) as beside:
        on_avatar = beside.submit(_avatar_tiles, fit, avatar, frame)
        scan_tiles = _scan_tiles(shown, turn, frame)
        avatar_tiles, heat_tiles = on_avatar.result()
    size = f"{len(scan.faces):,} triangles" if scan.is_mesh else f"{len(scan.vertices):,} points"
    panels = (Panel("Scan", scan_tiles, f"{size}, {scan.height_m:.2f} m tall"),
              Panel("Avatar", avatar_tiles, f"body: {avatar.body}"),
              Panel("Distance to the scan", heat_tiles, legend=True))
    return Page(Path(scan.source.path).name, fit, panels).drawn()


def _framed(points: Float32[np.ndarray, "N 3"], avatar: Avatar) -> Frame:
    """The avatar with the scan near it; stray points and other people do not shrink the picture."""
    body = avatar.vertices[~avatar.interior]
    low, high = body.min(axis=0), body.max(axis=0)
    ends = np.percentile(points, (0.2, 99.8), axis=0)
    low = np.clip(ends[0], low - _MARGIN, low).astype(np.float64) - 0.02
    high = np.clip(ends[1], high, high + _MARGIN).astype(np.float64) + 0.02
    size = high - low
    width = 3 * (2 * size[0] + size[2])
    return Frame(low, high, float(min(_HEIGHT / size[1], _WIDTH / width)))


def _scan_tiles(scan: Scan, turn: Float64[np.ndarray, "4 4"], frame: Frame) -> list[Tile]:
    if not scan.is_mesh:
        cloud = CloudViews(moved(scan.vertices, turn))
        return _tiles(cloud, frame, lambda pixels: _point_colours(scan, pixels))
    views = SurfaceViews(scan.vertices, scan.faces, smoothed_normals(scan), scene=ray_scene(scan),
                         turn=turn)
    if has_colours(scan):
        return _tiles(views, frame, lambda pixels: _face_colours(scan, pixels))
    return _tiles(views, frame, lambda pixels: _plain(_SCAN_COLOUR, pixels))


def smoothed_normals(scan: Scan) -> Float32[np.ndarray, "N 3"]:
    """Vertex normals; of vertices too close to tell apart in the picture, the mean around them.

    Over two grids, half a cell apart, so that no cell shows. Where two sides in one cell cancel, as
    at a hem, each keeps its own. Either way along its line: light comes from the eye.
    """
    normals = with_normals(scan).normals
    assert normals is not None
    if len(scan.faces) < _DRAWN_FACES:
        return normals
    mean = np.zeros_like(normals)
    for shift in (0.0, 0.5):
        count, cell = cells(scan.vertices, _CELL_M, shift)
        held = 2.0 * np.bincount(cell, minlength=count)
        sums = [np.bincount(cell, each, count) / held for each in normals.T]
        mean += np.stack(sums, axis=1, dtype=np.float32)[cell]
    length = lengths(mean)
    own = length < _ONE_SIDED
    mean /= np.maximum(length, np.float32(1e-12))[:, None]
    mean[own] = normals[own]
    return mean


def _tiles(views: SurfaceViews | CloudViews, frame: Frame,
           colour: Callable[[Pixels], Float[np.ndarray, "Q 3"]]) -> list[Tile]:
    seen = [views.seen(view, frame) for view in VIEWS]
    return [shaded(pixels, colour(pixels)) for pixels in seen]


def _point_colours(scan: Scan, pixels: Pixels) -> Float32[np.ndarray, "Q 3"]:
    assert pixels.point is not None
    if scan.colors is None:
        return _plain(_SCAN_COLOUR, pixels)
    return scan.colors[pixels.point].astype(np.float32)


def _face_colours(scan: Scan, pixels: Pixels) -> Float32[np.ndarray, "Q 3"]:
    assert pixels.face is not None
    assert pixels.bary is not None
    return colours_on_faces(scan, pixels.face, pixels.bary)


def _plain(colour: tuple[int, int, int], pixels: Pixels) -> Float32[np.ndarray, "Q 3"]:
    return np.tile(np.asarray(colour, np.float32), (len(pixels.normals), 1))


def _avatar_tiles(fit: Fitted, avatar: Avatar, frame: Frame) -> tuple[list[Tile], list[Tile]]:
    skin = _Skin(avatar, fit)
    views = SurfaceViews(avatar.vertices, skin.faces, vertex_normals(avatar.vertices, skin.faces))
    seen = [views.seen(view, frame) for view in VIEWS]
    return ([shaded(pixels, skin.colours(pixels)) for pixels in seen],
            [shaded(pixels, skin.heat(pixels)) for pixels in seen])


@dataclass(frozen=True, eq=False)
class _Skin:
    """What the avatar's outer surface looks like."""

    avatar: Avatar
    fit: Fitted

    @property
    def faces(self) -> Int[np.ndarray, "S 3"]:
        return self.avatar.faces[skin_mask(self.avatar)]

    def colours(self, pixels: Pixels) -> Float32[np.ndarray, "Q 3"]:
        """The texture, or one colour."""
        avatar = self.avatar
        assert pixels.face is not None
        assert pixels.bary is not None
        if avatar.texture is None or avatar.uv is None or avatar.uv_faces is None:
            return _plain(_AVATAR_COLOUR, pixels)
        uv_faces = avatar.uv_faces[skin_mask(avatar)]
        return sampled(avatar.texture, corner_mix(avatar.uv, uv_faces, pixels.face, pixels.bary))

    def heat(self, pixels: Pixels) -> Float32[np.ndarray, "Q 3"]:
        """The distance to the scan; grey where the scan is silent."""
        assert pixels.face is not None
        assert pixels.bary is not None
        colours = heat_colours(np.where(self.fit.confidence < _SILENT, np.nan,
                                        self.fit.surface_mm))
        return corner_mix(colours, self.faces, pixels.face, pixels.bary)
