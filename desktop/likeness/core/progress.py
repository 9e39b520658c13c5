"""Progress: one callable, called between steps, that reports and may raise `Cancelled`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Tell how far a stage is; raises `Cancelled` when the user stopped the job."""

    def __call__(self, stage: str, fraction: float, /) -> None:
        """Say that `stage` is done by `fraction`, 0 to 1."""
        ...


def silent(stage: str, fraction: float) -> None:
    """Report to nobody and never cancel."""


@dataclass
class StageClock:
    """Wall-clock seconds per named stage, in the order the stages first began."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside the `with` block to the stage called `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def within(stage: str, progress: Progress) -> Progress:
    """Report everything a room tells as part of one stage, whatever it calls its steps."""

    def told(_: str, fraction: float) -> None:
        progress(stage, fraction)

    return told
