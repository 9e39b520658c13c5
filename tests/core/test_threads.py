"""How many threads are used is as the user's environment says."""

import os

import pytest

from likeness.core.threads import cores


@pytest.mark.parametrize(("asked", "expected"), [
    ("3", 3), ("0", 1), ("", os.cpu_count()), ("many", os.cpu_count())])
def test_threads_are_as_many_as_asked_for(
        monkeypatch: pytest.MonkeyPatch, asked: str, expected: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert cores() == expected
