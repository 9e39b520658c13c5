"""The engine process: answers one order at a time, tells how far it is, and stops when told to."""

import faulthandler
import os
import signal
import threading
import time
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from likeness.core.errors import Cancelled, UserError
from likeness.jobs.desk import Desk
from likeness.jobs.forecast import Forecast, weights_of
from likeness.jobs.parcels import pack
from likeness.jobs.process import load_early, prepare_process
from likeness.jobs.protocol import Broken, Done, Event, Progressed, Refused, Stopped
from likeness.jobs.wiring import Letter, Order, Wiring

# Between two progress events of one stage; the cancel flag is looked at on every call.
_REPORT_EVERY_S = 0.04
# A first request that comes at once is answered before libraries are loaded for the next.
_PATIENCE_S = 0.3


def serve(wiring: Wiring) -> None:
    """Answer orders until the window hangs up or dies."""
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's to answer
    if hasattr(os, "nice"):
        os.nice(5)  # the window stays fluent while a fit takes every core
    with wiring.crash_log.open("w") as crash_log:
        faulthandler.enable(crash_log)
        threading.Thread(target=_die_with_parent, args=(wiring.crash_log,), daemon=True).start()
        _answer_all(wiring)
    wiring.crash_log.unlink(missing_ok=True)  # a window that hung up without a word is dead
    os._exit(0)  # not waiting for libraries that may still be loading


def _answer_all(wiring: Wiring) -> None:
    post, desk, early = Post(wiring), Desk(), None
    if not wiring.pipe.poll(_PATIENCE_S):
        early = load_early()
    while order := _next_order(wiring):
        reporter = Reporter(post, order, wiring)
        post.send(order.number, _ending(desk, order, reporter))
        early = early or load_early()


def _next_order(wiring: Wiring) -> Order | None:
    try:
        return wiring.pipe.recv()
    except (EOFError, OSError):
        return None


def _ending(desk: Desk, order: Order, reporter: "Reporter") -> Event:
    """Exactly one of the four endings, whatever happens."""
    try:
        return Done(desk.answer(order, reporter))
    except Cancelled:
        return Stopped()
    except UserError as error:
        return Refused(error.problem, error.remedy)
    except Exception:  # noqa: BLE001 - the one place where the engine meets its own bugs
        return Broken("Something went wrong inside Likeness.",
                      "Please report it with the details.", traceback.format_exc())


def _die_with_parent(crash_log: Path) -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        crash_log.unlink(missing_ok=True)
        os._exit(1)


class Post:
    """Sends events; large arrays go through shared memory, a new block for every event."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._count = 0
        self._held: SharedMemory | None = None

    def send(self, number: int, event: Event) -> None:
        """Send one event that belongs to the order of that number."""
        parcel, block = pack(event, f"{self._wiring.blocks}{self._count}")
        if block is not None:
            self._count += 1
            self._hold(block)
        self._wiring.pipe.send(Letter(number, parcel))

    def _hold(self, block: SharedMemory) -> None:
        """Windows frees a block with its last handle, so there one stays open until the next."""
        if self._held is not None:
            self._held.close()
            self._held = None
        if os.name == "nt":
            self._held = block
        else:
            block.close()


class Reporter:
    """The progress of one order: raises `Cancelled` as soon as the window asks for it."""

    def __init__(self, post: Post, order: Order, wiring: Wiring) -> None:
        self._post, self._order, self._wiring = post, order, wiring
        self._forecast = Forecast(weights_of(order))
        self._stage, self._sent = "", 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Tell how far `stage` is."""
        if self._wiring.cancelled.value == self._order.number:
            raise Cancelled
        overall, now = self._forecast.overall(stage, fraction), time.monotonic()
        if stage != self._stage or now - self._sent >= _REPORT_EVERY_S:
            self._stage, self._sent = stage, now
            self._post.send(self._order.number, Progressed(stage, fraction, overall,
                                                           self._forecast.seconds_left()))
