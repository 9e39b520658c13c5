"""Work beside other work: in a thread, with progress told and errors raised where it is awaited."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from likeness.core.errors import Cancelled
from likeness.core.progress import Progress

T = TypeVar("T")
_POLL_S = 0.03


class Beside(Generic[T]):
    """Work that begins at once; leaving the `with` block stops it at its next progress call."""

    def __init__(self, work: Callable[[Progress], T]) -> None:
        self._work = work
        self._stopped = False
        self._told: tuple[str, float] | None = None
        self._found: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Beside[T]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stopped = True

    def result(self, progress: Progress) -> T:
        """Wait for what the work gives; `progress` is told how far it is. Raises what it raised."""
        while self._thread.is_alive():
            if self._told:
                progress(*self._told)
            self._thread.join(_POLL_S)
        if self._error is not None:
            raise self._error
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._work(self._tell))
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            self._error = error

    def _tell(self, stage: str, fraction: float) -> None:
        if self._stopped:
            raise Cancelled
        self._told = stage, fraction
