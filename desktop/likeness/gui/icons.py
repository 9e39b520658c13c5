"""Icons drawn in one colour, tinted to fit the theme."""

import hashlib
import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from likeness.core.paths import resource

_INK = "#000"


def icon(name: str, colour: str, size: int = 20) -> QIcon:
    """The icon of that name in `resources/icons`, in a colour like "#1565a8"."""
    return QIcon(pixmap(name, colour, size))


def pixmap(name: str, colour: str, size: int) -> QPixmap:
    """The icon as pixels, drawn at twice its size for sharp screens."""
    drawn = QPixmap(2 * size, 2 * size)
    drawn.setDevicePixelRatio(2.0)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(_tinted(name, colour).encode())).render(
        painter, QRectF(0, 0, size, size))
    painter.end()
    return drawn


def tinted_file(name: str, colour: str) -> str:
    """The tinted icon as a file, with forward slashes: style sheets take nothing else."""
    folder = Path(_own_folder().name)
    file = folder / f"{name}-{hashlib.sha256(colour.encode()).hexdigest()[:8]}.svg"
    file.write_text(_tinted(name, colour), encoding="utf-8")
    return file.as_posix()


def _tinted(name: str, colour: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace(f'"{_INK}"',
                                                                            f'"{colour}"')


@cache
def _own_folder() -> "tempfile.TemporaryDirectory[str]":
    """Removed when the program ends."""
    return tempfile.TemporaryDirectory(prefix="likeness-icons-")
