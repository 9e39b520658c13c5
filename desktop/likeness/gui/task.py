"""The one thread that supervises the engine: requests go in, progress and endings come out."""

import queue
import threading
import traceback

from PySide6.QtCore import QObject, QThread, Signal

from likeness.jobs.engine import Engine
from likeness.jobs.protocol import (
    Broken,
    Event,
    InspectScan,
    OpenResult,
    Progressed,
    ReadScan,
    Request,
    Stopped,
)

# How long one wait for an event may keep the thread from noticing that the window closes.
_SLICE_S = 0.1


class Task(QThread):
    """Every submitted request ends with exactly one `ended(request, event)`, unless it is closed.

    `submit`, `cancel` and `close` belong to the window's thread; the engine is only ever spoken to
    from here.
    """

    progressed = Signal(object, object)
    ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine-task")
        self._engine = Engine()
        self._current: Request | None = None
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._closing = threading.Event()

    @property
    def engine_pid(self) -> int | None:
        """The process id of the engine, None while there is none."""
        return self._engine.pid

    def submit(self, request: Request) -> None:
        """Do this after what was submitted before; nobody waits for findings about an old scan."""
        self._cancelled.clear()
        if isinstance(request, ReadScan | OpenResult) and isinstance(self._current, InspectScan):
            self._engine.cancel()
        self._requests.put(request)

    def cancel(self) -> None:
        """Stop the request under way, and the one that waits for it."""
        self._cancelled.set()
        self._engine.cancel()

    def close(self) -> None:
        """End the engine, whatever it does, and this thread."""
        self._closing.set()
        self._requests.put(None)
        self._engine.close()
        self.wait()

    def run(self) -> None:
        """Supervise until closed; called by Qt in the new thread."""
        if not self._closing.is_set():
            self._engine.start()
        while (request := self._requests.get()) is not None and not self._closing.is_set():
            self._current = request
            event = self._ending(request)
            self._current = None
            if event is not None:
                self.ended.emit(request, event)

    def _ending(self, request: Request) -> Event | None:
        try:
            return self._supervise(request)
        except Exception:  # noqa: BLE001 - a thread of its own has no one above to report a bug to
            if self._closing.is_set():
                return None
            return Broken("Something went wrong inside Likeness.",
                          "Please report it with the details.", traceback.format_exc())

    def _supervise(self, request: Request) -> Event | None:
        if self._cancelled.is_set():
            return Stopped()
        self._engine.submit(request)
        while not self._closing.is_set():
            if self._cancelled.is_set():
                self._engine.cancel()  # it may have been asked between the two lines above
            event = self._engine.next_event(_SLICE_S)
            if isinstance(event, Progressed):
                self.progressed.emit(request, event)
            elif event is not None:
                return event
        return None
