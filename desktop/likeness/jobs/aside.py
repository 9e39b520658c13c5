"""A process beside this one that solves while the scan is still inspected, cleaned and measured.

Threads would not do: building a tree for rays keeps Python's lock for seconds, as imports do. Only
averages of the scan and the body go there, and only parameters come back. It loads its libraries
while the file is read, and serves all scans of one command.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from types import TracebackType
from typing import TYPE_CHECKING

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.jobs.solving import Solver, SolvesHere
from likeness.jobs.workbench import Answer, Coming, Task, Told, serve

if TYPE_CHECKING:
    from likeness.bodies.body import Body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.seen import Seen
    from likeness.fitting.solved import Solved

_POLL_S = 0.03
_OUT_OF_MEMORY = -9  # how Linux ends what takes too much


@contextmanager
def solver_beside() -> Iterator[Solver]:
    """A process beside this one; this one where the system lets no other start."""
    with ExitStack() as stack:
        try:
            solver: Solver = stack.enter_context(Aside())
        except OSError:
            solver = SolvesHere()
        yield solver


class Aside:
    """A `Solver`: the process as its parent sees it; leaving the `with` block ends it."""

    def __init__(self) -> None:
        self._line, self._number = _Line(), 0
        self._body: Body | None = None

    def __enter__(self) -> "Aside":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """End the process, whatever it is doing; who begins again gets another one."""
        self._line.hang_up()

    def expect(self, body: "Body", settings: "FitSettings") -> None:
        """What fits of this body share is made there while the file is read here."""
        self._live()
        if body is not self._body:
            self._line.send(Coming(body, settings))
            self._body = body

    def begin(self, seen: "Seen", body: "Body", settings: "FitSettings") -> None:
        """Take up a scan; one that was under way is dropped."""
        self._live()
        self._settings = settings
        self._send(seen, None if body is self._body else body)
        self._body = body

    def _live(self) -> None:
        if self._line.dead:
            self._line.hang_up()
            self._line, self._body = _Line(), None

    def cleaned(self, seen: "Seen", *, keeps_pose: bool) -> None:
        """Go on with what is left of it, from the pose found in all of it, or from nothing."""
        self._send(seen, None, keeps_pose=keeps_pose)

    def _send(self, seen: "Seen", body: "Body | None", *, keeps_pose: bool = False) -> None:
        self._number += 1
        self._line.send(Task(self._number, seen, self._settings, body, keeps_pose))

    def result(self, progress: Progress) -> "Solved":
        """Wait for what is found; `progress` is told how far it is. Raises what was raised there.
        """
        while True:
            answer = self._line.answer(self._number, _POLL_S)
            progress(*self._line.told(self._number))
            if answer is not None:
                break
            if self._line.dead:  # after progress: a signal that ended both was a cancellation
                raise self._line.death()
        if isinstance(answer.found, BaseException):
            raise answer.found
        return answer.found


class _Line:
    """One process, a thread that sends and one that listens, so that nobody waits for another."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name="likeness-solver",
                                        daemon=True)
        self._process.start()
        theirs.close()  # else its death would not end our listening
        self.dead = False
        self._told: Told | None = None
        self._answer: Answer | None = None
        self._news = threading.Condition()
        self._sender = ThreadPoolExecutor(1)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def send(self, task: Task | Coming) -> None:
        """Hand over a task; a process that has died meanwhile is noticed by who waits."""
        self._sender.submit(self._hand_over, task)

    def _hand_over(self, task: Task | Coming) -> None:
        try:
            self._pipe.send(task)
        except BaseException:
            self._process.kill()  # it would take the next task for one of the body before
            raise

    def told(self, number: int) -> tuple[str, float]:
        """The stage of the task of that number and how much of it is done."""
        told = self._told
        return (told.stage, told.fraction) if told and told.number == number else ("load", 0.0)

    def answer(self, number: int, timeout: float) -> Answer | None:
        """The answer to the task of that number, waited for as long as the process lives."""
        with self._news:
            self._news.wait_for(lambda: self.dead or self._answers(number), timeout)
            return self._answer if self._answers(number) else None

    def death(self) -> Exception:
        """Why no answer can come any more."""
        self._process.join()
        if self._process.exitcode == _OUT_OF_MEMORY:
            return UserError("The system ended the process that fits the body.",
                             "Most likely memory ran out: close other programs and try again.")
        return ChildProcessError(f"the solving process ended with {self._process.exitcode}")

    def hang_up(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.join()
        self._listener.join()
        # Whoever still wrote after that would write into whatever is opened next.
        self._sender.shutdown(wait=True, cancel_futures=True)
        self._pipe.close()

    def _answers(self, number: int) -> bool:
        return self._answer is not None and self._answer.number == number

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._hear(self._pipe.recv())
        with self._news:
            self.dead = True
            self._news.notify()

    def _hear(self, message: Told | Answer) -> None:
        if isinstance(message, Told):
            self._told = message
            return
        with self._news:
            self._answer = message
            self._news.notify()
