"""What reading a file may cost: a hostile or broken one ends with a sentence, not the machine.

A thread of its own looks at clock and memory. It stops the reader at its next step; a reader that
is stuck in a library, where no step comes, takes its process with it: the window's engine is
replaced then, and the command line ends with the exit code of input that cannot be used.
"""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from likeness.core.errors import UserError
from likeness.jobs.memory import memory_mib

MEMORY, SECONDS = "LIKENESS_READ_GIB", "LIKENESS_READ_SECONDS"
_GIB, _SECONDS = 8.0, 60.0
_LOOK_EVERY_S = 0.05
_GRACE_S, _GRACE = 10.0, 1.25  # how long, and up to which share of the memory, a step may take


@dataclass(frozen=True)
class Limits:
    """Memory of the process and time that reading one file may take."""

    gib: float = _GIB
    seconds: float = _SECONDS

    @property
    def too_much(self) -> UserError:
        """What to say when the memory is used up."""
        return UserError(
            f"Reading this file needs more than {self.gib:g} GiB of memory.",
            f"Bring a scan with fewer points, or allow more: set {MEMORY} to a larger number.")

    @property
    def too_long(self) -> UserError:
        """What to say when the time is over."""
        return UserError(
            f"Reading this file takes more than {self.seconds:g} seconds.",
            f"Bring a smaller or a binary file, or allow more: set {SECONDS} to a larger number.")


def limits() -> Limits:
    """As the environment sets them, where it holds positive numbers."""
    return Limits(_set(MEMORY, _GIB), _set(SECONDS, _SECONDS))


@contextmanager
def capped(allowed: Limits) -> Iterator[None]:
    """Raises `UserError` in the block as soon as it costs more than allowed."""
    watch = _Watch(allowed, threading.get_ident())
    try:
        try:
            watch.start()
            yield
        finally:
            watch.stop()
    except _LimitReached:
        assert watch.reached is not None
        raise watch.reached from None


class _LimitReached(BaseException):
    """Thrown into the reading thread; no reader may take it for damage of the file."""


class _Watch(threading.Thread):
    """Looks at clock and memory until stopped."""

    def __init__(self, allowed: Limits, reader: int) -> None:
        super().__init__(name="read-limits", daemon=True)
        self.reached: UserError | None = None
        self._allowed, self._reader = allowed, reader
        self._began = time.monotonic()
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Look, and act at most twice: first on the reader, then on the process."""
        while not self._stopped.wait(_LOOK_EVERY_S):
            seconds, gib = time.monotonic() - self._began, memory_mib() / 1024
            if self.reached is None:
                if gib > self._allowed.gib:
                    self._reach(self._allowed.too_much)
                elif seconds > self._allowed.seconds:
                    self._reach(self._allowed.too_long)
            elif (seconds > self._allowed.seconds + _GRACE_S
                  or gib > _GRACE * self._allowed.gib):
                _leave(self.reached)

    def stop(self) -> None:
        """From here on nothing is thrown any more; what was thrown already arrives now."""
        self._stopped.set()
        with self._lock:
            if self.reached is not None:
                _throw(self._reader, None)
                raise _LimitReached

    def _reach(self, error: UserError) -> None:
        with self._lock:
            if not self._stopped.is_set():
                self.reached = error
                _throw(self._reader, _LimitReached)


def _throw(thread: int, what: type[BaseException] | None) -> None:
    """Raise in another thread at its next step, or take that back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if what is None else ctypes.py_object(what))


def _leave(error: UserError) -> None:
    print(f"likeness: {error}", file=sys.stderr, flush=True)  # noqa: T201 - nobody else can now
    os._exit(error.exit_code)


def _set(name: str, usual: float) -> float:
    try:
        value = float(os.environ.get(name, ""))
    except ValueError:
        return usual
    return value if value > 0 else usual
