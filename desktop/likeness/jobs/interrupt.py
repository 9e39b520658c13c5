"""Ctrl+C as a cancellation: the first asks the job to stop at its next step, the second insists."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from likeness.core.errors import Cancelled
from likeness.core.progress import Progress

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """Whether the user has asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def watching(self, progress: Progress) -> Progress:
        """The same progress, which raises `Cancelled` once the user has asked to stop."""

        def watched(stage: str, fraction: float) -> None:
            if self.asked:
                raise Cancelled
            progress(stage, fraction)

        return watched


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Answer Ctrl+C and a polite kill by stopping between two steps; main thread only."""
    interrupt = Interrupt()

    def ask(number: int, frame: FrameType | None) -> None:
        interrupt.asked = True
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
