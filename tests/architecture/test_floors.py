"""The floors hold, and each contract that guards them catches what it is there for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT = "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of `root`/pyproject.toml over `root`/desktop."""
    environment = os.environ | {"PYTHONPATH": str(root / "desktop"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=root, env=environment, capture_output=True, text=True,
        encoding="utf-8",
    )


@pytest.fixture
def copy(repository: Path, tmp_path: Path) -> Path:
    """A copy of the sources to plant violations in."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(repository / "desktop", tmp_path / "desktop", ignore=ignore)
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_floors_hold(repository: Path) -> None:
    result = lint(repository)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("core/planted.py", "import likeness.scans.scan", "Imports point down only"),
        ("bodies/planted.py", "import likeness.scans.scan", "Imports point down only"),
        ("avatars/planted.py", "import likeness.fitting.fit", "Imports point down only"),
        ("jobs/planted.py", "def f(): import likeness.gui", "Imports point down only"),
        ("jobs/planted.py", "import PySide6.QtCore", "Only the window knows Qt and VTK"),
        ("scans/planted.py", "import pyvista", "Only the window knows Qt and VTK"),
        ("gui/planted.py", "import torch", "The window never loads the engine's libraries"),
        ("gui/planted.py", "def f(): import open3d", "The window never loads the engine's"),
        ("gui/planted.py", "import smplx", "The window never loads the engine's libraries"),
        ("fitting/planted.py", "import anny", "Nothing that ships needs what only builds"),
    ],
)
def test_a_planted_violation_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    package = copy / "desktop" / "likeness"
    (package / file).write_text(f'"""Planted."""\n\n{line}\n', encoding="utf-8")
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    broken = [text for text in result.stdout.splitlines() if "BROKEN" in text]
    assert any(text.startswith(contract) for text in broken), result.stdout


def test_a_room_without_a_floor_is_caught(copy: Path) -> None:
    room = copy / "desktop" / "likeness" / "attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""Planted."""\n', encoding="utf-8")
    result = lint(copy)
    assert result.returncode == 1
    assert "attic" in result.stdout
