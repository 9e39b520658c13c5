"""The peak is that of this process and its children, and grows with what they hold."""

import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
import pytest

from likeness.jobs.memory import begin_peak, peak_memory_mib


def test_the_peak_grows_by_what_is_used_and_can_begin_anew():
    begin_peak()
    before = peak_memory_mib()
    held = np.ones(384 * 2**20 // 8)
    grown = peak_memory_mib()
    assert grown > 384
    del held
    if sys.platform.startswith("linux"):  # elsewhere the peak is that of the whole process
        assert 380 < grown - before < 420
        begin_peak()
        assert peak_memory_mib() < grown - 300


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere children do not count")
def test_what_a_child_holds_counts_for_as_long_as_it_lives():
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_hold, args=(theirs,), daemon=True)
    before = peak_memory_mib()
    child.start()
    assert ours.recv()
    assert peak_memory_mib() > before + 384
    ours.send("enough")
    child.join()


def _hold(pipe: Connection) -> None:
    held = np.ones(384 * 2**20 // 8)
    pipe.send(len(held))
    pipe.recv()
