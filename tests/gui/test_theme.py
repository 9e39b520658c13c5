"""Words can be read in light and dark, and both name the same colours."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from likeness.core.paths import resource
from likeness.gui.icons import pixmap
from likeness.gui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def contrast(first: str, second: str) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""
    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_can_be_read(name: str):
    colours = json.loads(resource(f"theme/{name}.json").read_text())
    for ink, paper in (("text", "window"), ("text", "surface"), ("soft", "surface"),
                       ("soft", "window"), ("on_accent", "accent"), ("good", "good_soft"),
                       ("check", "check_soft"), ("poor", "poor_soft"), ("text", "field")):
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)


def test_light_and_dark_name_the_same_colours_and_the_style_no_others():
    light, dark = (json.loads(resource(f"theme/{name}.json").read_text())
                   for name in ("light", "dark"))
    assert light.keys() == dark.keys()
    style = resource("theme/likeness.qss").read_text()
    assert set(re.findall(r"\$(\w+)", style)) <= {*light, "chevron", "tick"}


def test_the_theme_changes_while_the_window_is_open(theme: Theme, qapp: QApplication):
    changes: list[None] = []
    theme.changed.connect(lambda: changes.append(None))
    theme.want("dark")
    assert theme.dark
    assert qapp.palette().window().color() == theme.colour("window")
    assert changes
    theme.want("light")
    assert not theme.dark


@pytest.mark.parametrize("file", sorted(resource("icons").glob("*.svg")), ids=lambda f: f.stem)
def test_every_icon_draws_something(file: Path, qapp: object):
    image = pixmap(file.stem, "#c02020", 24).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128
                for x in range(image.width()) for y in range(image.height()))
    assert drawn > 40
