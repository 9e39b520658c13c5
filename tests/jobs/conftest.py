"""The bundled sample, a running engine, and how to wait for the end of a request."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from likeness.core.paths import resource
from likeness.jobs.engine import Engine
from likeness.jobs.protocol import Event, Progressed, Request

# Far above what anything here takes, so that a hang fails instead of hanging the suite.
PATIENCE_S = 90.0
SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def sample() -> Path:
    """The bundled sample scan."""
    return resource("sample/sample_scan.ply")


def blocks() -> set[str]:
    if not SHARED_MEMORY.is_dir():
        return set()
    return {file.name for file in SHARED_MEMORY.iterdir() if file.name.startswith("lk")}


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A started engine that must not leave shared memory behind."""
    before = blocks()
    engine = Engine()
    engine.start()
    yield engine
    engine.close()
    assert blocks() <= before


@pytest.fixture
def rest(engine: Engine) -> Callable[[], tuple[Event, list[Progressed]]]:
    """Wait for the ending of the request under way; with it, the progress before it."""

    def wait() -> tuple[Event, list[Progressed]]:
        told: list[Progressed] = []
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            event = engine.next_event(PATIENCE_S)
            assert event is not None, "the engine fell silent"
            if not isinstance(event, Progressed):
                return event, told
            told.append(event)
        raise AssertionError("the request did not end")

    return wait


@pytest.fixture
def ending(engine: Engine, rest: Callable[[], tuple[Event, list[Progressed]]],
           ) -> Callable[[Request], tuple[Event, list[Progressed]]]:
    """Submit a request and wait for its ending."""

    def run(request: Request) -> tuple[Event, list[Progressed]]:
        engine.submit(request)
        return rest()

    return run
