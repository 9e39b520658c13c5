"""Progress in a terminal: one bar where somebody watches, plain stage lines where nobody does."""

import time
from typing import Protocol, runtime_checkable

from likeness.jobs.forecast import FITTING, READING, WORDS, WRITING, Forecast

_BAR = 24
# Between two redraws: smooth to the eye, nothing to the job.
_REDRAW_EVERY_S = 0.1


@runtime_checkable
class Screen(Protocol):
    """What of a text stream is needed here."""

    def write(self, text: str, /) -> object:
        """Take some text."""

    def flush(self) -> None:
        """Show what was taken."""

    def isatty(self) -> bool:
        """Whether a person watches."""


class Terminal:
    """The progress of one scan after another, on a stream that shows no results (stderr)."""

    def __init__(self, stream: Screen, title: str) -> None:
        self._stream, self._title, self._live = stream, title, stream.isatty()
        self._forecast = Forecast(READING | FITTING | WRITING)
        self._stage, self._drawn = "", 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Draw the bar anew, or name a stage that has just begun."""
        overall, now = self._forecast.overall(stage, fraction), time.monotonic()
        begun = stage != self._stage
        self._stage = stage
        if not self._live and begun:
            self._stream.write(f"{self._title}: {WORDS.get(stage, stage)}\n")
        elif self._live and (begun or now - self._drawn >= _REDRAW_EVERY_S):
            self._drawn = now
            self._draw(overall)

    def close(self) -> None:
        """Leave a clean line."""
        if self._live:
            self._stream.write("\r\x1b[K")
        self._stream.flush()

    def _draw(self, overall: float) -> None:
        full = round(overall * _BAR)
        left = self._forecast.seconds_left()
        rest = "" if left is None else f", {max(1, round(left))} s left"
        self._stream.write(f"\r\x1b[K{self._title}  [{'#' * full}{'.' * (_BAR - full)}] "
                           f"{overall:4.0%}  {WORDS.get(self._stage, self._stage)}{rest}")
        self._stream.flush()
