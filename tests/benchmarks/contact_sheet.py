"""The worst fits on one page: scan, truth, avatar and error, from the front and the side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tests.benchmarks.fit_case import CaseResult
from tests.synthetic.files import Truth
from tests.synthetic.posing import vertex_normals

if TYPE_CHECKING:
    from likeness.avatars.views import Frame, Pixels

_HEIGHT, _MARGIN_M, _CAPTION = 460, 0.05, 34
_TRUTH_COLOUR, _AVATAR_COLOUR, _SCAN_COLOUR = (178, 184, 194), (205, 178, 155), 190.0
_RED_MM = 50.0  # the error scale runs twice and a half as far as the product's


@dataclass(frozen=True)
class Case:
    """A result with the truth, where there is one, and the file of the avatar and the scan."""

    result: CaseResult
    truth: Path | None
    avatar: Path


def worst_cases(cases: Sequence[Case], count: int) -> list[Case]:
    """Those furthest from the truth; of what is no person, what was taken for one."""
    drawn = [case for case in cases if case.avatar.is_file()
             and (case.result.score is not None or not case.result.right)]
    return sorted(drawn, key=_badness, reverse=True)[:count]


def _badness(case: Case) -> float:
    if case.result.score is not None:
        return case.result.score.v2v_mm
    return 2.0 if case.result.verdict == "good" else 1.0


def write_sheet(cases: Sequence[Case], faces: np.ndarray, path: Path) -> None:
    """A row a case, worst first; PNG."""
    rows = [_row(case, faces) for case in cases]
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height for row in rows)), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _row(case: Case, faces: np.ndarray) -> Image.Image:
    with np.load(case.avatar, allow_pickle=False) as file:
        avatar, scan = file["vertices"], file["scan"]
    if case.truth is None:
        tiles = _tiles(None, avatar, scan, faces)
    else:
        truth = Truth.read(case.truth)
        upright = _upright(truth)
        skin = faces[~truth.interior[faces].any(axis=1)]
        tiles = _tiles(truth.vertices @ upright.T, avatar @ upright.T, scan @ upright.T, skin)
    image = Image.fromarray(np.concatenate(tiles, axis=1))
    caption, font = _caption(case.result), ImageFont.load_default(17)
    width = max(image.width, round(font.getlength(caption)) + 16)
    row = Image.new("RGB", (width, image.height + _CAPTION), "white")
    row.paste(image, (0, _CAPTION))
    ImageDraw.Draw(row).text((8, 8), caption, "black", font)
    return row


def _tiles(true: np.ndarray | None, avatar: np.ndarray, scan: np.ndarray, faces: np.ndarray,
           ) -> list[np.ndarray]:
    from likeness.avatars.heat import MOST_MM, heat_colours

    plain = np.ones((len(avatar), 1))
    near = np.percentile(scan, (0.5, 99.5), axis=0)  # stray points would make the person small
    framed = np.vstack([avatar, near] if true is None else [true, avatar, near])
    frame = _frame(framed)
    tiles = _cloud(scan, frame)
    if true is not None:
        tiles += _views(true, faces, plain * _TRUTH_COLOUR, frame)
    tiles += _views(avatar, faces, plain * _AVATAR_COLOUR, frame)
    if true is not None:
        errors = 1000 * np.linalg.norm(avatar - true, axis=1)
        tiles += _views(avatar, faces, heat_colours(errors * MOST_MM / _RED_MM), frame)
    return tiles


def _caption(result: CaseResult) -> str:
    score = result.score
    if score is None:
        return "   ".join((result.name, result.verdict, "scan | avatar", *result.reasons))
    doubts = [f"swapped {each}" for each in score.swapped] + [f"lost {each}" for each in score.lost]
    return "   ".join((result.name, f"v2v {score.v2v_mm:.1f} mm, p95 {score.p95_mm:.1f}",
                       f"turned {score.turned_degrees:.0f} degrees", result.verdict, *doubts,
                       f"scan | truth | avatar | error, red at {_RED_MM:.0f} mm"))


def _upright(truth: Truth) -> np.ndarray:
    """Rotation to y up, facing +z."""
    forward = truth.facing - (truth.facing @ truth.up) * truth.up
    forward /= np.linalg.norm(forward)
    return np.stack((np.cross(truth.up, forward), truth.up, forward))


def _frame(framed: np.ndarray) -> "Frame":
    from likeness.avatars.views import Frame

    low, high = framed.min(axis=0).astype(np.float64), framed.max(axis=0).astype(np.float64)
    low, high = low - _MARGIN_M, high + _MARGIN_M
    return Frame(low, high, _HEIGHT / max(high - low))


def _views(vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray, frame: "Frame",
           ) -> list[np.ndarray]:
    from likeness.avatars.views import VIEWS, SurfaceViews

    surface = SurfaceViews(vertices.astype(np.float32), faces,
                           vertex_normals(vertices, faces).astype(np.float32))
    tiles = []
    for view in VIEWS[:2]:
        pixels = surface.seen(view, frame)
        assert pixels.face is not None
        assert pixels.bary is not None
        weights = np.column_stack((1 - pixels.bary.sum(axis=1), pixels.bary))
        colour = np.einsum("qk,qkc->qc", weights, colours[faces[pixels.face]])
        tiles.append(_on_white(pixels, colour))
    return tiles


def _cloud(points: np.ndarray, frame: "Frame") -> list[np.ndarray]:
    from likeness.avatars.views import VIEWS, CloudViews

    cloud = CloudViews(points.astype(np.float32))
    pixels = [cloud.seen(view, frame) for view in VIEWS[:2]]
    return [_on_white(each, np.full((int(each.seen.sum()), 3), _SCAN_COLOUR)) for each in pixels]


def _on_white(pixels: "Pixels", colour: np.ndarray) -> np.ndarray:
    from likeness.avatars.views import shaded

    tile = shaded(pixels, colour.astype(np.float32))
    return np.clip(tile[..., :3] + 255 - tile[..., 3:], 0, 255).astype(np.uint8)
