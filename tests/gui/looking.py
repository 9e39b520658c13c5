"""What a person does besides clicking: waits, and looks at the screen."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from likeness.gui.main_window import MainWindow

# Far above what anything here takes, so that a hang fails instead of hanging the suite.
PATIENCE_MS = 120_000

Pixels = np.ndarray


def wait_until(reached: Callable[[], bool]) -> None:
    """Let the window live until something has come true."""
    clock = QElapsedTimer()
    clock.start()
    while not reached():
        assert clock.elapsed() < PATIENCE_MS, "never reached"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def settle(window: MainWindow) -> None:
    """Wait until nothing is under way."""
    wait_until(lambda: window.document.busy is None)


def seen(window: MainWindow) -> Pixels:
    """What the screen shows where the viewport is, as (H, W, 3) of 0..255."""
    viewport = window.stage.viewport
    assert viewport is not None
    corner = viewport.mapTo(window, viewport.rect().topLeft())
    shot = QGuiApplication.primaryScreen().grabWindow(
        window.winId(), corner.x(), corner.y(), viewport.width(), viewport.height())
    image = shot.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, :3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def grey(pixels: Pixels) -> float:
    """The share of pixels that can only be the scan: neutral, and darker than the background."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return float(((spread < 8) & (pixels.max(axis=2) < 190)).mean())


def blue(pixels: Pixels) -> float:
    """The share of pixels that can only be the avatar."""
    return float((pixels[..., 2] - pixels[..., 0] > 60).mean())


def red(pixels: Pixels) -> float:
    """The share of pixels that can only be the far end of the heat map."""
    return float((pixels[..., 0] - pixels[..., 2] > 60).mean())
