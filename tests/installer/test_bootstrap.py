"""The bootstrap: what it decides, what it says, and how fast it is when there is nothing to do."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def bootstrap(repository: Path, tmp_path: Path) -> ModuleType:
    """The script as a module, its environment folder moved to an empty place."""
    path = repository / "installer" / "bootstrap.py"
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / ".venv"
    module.STAMP = module.VENV / "likeness-installed.json"
    module.LOG = module.VENV / "likeness-install.log"
    return module


def write_stamp(bootstrap: ModuleType, key: str, extras: list[str]) -> None:
    """Leave an environment behind as a finished installation would."""
    python = bootstrap.venv_python()
    python.parent.mkdir(parents=True)
    python.touch()
    bootstrap.STAMP.write_text(json.dumps({"key": key, "extras": extras}))


def test_it_uses_the_standard_library_only(repository: Path) -> None:
    script = repository / "installer" / "bootstrap.py"
    result = subprocess.run([sys.executable, "-I", "-S", script, "--help"], capture_output=True)
    assert result.returncode == 0, result.stderr


def test_a_stamp_of_these_sources_counts(bootstrap: ModuleType) -> None:
    write_stamp(bootstrap, bootstrap._key(), ["test"])
    assert bootstrap._stamp() == {"test"}


def test_a_stamp_of_other_sources_does_not_count(bootstrap: ModuleType) -> None:
    write_stamp(bootstrap, "other", ["test"])
    assert bootstrap._stamp() is None


def test_new_pins_make_the_stamp_stale(bootstrap: ModuleType, tmp_path: Path) -> None:
    write_stamp(bootstrap, bootstrap._key(), ["test"])
    bootstrap.CONSTRAINTS = tmp_path / "constraints.txt"
    bootstrap.CONSTRAINTS.write_text("numpy==1.0\n")
    assert bootstrap._stamp() is None


def test_a_finished_installation_is_left_alone(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stamp(bootstrap, bootstrap._key(), ["test"])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("ran something"))
    start = time.perf_counter()
    bootstrap.prepare(("test",), own_screen=True)
    assert time.perf_counter() - start < 1


def test_without_root_it_says_the_exact_command(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "_root_prefix", lambda: None)
    with pytest.raises(bootstrap.SetupError, match=r"apt-get install -y libegl1 libgl1\n"):
        bootstrap._install_debian(("libegl1", "libgl1"), "for the window")


def test_without_apt_it_names_the_packages(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.SetupError, match="libegl1"):
        bootstrap._install_debian(("libegl1",), "for the window")


def test_a_failed_installation_is_told_with_a_remedy(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.venv_python = lambda: Path(sys.executable)
    with pytest.raises(bootstrap.SetupError) as told:
        bootstrap._pip("--no-index", "likeness-no-such-package")
    assert "likeness-no-such-package" in str(told.value)
    assert "run this again" in str(told.value)
    assert "likeness-no-such-package" in bootstrap.LOG.read_text()


def test_an_unknown_benchmark_lists_those_there_are(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.SetupError, match="There are: "):
        bootstrap.bench(["no-such-benchmark"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="virtual screens are for Linux")
def test_its_own_screen_comes_and_goes(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with bootstrap.screen() as environment:
        socket = Path("/tmp/.X11-unix") / f"X{environment['DISPLAY'].removeprefix(':')}"
        assert socket.exists()
        assert Path(environment["XDG_RUNTIME_DIR"]).is_dir()
    assert not socket.exists()


def test_a_display_that_is_there_is_used(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with bootstrap.screen() as environment:
        assert environment == dict(os.environ)
