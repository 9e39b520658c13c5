"""The engine as the window sees it: one request at a time, events until it ends, whatever happens.

Only numpy is loaded here. One thread submits and waits for events; any other may cancel or close.
"""

import threading
import time
from dataclasses import dataclass

from likeness.jobs.child import Child, ChildDiedError
from likeness.jobs.protocol import (
    Broken,
    Done,
    Event,
    ExportAvatar,
    FitScan,
    InspectScan,
    OpenResult,
    Progressed,
    ReadScan,
    Refused,
    Request,
    SaveScan,
    Stopped,
)
from likeness.jobs.wiring import Order

# How long a cancelled request may take to stop by itself.
KILL_AFTER_S = 2.0
# The longest single wait, after which a cancellation from another thread is noticed.
_SLICE_S = 0.1
_DOING = {ReadScan: "reading the scan", OpenResult: "opening the result",
          InspectScan: "inspecting the scan", FitScan: "fitting the body",
          ExportAvatar: "exporting", SaveScan: "saving the scan"}


@dataclass
class _Pending:
    """The order under way: when it is killed for not stopping, whether the engine has begun it."""

    order: Order
    kill_at: float = float("inf")
    begun: bool = False
    repeated: bool = False


class Engine:
    """Supervises one engine process; a dead or killed one is replaced, and what it knew redone."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._pending: _Pending | None = None
        self._count = 0
        self._read: ReadScan | OpenResult | None = None
        self._fit: FitScan | None = None
        self._closed = False
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The process id of the engine, None while there is none."""
        return self._child.process.pid if self._child else None

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        return self._pending is not None

    def start(self) -> None:
        """Start the process unless it runs; it loads its libraries in the background."""
        with self._lock:
            if self._child is not None and not self._child.alive:
                self._put_down()
            if self._child is None and not self._closed:
                self._child = Child()

    def submit(self, request: Request) -> None:
        """Begin a request; the one before must have ended."""
        with self._lock:
            if self._pending is not None or self._closed:
                raise RuntimeError("the engine is busy or closed")
            self.start()
            assert self._child is not None
            self._count += 1
            order = Order(self._count, request, self._read, self._fit)
            self._pending = _Pending(order)
            self._child.send(order)

    def cancel(self) -> None:
        """Ask the request to stop: it ends with `Stopped`, after a kill if need be.

        Where it had already finished, it ends with its result. Any thread may call this.
        """
        pending, child = self._pending, self._child
        if pending is not None and child is not None:
            pending.kill_at = min(pending.kill_at, time.monotonic() + KILL_AFTER_S)
            child.cancel(pending.order.number)

    def next_event(self, timeout: float) -> Event | None:
        """The next event of the request under way, None if none comes within `timeout` seconds."""
        until = time.monotonic() + timeout
        while True:
            remaining = until - time.monotonic()
            event = self._look(max(0.0, min(remaining, _SLICE_S)))
            if event is not None or remaining <= 0 or self._closed:
                return event

    def close(self) -> None:
        """End the process whatever it is doing; a request under way never ends. Any thread."""
        self._closed = True  # before the lock: a thread that waits for events gives way
        with self._lock:
            self._pending = None
            self._put_down()

    def _look(self, timeout: float) -> Event | None:
        with self._lock:
            pending, child = self._pending, self._child
            if pending is not None and child is not None:
                return self._listen(child, pending, timeout)
        time.sleep(timeout)
        return None

    def _listen(self, child: Child, pending: _Pending, timeout: float) -> Event | None:
        if time.monotonic() >= pending.kill_at:
            return self._replace(Stopped())
        try:
            received = child.receive(timeout)
        except ChildDiedError as death:
            return self._after(death, pending)
        if received is None or received[0] != pending.order.number:
            return None
        pending.begun = True
        if not isinstance(received[1], Progressed):
            self._pending = None
            self._remember(pending.order.request, received[1])
        return received[1]

    def _after(self, death: ChildDiedError, pending: _Pending) -> Event | None:
        """What a death means: an engine that died before it began is simply replaced, once."""
        if pending.kill_at < float("inf"):
            return self._replace(Stopped())
        if death.refused:
            return self._replace(Refused(
                "Reading this file takes more memory or time than is allowed.",
                "Bring a scan with fewer points, or another format of it."))
        if pending.begun or pending.repeated:
            return self._replace(_broken(pending.order.request, str(death)))
        self._put_down()
        self.start()
        if self._child is not None:
            self._child.send(pending.order)
            pending.repeated = True
        return None

    def _remember(self, request: Request, event: Event) -> None:
        """Keep what led to the engine's state, so that a new process can be brought there."""
        if not isinstance(event, Done):
            return
        if isinstance(request, ReadScan | OpenResult):
            self._read, self._fit = request, None
        elif isinstance(request, FitScan):
            self._fit = request

    def _replace(self, ending: Event) -> Event:
        """Put the process down and start a fresh one, so that the next request need not wait."""
        self._pending = None
        self._put_down()
        self.start()
        return ending

    def _put_down(self) -> None:
        if self._child is not None:
            self._child.put_down()
            self._child = None


def _broken(request: Request, details: str) -> Broken:
    doing = _DOING.get(type(request), "working")
    return Broken(f"The engine stopped unexpectedly while {doing}.",
                  "Your scan is untouched. Try again; if it happens again, please report it.",
                  details)
