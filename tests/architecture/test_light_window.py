"""The window's process stays free of the engine's libraries."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "smplx", "open3d", "trimesh")
ASK = "import sys, {module}; print(*[name for name in {heavy} if name in sys.modules])"


@pytest.mark.parametrize("module", ["likeness.gui.app", "likeness.jobs.engine", "likeness.cli"])
def test_importing_it_loads_nothing_heavy(repository: Path, module: str) -> None:
    ask = ASK.format(module=module, heavy=HEAVY)
    result = subprocess.run(
        [sys.executable, "-c", ask], cwd=repository / "desktop", capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def test_the_command_line_does_not_load_the_window(repository: Path) -> None:
    ask = ASK.format(module="likeness.cli", heavy=("PySide6", "vtkmodules"))
    result = subprocess.run(
        [sys.executable, "-c", ask], cwd=repository / "desktop", capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []
