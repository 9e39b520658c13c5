"""The process beside the command line's: takes in tasks, solves the newest, tells how far it is."""

import faulthandler
import os
import signal
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, ClassVar

from likeness.core.errors import UserError
from likeness.jobs.memory import enough_memory
from likeness.jobs.process import loading, prepare_process
from likeness.jobs.solving import use_same_threads

if TYPE_CHECKING:
    from likeness.bodies.body import Body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.pipeline import Pose
    from likeness.fitting.seen import Seen
    from likeness.fitting.solved import Solved

_POSING = ("start", "pose")
_TELL_EVERY_S = 0.04


@dataclass(frozen=True, eq=False)
class Task:
    """What to solve; without a body, with that of the task before, and from its pose if kept."""

    number: int
    seen: "Seen"
    settings: "FitSettings"
    body: "Body | None" = None
    keeps_pose: bool = False


@dataclass(frozen=True, eq=False)
class Coming:
    """What the next tasks will be about; they bring no body then."""

    body: "Body"
    settings: "FitSettings"
    keeps_pose: ClassVar[bool] = False


@dataclass(frozen=True)
class Told:
    """How far the task of that number is."""

    number: int
    stage: str
    fraction: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What the task of that number has led to, or why to nothing."""

    number: int
    found: "Solved | Exception"


def serve(pipe: Connection) -> None:
    """Solve until the parent hangs up or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer
    prepare_process()
    faulthandler.enable()
    bench = _Workbench(pipe)
    for work in (bench.take_all_in, _load):
        threading.Thread(target=work, daemon=True).start()
    bench.solve_all()


def _load() -> None:
    """What the first task would wait for."""
    with loading():
        import likeness.fitting.pipeline  # noqa: F401


class _OvertakenError(Exception):
    """There is a newer task, and the work on this one is of no use to it."""


class _Workbench:
    """Where tasks lie in turn; one that starts anew drops those before it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._tasks: deque[Task | Coming] = deque()
        self._arrived = threading.Condition()
        self._body: Body | None = None
        self._pose: Pose | None = None
        self._said, self._said_at = "", 0.0

    def take_all_in(self) -> None:
        """Take in tasks; with the line, or whatever else goes wrong here, the process ends.

        In a thread of its own, so that whoever sends never waits for who works.
        """
        try:
            with suppress(EOFError, OSError):
                while True:
                    self._take_in(self._pipe.recv())
        except BaseException:  # noqa: BLE001 - a thread that ends in silence would leave all waiting
            traceback.print_exc()
        os._exit(1)

    def solve_all(self) -> None:
        """Solve for as long as the process lives."""
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: len(self._tasks) > 0)
                task = self._tasks.popleft()
            if isinstance(task, Coming):
                _get_ready(task)
                continue
            with suppress(_OvertakenError):
                self._send(Answer(task.number, self._found(task)))

    def _take_in(self, task: Task | Coming) -> None:
        self._body = task.body or self._body
        with self._arrived:
            if not task.keeps_pose:
                self._tasks.clear()
            self._tasks.append(task if isinstance(task, Coming) else replace(task, body=self._body))
            self._arrived.notify()

    def _found(self, task: Task) -> "Solved | Exception":
        try:
            with enough_memory():
                return self._solved(task)
        except _OvertakenError:
            raise
        except UserError as error:
            return error
        except Exception:  # noqa: BLE001 - raised again where it is awaited
            return ChildProcessError(traceback.format_exc())

    def _solved(self, task: Task) -> "Solved":
        from likeness.fitting.pipeline import find_pose, solve

        assert task.body is not None

        def tell(stage: str, fraction: float) -> None:
            self._tell(Told(task.number, stage, fraction))

        use_same_threads()
        if not task.keeps_pose or self._pose is None:
            self._pose = None
            self._pose = find_pose(task.seen, task.body, task.settings, tell)
        return solve(task.seen, self._pose, task.settings, tell)

    def _tell(self, told: Told) -> None:
        with self._arrived:
            if self._tasks and not (self._tasks[0].keeps_pose and told.stage in _POSING):
                raise _OvertakenError
        now = time.monotonic()
        if told.stage != self._said or now - self._said_at >= _TELL_EVERY_S:
            self._said, self._said_at = told.stage, now
            self._send(told)

    def _send(self, message: Told | Answer) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the other thread ends us then
            self._pipe.send(message)


def _get_ready(coming: Coming) -> None:
    """Make what fits share; whoever asks for one is told what is wrong with it."""
    from likeness.fitting.pipeline import get_ready

    use_same_threads()
    with suppress(Exception):
        get_ready(coming.body, coming.settings)
