"""The wheel stands on its own: built, installed away from the sources, it checks itself."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest


def call(*command: str | Path, cwd: Path) -> str:
    """Run without the sources on the path; its stdout, or a failure with all it said."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, repository]
    call(*build, cwd=out)
    [path] = out.glob("likeness-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel in it and our libraries beneath."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(call(python, "-c", ask, cwd=folder).strip())
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    call(*pip, "--disable-pip-version-check", wheel, cwd=folder)
    # The libraries of the environment under test, found after the wheel; its .pth files are not
    # read this way, so an editable Likeness in it stays out of sight.
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    return python


def test_the_wheel_carries_every_module_and_resource(repository: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = (repository / "desktop").rglob("*.py")
    expected = {path.relative_to(repository / "desktop").as_posix() for path in modules}
    resources = [path for path in (repository / "resources").rglob("*") if path.is_file()]
    assert resources
    expected |= {f"likeness/{path.relative_to(repository).as_posix()}" for path in resources}
    assert expected - names == set()
    assert not any(name.startswith(("tests/", "installer/", "desktop/")) for name in names)


def test_the_wheel_carries_licence_and_notice(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
    assert {"LICENSE", "NOTICE"} <= names


def test_what_runs_is_the_wheel(repository: Path, installed: Path, tmp_path: Path) -> None:
    where = call(installed, "-c", "import likeness; print(likeness.__file__)", cwd=tmp_path)
    assert not Path(where.strip()).is_relative_to(repository)


@pytest.mark.slow
def test_the_installed_wheel_checks_itself(installed: Path, tmp_path: Path) -> None:
    call(installed.parent / "likeness", "selftest", cwd=tmp_path)
