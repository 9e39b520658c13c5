"""The peak is that of this process and its children, and grows with what they hold."""

import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

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


_HELD = """
import sys
import numpy as np
from likeness.jobs.memory import keep_freed_memory, memory_mib
if sys.argv[1] == "keep":
    keep_freed_memory()
before = memory_mib()
held = [np.ones(2**26, np.uint8) for _ in range(4)]
del held
print(memory_mib() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be asked to keep memory")
@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_freed_is_kept_on_request(repository: Path, monkeypatch: pytest.MonkeyPatch, *,
                                          keeps: bool) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository / "desktop"))
    told = subprocess.run([sys.executable, "-c", _HELD, "keep" if keeps else "return"],
                          capture_output=True, text=True, check=True)
    assert (float(told.stdout) > 200) == keeps
