"""A process that runs jobs loads of its libraries what jobs use, and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

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
