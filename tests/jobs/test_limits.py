"""Reading too long or too much ends with a sentence, also where the reader is stuck."""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from likeness.core.errors import UserError
from likeness.core.progress import silent
from likeness.jobs.limits import MEMORY, SECONDS, Limits, capped, limits
from likeness.jobs.memory import memory_mib
from likeness.jobs.protocol import ReadScan
from likeness.jobs.steps import open_scan


def wait_for_ever() -> None:
    while True:
        time.sleep(0.01)


def within(allowed: Limits, work: Callable[[], None]) -> None:
    with capped(allowed):
        work()


def test_what_stays_within_is_left_alone():
    within(Limits(), lambda: time.sleep(0.2))


def test_too_long_is_a_sentence_and_the_thread_lives_on():
    began = time.monotonic()
    with pytest.raises(UserError, match=r"more than 0.3 seconds") as caught:
        within(Limits(seconds=0.3), wait_for_ever)
    assert time.monotonic() - began < 5
    assert SECONDS in caught.value.remedy
    for _ in range(1000):
        time.sleep(1e-4)  # nothing is thrown afterwards


def test_too_much_is_a_sentence():
    held: list[np.ndarray] = []

    def fill() -> None:
        while len(held) < 1000:
            held.append(np.ones(2_000_000))
            time.sleep(0.01)

    with pytest.raises(UserError, match="GiB of memory") as caught:
        within(Limits(gib=memory_mib() / 1024 + 0.2), fill)
    assert len(held) < 100
    assert MEMORY in caught.value.remedy


def test_no_reader_takes_it_for_damage():
    swallowed: list[Exception] = []

    def careless() -> None:
        try:
            wait_for_ever()
        except Exception as error:  # noqa: BLE001 - what a careless library might do
            swallowed.append(error)

    with pytest.raises(UserError, match="seconds"):
        within(Limits(seconds=0.1), careless)
    assert swallowed == []


def test_a_failure_inside_stays_what_it_is():
    with pytest.raises(UserError, match="own"), capped(Limits()):
        raise UserError("My own.", "Mine.")


@pytest.mark.parametrize(("value", "expected"), [("2.5", 2.5), ("0", 8.0), ("-1", 8.0),
                                                 ("many", 8.0), ("nan", 8.0)])
def test_they_are_set_by_the_environment(monkeypatch: pytest.MonkeyPatch, value: str,
                                         expected: float):
    monkeypatch.setenv(MEMORY, value)
    assert limits().gib == expected


# The end may come between the opening of a file and its "with": then it is closed when forgotten.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_reading_a_scan_is_capped(sample: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SECONDS, "0.0001")
    monkeypatch.setattr("likeness.jobs.limits._LOOK_EVERY_S", 0.0)
    with pytest.raises(UserError, match="seconds"):
        open_scan(ReadScan(sample), silent)


STUCK = """
import ctypes, likeness.jobs.limits as limits
limits._GRACE_S = 0.3
with limits.capped(limits.Limits(seconds=0.2)):
    ctypes.CDLL(None).sleep(30)  # in C, where no exception arrives
"""


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(ctypes.CDLL(None), "sleep"),
                    reason="needs the C library's sleep")
def test_a_reader_stuck_in_a_library_ends_the_process_with_its_sentence(repository: Path):
    environment = os.environ | {"PYTHONPATH": str(repository / "desktop")}
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", STUCK], env=environment, capture_output=True,
                           text=True, timeout=60)
    assert time.monotonic() - began < 25
    assert ended.returncode == UserError.exit_code
    assert "likeness: Reading this file takes more than 0.2 seconds." in ended.stderr
    assert "Traceback" not in ended.stderr
