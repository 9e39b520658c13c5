"""The worst fits on one page: truth, avatar and error, each from the front and the side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tests.benchmarks.fit_case import CaseResult
from tests.synthetic.files import Truth
from tests.synthetic.posing import vertex_normals

_HEIGHT, _MARGIN_M, _CAPTION = 460, 0.05, 34
_TRUTH_COLOUR, _AVATAR_COLOUR = (178, 184, 194), (205, 178, 155)
_RED_MM = 50.0  # the error scale runs twice and a half as far as the product's


@dataclass(frozen=True)
class Case:
    """A result with the truth and the avatar it is about."""

    result: CaseResult
    truth: Path
    avatar: Path


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
    from likeness.avatars.heat import MOST_MM, heat_colours

    truth = Truth.read(case.truth)
    facing = _upright(truth)
    true, avatar = truth.vertices @ facing.T, np.load(case.avatar) @ facing.T
    skin = faces[~truth.interior[faces].any(axis=1)]
    errors = 1000 * np.linalg.norm(avatar - true, axis=1)
    plain = np.ones((len(true), 1))
    tiles = [tile for vertices, colours in (
        (true, plain * _TRUTH_COLOUR), (avatar, plain * _AVATAR_COLOUR),
        (avatar, heat_colours(errors * MOST_MM / _RED_MM)))
        for tile in _views(vertices, skin, colours, np.vstack((true, avatar)))]
    image = Image.fromarray(np.concatenate(tiles, axis=1))
    caption, font = _caption(case.result), ImageFont.load_default(17)
    width = max(image.width, round(font.getlength(caption)) + 16)
    row = Image.new("RGB", (width, image.height + _CAPTION), "white")
    row.paste(image, (0, _CAPTION))
    ImageDraw.Draw(row).text((8, 8), caption, "black", font)
    return row


def _caption(result: CaseResult) -> str:
    score = result.score
    assert score is not None
    doubts = [f"swapped {each}" for each in score.swapped] + [f"lost {each}" for each in score.lost]
    return "   ".join((result.name, f"v2v {score.v2v_mm:.1f} mm, p95 {score.p95_mm:.1f}",
                       f"turned {score.turned_degrees:.0f} degrees", result.verdict, *doubts,
                       f"truth | avatar | error, red at {_RED_MM:.0f} mm"))


def _upright(truth: Truth) -> np.ndarray:
    """Rotation to y up, facing +z."""
    forward = truth.facing - (truth.facing @ truth.up) * truth.up
    forward /= np.linalg.norm(forward)
    return np.stack((np.cross(truth.up, forward), truth.up, forward))


def _views(vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray,
           framed: np.ndarray) -> list[np.ndarray]:
    from likeness.avatars.views import VIEWS, Frame, SurfaceViews, shaded

    low = framed.min(axis=0).astype(np.float64) - _MARGIN_M
    high = framed.max(axis=0).astype(np.float64) + _MARGIN_M
    frame = Frame(low, high, _HEIGHT / (high[1] - low[1]))
    surface = SurfaceViews(vertices.astype(np.float32), faces,
                           vertex_normals(vertices, faces).astype(np.float32))
    tiles = []
    for view in VIEWS[:2]:
        pixels = surface.seen(view, frame)
        assert pixels.face is not None
        assert pixels.bary is not None
        weights = np.column_stack((1 - pixels.bary.sum(axis=1), pixels.bary))
        colour = np.einsum("qk,qkc->qc", weights, colours[faces[pixels.face]])
        tile = shaded(pixels, colour.astype(np.float32))
        tiles.append(np.clip(tile[..., :3] + 255 - tile[..., 3:], 0, 255).astype(np.uint8))
    return tiles
