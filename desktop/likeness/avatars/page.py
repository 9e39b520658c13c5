"""The page of report.png: title, verdict in words, three panels of views, a legend in mm."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from likeness.avatars.fitted import Fitted
from likeness.avatars.heat import MOST_MM, SILENT, heat_colours
from likeness.avatars.views import VIEWS

_PAPER, _CARD, _EDGE = (242, 243, 245), (255, 255, 255), (222, 225, 230)
_INK, _SOFT, _GROUND = (32, 36, 44), (104, 112, 124), (200, 205, 212)
_VERDICTS = {"good": ("Good", (38, 132, 84)), "check": ("Check", (190, 122, 16)),
             "poor": ("Poor", (190, 48, 48))}
_MARGIN, _GAP, _PADDING, _VIEW_GAP = 40, 24, 26, 22
_TITLE_HEIGHT, _LEGEND_HEIGHT, _LINE = 58, 62, 30
_NARROWEST = 1180


@dataclass(frozen=True, eq=False)
class Panel:
    """A card with the three views of one thing; RGBA tiles, premultiplied."""

    title: str
    tiles: list[Float32[np.ndarray, "_ _ 4"]]
    caption: str = ""
    legend: bool = False

    @property
    def width(self) -> int:
        """With padding, without the gap to the next."""
        return (sum(tile.shape[1] for tile in self.tiles) + _VIEW_GAP * (len(self.tiles) - 1)
                + 2 * _PADDING)


class Page:
    """Lays the panels out under the verdict."""

    def __init__(self, title: str, fit: Fitted, panels: tuple[Panel, ...]) -> None:
        self._title, self._fit, self._panels = title, fit, panels
        content = sum(panel.width for panel in panels) + _GAP * (len(panels) - 1)
        self._slack = max(0, _NARROWEST - content) // len(panels)
        self._width = content + self._slack * len(panels) + 2 * _MARGIN
        self._lines = self._wrapped()
        self._top = _MARGIN + 64 + _LINE * len(self._lines) + 22
        tallest = max(tile.shape[0] for panel in panels for tile in panel.tiles)
        self._card_height = _TITLE_HEIGHT + tallest + 44 + _LEGEND_HEIGHT
        self._image = Pillow.new("RGB", (self._width, self._top + self._card_height + _MARGIN),
                                 _PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def drawn(self) -> UInt8[np.ndarray, "H W 3"]:
        """The page as pixels."""
        self._heading()
        left = _MARGIN
        for panel in self._panels:
            self._card(panel, left)
            left += panel.width + self._slack + _GAP
        return np.array(self._image)

    def _heading(self) -> None:
        word, colour = _VERDICTS.get(self._fit.verdict.level, (self._fit.verdict.level, _SOFT))
        font = _font(26)
        width = round(font.getlength(word)) + 40
        self._draw.rounded_rectangle((_MARGIN, _MARGIN, _MARGIN + width, _MARGIN + 44), 22, colour)
        self._draw.text((_MARGIN + width / 2, _MARGIN + 22), word, "white", font, anchor="mm")
        self._draw.text((_MARGIN + width + 18, _MARGIN + 22), self._title, _INK, _font(30),
                        anchor="lm")
        for number, (text, ink) in enumerate(self._lines):
            self._draw.text((_MARGIN, _MARGIN + 64 + _LINE * number), text, ink, _font(20))

    def _wrapped(self) -> list[tuple[str, tuple[int, int, int]]]:
        """Reasons, then numbers, cut to the width of the page."""
        room = self._width - 2 * _MARGIN
        lines = [(line, _INK) for reason in self._fit.verdict.reasons
                 for line in _fitting(reason, room)]
        return lines + [(line, _SOFT) for line in _fitting(distances_in_words(self._fit), room)]

    def _card(self, panel: Panel, left: int) -> None:
        right, bottom = left + panel.width + self._slack, self._top + self._card_height
        self._draw.rounded_rectangle((left, self._top, right, bottom), 14, _CARD, _EDGE)
        self._draw.text((left + _PADDING, self._top + 18), panel.title, _INK, _font(24))
        x = left + _PADDING + self._slack // 2
        ground = self._top + _TITLE_HEIGHT + panel.tiles[0].shape[0]
        self._draw.line((left + _PADDING, ground - 2, right - _PADDING, ground - 2), _GROUND, 2)
        for view, tile in zip(VIEWS, panel.tiles, strict=True):
            self._paste(tile, x, ground - tile.shape[0])
            self._draw.text((x + tile.shape[1] / 2, ground + 24), view.name, _SOFT, _font(18),
                            anchor="mm")
            x += tile.shape[1] + _VIEW_GAP
        self._draw.text((left + _PADDING, ground + 62), panel.caption, _SOFT, _font(18),
                        anchor="lm")
        if panel.legend:
            self._legend(left + _PADDING, right - _PADDING, ground + 52)

    def _paste(self, tile: Float32[np.ndarray, "_ _ 4"], x: int, y: int) -> None:
        height, width = tile.shape[:2]
        under = np.asarray(self._image.crop((x, y, x + width, y + height)), np.float32)
        over = tile[..., :3] + under * (1 - tile[..., 3:] / 255)
        pixels = np.clip(np.round(over), 0, 255).astype(np.uint8)
        self._image.paste(Pillow.fromarray(pixels), (x, y))

    def _legend(self, left: int, right: int, top: int) -> None:
        """A bar from 0 to the most, ticks every 5 mm, and what grey means."""
        font = _font(16)
        silent_width = round(font.getlength("no scan here")) + 30
        bar = max(120, right - left - silent_width - 60)
        strip = heat_colours(np.linspace(0, MOST_MM, bar))[None].repeat(16, axis=0)
        self._image.paste(Pillow.fromarray(strip.round().astype(np.uint8)), (left, top))
        for tick in range(0, round(MOST_MM) + 1, 5):
            x = left + bar * tick / MOST_MM
            text = f"over {tick} mm" if tick == MOST_MM else f"{tick}"
            anchor = "la" if tick == 0 else "ma"
            self._draw.text((x, top + 22), text, _SOFT, font, anchor=anchor)
        start = right - silent_width + 8
        self._draw.rectangle((start, top, start + 16, top + 15), SILENT)
        self._draw.text((start + 24, top + 8), "no scan here", _SOFT, font, anchor="lm")


def distances_in_words(fit: Fitted) -> str:
    """Both directions and the coverage as one sentence."""
    to_avatar, to_scan = fit.distances.scan_to_avatar, fit.distances.avatar_to_scan
    return (f"Scan to avatar: median {to_avatar.median:.1f} mm, 95 % within {to_avatar.p95:.1f} mm."
            f"   Avatar to scan: median {to_scan.median:.1f} mm, 95 % within {to_scan.p95:.1f} mm."
            f"   The scan covers {100 * fit.distances.coverage:.0f} % of the body.")


def _fitting(text: str, room: int) -> list[str]:
    """The text in lines no longer than `room` pixels."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and _font(20).getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _font(size: int) -> ImageFont.FreeTypeFont:
    """The font that Pillow carries, so that every machine draws the same letters."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
