"""A process beside this one that solves while the scan is still inspected, cleaned and measured.

Threads would not do: building a tree for rays keeps Python's lock for seconds, as imports do. Only
averages of the scan go there and only parameters come back. It loads its libraries while the file
is read, and serves all scans of one command.
"""

import signal
import threading
import traceback
from ctypes import Array, c_double
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.sharedctypes import RawArray
from types import TracebackType
from typing import TYPE_CHECKING

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.jobs.process import end_with_parent, prepare_process

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
    """What to solve: a scan with a body, or the scan of the order before after it was cleaned."""

    number: int
    seen: "Seen"
    settings: "FitSettings"
    body: "Body | None" = None
    keeps_pose: bool = False


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
        self._settings = settings
        self._told[:] = [0.0, 0.0]
        self._send(seen, body)

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

    def _send(self, seen: "Seen", body: "Body | None" = None, *, keeps_pose: bool = False) -> None:
        self._orders += 1
        try:
            self._pipe.send(_Order(self._orders, seen, self._settings, body, keeps_pose))
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
    """Where orders come in; the newest counts."""

    def __init__(self, pipe: Connection, told: "Array[c_double]") -> None:
        self._pipe, self._told = pipe, told
        self._waiting: _Order | None = None
        self._body: Body | None = None
        self._pose: Pose | None = None

    def answer_all(self) -> None:
        """Solve until the parent hangs up."""
        while True:
            order, self._waiting = self._waiting or self._pipe.recv(), None
            try:
                answer = self._solved(order)
            except _OvertakenError:
                continue
            except (UserError, MemoryError) as error:
                answer = error
            except Exception:  # noqa: BLE001 - raised again where it is awaited
                answer = RuntimeError(traceback.format_exc())
            self._pipe.send((order.number, answer))

    def _solved(self, order: _Order) -> "Solved":
        from likeness.fitting.pipeline import find_pose, solve

        self._body = order.body or self._body
        assert self._body is not None
        if not order.keeps_pose or self._pose is None:
            self._pose = None
            self._pose = find_pose(order.seen, self._body, order.settings, self._tell)
            self._tell("shape", 0.0)
        return solve(order.seen, self._pose, order.settings, self._tell)

    def _tell(self, stage: str, fraction: float) -> None:
        self._told[:] = [float(_STAGES.index(stage)), fraction]
        while self._pipe.poll():
            self._waiting = self._pipe.recv()
        if self._waiting and not (self._waiting.keeps_pose and stage in _POSING):
            raise _OvertakenError


def _serve(pipe: Connection, told: "Array[c_double]") -> None:
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer
    end_with_parent()
    threading.Thread(target=_load, daemon=True).start()
    try:
        _Desk(pipe, told).answer_all()
    except (EOFError, OSError):
        return  # the parent has what it wanted



def _load() -> None:
    """What the first order would wait for; one core is left to the parent."""
    import torch

    torch.set_num_threads(max(1, torch.get_num_threads() - 1))
    import likeness.fitting.pipeline  # noqa: F401
