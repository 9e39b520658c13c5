"""A process that runs jobs loads of its libraries what jobs use, and no more."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from likeness.jobs.process import loading

_LOADED = """
import sys
from likeness.jobs.process import prepare_process
prepare_process()
import likeness.fitting.pipeline, likeness.scans.inspection, open3d
print(sorted({"torch._refs", "torch._decomp.decompositions", "dash", "plotly"} & set(sys.modules)))
"""


def test_no_compiler_and_no_plots_are_loaded(repository: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository / "desktop"))
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True,
                          check=True)
    assert told.stdout.strip() == "[]"


def test_garbage_is_looked_for_again_once_libraries_are_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux does")
def test_numpy_multiplies_on_one_thread_whoever_asks_for_more(
        repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its threads would wait in a loop: the processor would be busy for longer than it takes."""
    monkeypatch.setenv("PYTHONPATH", str(repository / "desktop"))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    told = subprocess.run(
        [sys.executable, "-c", "import likeness, os, numpy as np;"
         "a = np.ones((900, 900)); a @ a; print(len(os.listdir('/proc/self/task')))"],
        capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1"
