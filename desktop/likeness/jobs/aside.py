"""A process beside this one that solves while the scan is still inspected, cleaned and measured.

Threads would not do: building a tree for rays keeps Python's lock for seconds, as imports do. Only
averages of the scan go there and only parameters come back. It loads its libraries while the file
is read, and serves all scans of one command.
"""

import os
import signal
import threading
import traceback
from collections import deque
from contextlib import suppress
from ctypes import Array, c_double
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.sharedctypes import RawArray
from types import TracebackType
from typing import TYPE_CHECKING

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.jobs.process import prepare_process

if TYPE_CHECKING:
    from likeness.bodies.body import Body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.pipeline import Pose
    from likeness.fitting.seen import Seen
    from likeness.fitting.solved import Solved

_STAGES = ("load", "start", "pose", "shape", "refine")
_POSING = ("start", "pose")
_POLL_S = 0.03


@dataclass(frozen=True, eq=False)
class _Order:
    """What to solve; with `keeps_pose`, from the pose found for the order before it."""

    number: int
    seen: "Seen"
    body: "Body"
    settings: "FitSettings"
    keeps_pose: bool


class Aside:
    """A `Solver`: the process as its parent sees it; leaving the `with` block ends it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._told = RawArray(c_double, 2)  # the number of a stage, and how much of it is done
        self._process = context.Process(target=_serve, args=(theirs, self._told),
                                        name="likeness-solver", daemon=True)
        self._process.start()
        theirs.close()  # else its death would not end our reading
        self._orders = 0

    def __enter__(self) -> "Aside":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.kill()
        self._pipe.close()

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()

    def begin(self, seen: "Seen", body: "Body", settings: "FitSettings") -> None:
        """Take up a scan; one that was under way is dropped."""
        self._what = body, settings
        self._told[:] = [0.0, 0.0]
        self._send(seen, keeps_pose=False)

    def cleaned(self, seen: "Seen", *, keeps_pose: bool) -> None:
        """Go on with what is left of it, from the pose found in all of it, or from nothing."""
        self._send(seen, keeps_pose=keeps_pose)

    def result(self, progress: Progress) -> "Solved":
        """Wait for what is found; `progress` is told how far it is. Raises what was raised there.
        """
        while True:
            stage, part = self._told
            progress(_STAGES[int(stage)], part)
            if wait([self._pipe, self._process.sentinel], _POLL_S):
                number, answer = self._received()
                if number == self._orders:  # else it belongs to a scan as it was
                    break
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _send(self, seen: "Seen", *, keeps_pose: bool) -> None:
        self._orders += 1
        try:
            self._pipe.send(_Order(self._orders, seen, *self._what, keeps_pose))
        except (BrokenPipeError, ConnectionResetError):
            raise self._death() from None

    def _received(self) -> "tuple[int, Solved | BaseException]":
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            raise self._death() from None

    def _death(self) -> UserError:
        self._process.join()
        return UserError(f"The process that fits the body ended unexpectedly "
                         f"(code {self._process.exitcode}).",
                         "Most likely memory ran out: close other programs and try again.")


class _OvertakenError(Exception):
    """There is a newer order, and the work on this one is of no use to it."""


class _Desk:
    """Where orders come in and are worked off; one that starts anew drops those before it."""

    def __init__(self, pipe: Connection, told: "Array[c_double]") -> None:
        self._pipe, self._told = pipe, told
        self._orders: deque[_Order] = deque()
        self._arrived = threading.Condition()
        self._pose: Pose | None = None

    def receive_all(self) -> None:
        """Take in orders until the parent hangs up or dies; then this process ends.

        In a thread of its own, so that whoever sends never waits for who works.
        """
        with suppress(EOFError, OSError):
            while True:
                order = self._pipe.recv()
                with self._arrived:
                    if not order.keeps_pose:
                        self._orders.clear()
                    self._orders.append(order)
                    self._arrived.notify()
        os._exit(0)

    def answer_all(self) -> None:
        """Solve for as long as the process lives."""
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: len(self._orders) > 0)
                order = self._orders.popleft()
            with suppress(_OvertakenError, BrokenPipeError):
                self._pipe.send((order.number, self._answer(order)))

    def _answer(self, order: _Order) -> "Solved | Exception":
        try:
            return self._solved(order)
        except (UserError, MemoryError) as error:
            return error
        except _OvertakenError:
            raise
        except Exception:  # noqa: BLE001 - raised again where it is awaited
            return RuntimeError(traceback.format_exc())

    def _solved(self, order: _Order) -> "Solved":
        from likeness.fitting.pipeline import find_pose, solve

        if not order.keeps_pose or self._pose is None:
            self._pose = None
            self._pose = find_pose(order.seen, order.body, order.settings, self._tell)
        return solve(order.seen, self._pose, order.settings, self._tell)

    def _tell(self, stage: str, fraction: float) -> None:
        self._told[:] = [float(_STAGES.index(stage)), fraction]
        with self._arrived:
            if self._orders and not (self._orders[0].keeps_pose and stage in _POSING):
                raise _OvertakenError


def _serve(pipe: Connection, told: "Array[c_double]") -> None:
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer
    desk = _Desk(pipe, told)
    for work in (desk.receive_all, _load):
        threading.Thread(target=work, daemon=True).start()
    desk.answer_all()


def _load() -> None:
    """What the first order would wait for; one core is left to the parent."""
    import torch

    torch.set_num_threads(max(1, torch.get_num_threads() - 1))
    import likeness.fitting.pipeline  # noqa: F401
