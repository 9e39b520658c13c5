"""One engine process as its parent sees it: born, spoken to, listened to, and put down."""

import contextlib
import os
import signal
import tempfile
import traceback
import uuid
from ctypes import c_longlong
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import cast

from likeness.core.errors import UserError
from likeness.jobs.parcels import discard, unpack
from likeness.jobs.protocol import Event
from likeness.jobs.wiring import Letter, Order, Wiring


class ChildDiedError(Exception):
    """The process ended by itself; says how, and the native stack where there is one.

    `refused` where it was its own way out of a file that cost too much.
    """

    def __init__(self, told: str, *, refused: bool = False) -> None:
        super().__init__(told)
        self.refused = refused


class Child:
    """A spawned process, never forked: nothing of the window's threads or Qt comes along."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._cancelled = RawValue(c_longlong, 0)
        # macOS allows 30 characters for the name of a block.
        self._blocks, self._received = f"lk{uuid.uuid4().hex[:12]}-", 0
        handle, name = tempfile.mkstemp(prefix="likeness-", suffix=".crash")
        os.close(handle)
        self._crash_log = Path(name)
        wiring = Wiring(theirs, self._cancelled, self._blocks, self._crash_log)
        self.process = context.Process(target=_serve, args=(wiring,), name="likeness-engine",
                                       daemon=True)
        self.process.start()
        theirs.close()  # else its death would not end our reading

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.is_alive()

    def send(self, order: Order) -> None:
        """Hand over an order; a process that has died meanwhile is noticed by `receive`."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._pipe.send(order)

    def cancel(self, number: int) -> None:
        """Ask for the order of that number to stop at its next progress call."""
        self._cancelled.value = number

    def receive(self, timeout: float) -> tuple[int, Event] | None:
        """The next event and its order's number; raises `ChildDiedError` when no more can come."""
        if self._pipe in wait([self._pipe, self.process.sentinel], timeout):
            return self._read()
        if self.alive:
            return None
        # What it sent before it died still lies in the pipe.
        if self._pipe.poll():
            return self._read()
        raise self._death()

    def put_down(self) -> None:
        """End the process now and free all it held."""
        if self.alive:
            self.process.kill()
        self.process.join()
        with contextlib.suppress(ChildDiedError):
            while self._pipe.poll():
                self._read()
        discard(f"{self._blocks}{self._received}")
        self._pipe.close()
        self.process.close()
        self._crash_log.unlink(missing_ok=True)

    def _read(self) -> tuple[int, Event]:
        try:
            letter: Letter = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._death() from error
        if letter.parcel.block is not None:
            self._received += 1
        return letter.number, cast(Event, unpack(letter.parcel))

    def _death(self) -> ChildDiedError:
        self.process.join()
        code = self.process.exitcode or 0
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        stack = self._crash_log.read_text(errors="replace")
        return ChildDiedError(f"The engine process ended with {how}.\n{stack}",
                              refused=code == UserError.exit_code)


def _serve(wiring: Wiring) -> None:
    try:
        from likeness.jobs.worker import serve  # the window itself never loads what jobs need
    except ImportError:
        wiring.crash_log.write_text(traceback.format_exc())
        raise
    serve(wiring)
