"""Sets Likeness up on a fresh machine and starts it: python3 installer/bootstrap.py demo.

Standard library only. Makes `.venv` beside the sources, installs exactly the tested versions and
the few system libraries the window needs, remembers that in a stamp, and then only starts things.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "installer" / "constraints.txt"
STAMP = VENV / "likeness-installed.json"
LOG = VENV / "likeness-install.log"
BACKEND = "hatchling"
OLDEST, NEWEST = (3, 11), (3, 14)

# The exit code of a fit that was written although its verdict is poor.
POOR = 4

# What each command needs beside Likeness itself: the names of extras in pyproject.toml.
EXTRAS = {"demo": (), "run": (), "test": ("test",), "bench": ("test", "bench")}

# Shared objects that the Python packages load from the system, and the Debian package of each.
WINDOW_LIBRARIES = {
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libgomp.so.1": "libgomp1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
# With no display the tests draw into one of their own, in software.
SCREEN_PACKAGES = ("xvfb", "libgl1-mesa-dri", "fonts-dejavu-core")


class SetupError(Exception):
    """Something the person at the keyboard can act on, in plain sentences."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; the exit code is that of what was started."""
    options, rest = _parse(arguments)
    # Asked to stop, still take the screen and what runs in it along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _reach_supported_python()
        prepare(EXTRAS[options.command], own_screen=options.command in ("test", "bench"))
        return COMMANDS[options.command](rest)
    except SetupError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


def say(sentence: str) -> None:
    """Tell the person at the keyboard; stdout belongs to what is started."""
    print(sentence, file=sys.stderr, flush=True)


def _parse(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__)
    parser.add_argument(
        "command",
        choices=sorted(EXTRAS),
        help="demo: fit the sample scan and show it; run: start likeness with the arguments that "
        "follow; test: run every check and test; bench: run tests/benchmarks/bench_NAME.py",
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on as they are")
    options = parser.parse_args(arguments)
    return options, options.arguments


# The environment


def prepare(extras: tuple[str, ...], *, own_screen: bool) -> None:
    """Bring .venv and the system libraries to what `extras` need; does nothing where they are."""
    have = _stamp()
    missing = set(extras) - have if have is not None else set(extras)
    if have is not None and not missing:
        return
    _install_system_packages(own_screen=own_screen)
    _make_venv()
    wanted = tuple(sorted((have or set()) | set(extras)))
    _install_packages(wanted)
    STAMP.write_text(json.dumps({"key": _key(), "extras": wanted}), encoding="utf-8")


def _stamp() -> set[str] | None:
    """The extras installed for exactly these sources and this Python, None where not installed."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return set(stamp["extras"]) if stamp.get("key") == _key() and venv_python().exists() else None


def _key() -> str:
    parts = [(ROOT / "pyproject.toml").read_bytes(), CONSTRAINTS.read_bytes()]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def venv_python() -> Path:
    """The interpreter inside .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _reach_supported_python() -> None:
    """Start over under a supported Python where this one is not, or say which one to install."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        if other := shutil.which(f"python3.{minor}"):
            raise SystemExit(subprocess.call([other, *sys.argv]))
    raise SetupError(
        f"Likeness needs Python {_dotted(OLDEST)} to {_dotted(NEWEST)}; this is "
        f"{_dotted(sys.version_info[:2])}. Install one of those from python.org or your system's "
        "packages, then run this again with it."
    )


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _make_venv() -> None:
    if _same_python(venv_python()):
        return
    if importlib.util.find_spec("ensurepip") is None:
        _install_debian((f"python{_dotted(sys.version_info[:2])}-venv",), "to make .venv")
    say(f"Making {VENV} ...")
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if result.returncode:
        raise SetupError(
            f"Python could not make the folder {VENV}: {result.stdout}{result.stderr}".strip()
            + " Make sure the folder can be written and has 5 GB free, then run this again."
        )


def _same_python(interpreter: Path) -> bool:
    """Whether `interpreter` runs, is this version of Python and has pip."""
    if not interpreter.exists():
        return False
    ask = "import pip, sys; print(*sys.version_info[:2], sep='.')"
    result = subprocess.run([str(interpreter), "-c", ask], capture_output=True, text=True)
    return result.stdout.strip() == _dotted(sys.version_info[:2])


def _install_packages(extras: tuple[str, ...]) -> None:
    say("Installing Likeness and its libraries into .venv; this takes some minutes the first time.")
    LOG.write_text("", encoding="utf-8")
    _pip(BACKEND)
    target = str(ROOT) + (f"[{','.join(extras)}]" if extras else "")
    _pip("--no-build-isolation", "--editable", target)
    # pip compiles what it copies, but these sources stay where they are; without, starts are slow.
    compiling = [str(venv_python()), "-m", "compileall", "-qq", str(ROOT / "desktop")]
    subprocess.run(compiling, check=False)


def _pip(*arguments: str) -> None:
    """Run pip install with the tested versions, its words into the log, a short trace to stderr."""
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--no-input", "--constraint", str(CONSTRAINTS), *arguments]
    lines: list[str] = []
    with LOG.open("a", encoding="utf-8") as log, subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            log.write(line)
            lines.append(line.rstrip())
            _show_step(line)
    _show_step("")
    if pip.returncode:
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
        raise SetupError(
            "The libraries could not be installed:\n  " + "\n  ".join(errors)
            + f"\nCheck the network connection and the free space on the disk, then run this "
            f"again; it goes on where it stopped. pip's whole account is in {LOG}."
        )


def _show_step(line: str) -> None:
    if not sys.stderr.isatty():
        return
    telling = line.startswith(("Collecting", "Installing", "  Downloading"))
    step = line.strip()[:78] if telling else ""
    if step or not line:
        print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)


# System libraries


def _install_system_packages(*, own_screen: bool) -> None:
    """Install what the window needs from the system where that may be done, else say how."""
    if not sys.platform.startswith("linux"):
        return
    packages = {package for name, package in WINDOW_LIBRARIES.items() if not _loads(name)}
    if own_screen and not _has_display() and not shutil.which("Xvfb"):
        packages |= set(SCREEN_PACKAGES)
    if packages:
        _install_debian(tuple(sorted(packages)), "for the window")


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _install_debian(packages: tuple[str, ...], purpose: str) -> None:
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"This system lacks libraries that Likeness needs {purpose}. Install what Debian calls "
            f"{names} from your system's packages, then run this again."
        )
    by_hand = f"sudo apt-get update && sudo apt-get install -y {names}"
    prefix = _root_prefix()
    if prefix is None:
        raise SetupError(
            f"Likeness needs a few system packages {purpose}. Install them with\n  {by_hand}\n"
            "then run this again."
        )
    say(f"Installing system packages {purpose}: {names}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL)  # stale lists may still do
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.run(install, stdout=subprocess.DEVNULL).returncode:
        raise SetupError(
            f"The system packages could not be installed. Try\n  {by_hand}\nand read what it says, "
            "then run this again."
        )


def _root_prefix() -> list[str] | None:
    """The words that make a command run as root without asking anything, None where none do."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if shutil.which("sudo") and _succeeds([*sudo, "true"]):
        return sudo
    return None


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


# The screen


def _has_display() -> bool:
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """An environment with a display in it: the one there is, or a virtual one of our own."""
    environment = dict(os.environ)
    if _has_display():
        yield environment
        return
    with tempfile.TemporaryDirectory() as runtime, _virtual_display() as display:
        environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
        environment.setdefault("XDG_RUNTIME_DIR", runtime)
        if "UTF-8" not in environment.get("LC_ALL", environment.get("LANG", "")).upper():
            environment["LC_ALL"] = "C.UTF-8"
        yield environment


@contextlib.contextmanager
def _virtual_display() -> Iterator[str]:
    if not shutil.which("Xvfb"):
        _install_debian(SCREEN_PACKAGES, "for a screen of its own")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"]
    command += ["-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()  # empty where the server died
        if not number:
            raise SetupError("The virtual screen Xvfb did not start. Run `Xvfb :99` to see why.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


# The commands


def demo(rest: list[str]) -> int:
    """Fit the bundled sample, say where the result lies, and show it where there is a display."""
    scan = ROOT / "resources" / "sample" / "sample_scan.ply"
    out = Path.cwd() / "likeness-results"
    fit = ["fit", str(scan), "--refinement", "standard", "--out", str(out), *rest]
    say(f"Fitting the sample scan; the result goes into {out}.")
    code = _likeness(fit)
    if code not in (0, POOR):
        return code
    for path in sorted(out.rglob("*")):
        if path.is_file():
            say(f"  {path}")
    if not _has_display():
        say("There is no display here, so the window stays closed; the files above are the result.")
        return 0
    say("Opening the window on the result.")
    return _likeness(["open", str(out / scan.stem)])


def run(rest: list[str]) -> int:
    """Start `likeness` with the arguments given."""
    return _likeness(rest)


def test(rest: list[str]) -> int:
    """Run every check and every test, in a screen of their own where there is none."""
    checks = {
        "floors": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
        "style": ["-m", "ruff", "check", "."],
        "types": ["-m", "mypy"],
        "tests": ["-m", "pytest", *rest],
    }
    with screen() as environment:
        failed = [name for name, check in checks.items() if _python(check, name, environment)]
    say(f"Failed: {', '.join(failed)}." if failed else "Everything passed.")
    return 1 if failed else 0


def bench(rest: list[str]) -> int:
    """Run one benchmark by name."""
    folder = ROOT / "tests" / "benchmarks"
    names = sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))
    if not rest or rest[0] not in names:
        raise SetupError(f"Which benchmark? There are: {', '.join(names) or 'none yet'}.")
    with screen() as environment:
        script = str(folder / f"bench_{rest[0]}.py")
        return _python([script, *rest[1:]], f"benchmark {rest[0]}", environment)


COMMANDS = {"demo": demo, "run": run, "test": test, "bench": bench}


def _likeness(arguments: list[str]) -> int:
    return subprocess.call([str(venv_python()), "-m", "likeness", *arguments])


def _python(arguments: list[str], name: str, environment: dict[str, str]) -> int:
    say(f"== {name}")
    return subprocess.call([str(venv_python()), *arguments], cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
