"""Work beside other work ends where it is awaited, and stops where nobody waits any more."""

import threading

import pytest

from likeness.core.errors import Cancelled
from likeness.core.progress import Progress, silent
from likeness.jobs.beside import Beside

PATIENCE_S = 30.0


def test_what_the_work_gives_and_tells_comes_to_who_waits() -> None:
    asked, told = threading.Event(), []

    def work(progress: Progress) -> str:
        progress("start", 0.5)
        assert asked.wait(PATIENCE_S)
        return "pose"

    def listen(stage: str, fraction: float) -> None:
        told.append((stage, fraction))
        asked.set()

    with Beside(work) as beside:
        assert beside.result(listen) == "pose"
    assert set(told) == {("start", 0.5)}


def test_an_error_is_raised_where_the_work_is_awaited() -> None:
    def work(progress: Progress) -> None:
        raise ValueError("no pose")

    with Beside(work) as beside, pytest.raises(ValueError, match="no pose"):
        beside.result(silent)


def test_work_that_nobody_awaits_stops_at_its_next_step() -> None:
    stopped, _ = _endless_work_left_by(None)
    assert stopped.wait(PATIENCE_S)


def test_who_cancels_while_waiting_stops_the_work_as_well() -> None:
    def cancel(stage: str, fraction: float) -> None:
        raise Cancelled

    stopped, ended = _endless_work_left_by(cancel)
    assert ended is Cancelled
    assert stopped.wait(PATIENCE_S)


def _endless_work_left_by(progress: Progress | None,
                          ) -> tuple[threading.Event, type[BaseException] | None]:
    """Leave work that never ends, after waiting for it where there is a progress."""
    stopped = threading.Event()

    def work(tell: Progress) -> None:
        try:
            while True:
                tell("start", 0.0)
                stopped.wait(0.001)
        except Cancelled:
            stopped.set()

    try:
        with Beside(work) as beside:
            if progress is not None:
                beside.result(progress)
    except Cancelled as error:
        return stopped, type(error)
    return stopped, None
