"""The command line: fit, inspect, bodies, selftest; with no arguments it opens the window."""

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from likeness import __version__
from likeness.core.errors import Cancelled, UsageError, UserError
from likeness.core.wording import per_cent

if TYPE_CHECKING:  # a command imports what it runs when it runs it: --help must not wait for that
    from likeness.jobs.interrupt import Interrupt
    from likeness.jobs.job import Outcome
    from likeness.jobs.solving import Solver
    from likeness.jobs.steps import Opened

# An exit code, and what --json prints.
Ending = tuple[int, dict[str, object]]

DONE, BUG, USAGE, UNUSABLE, POOR, UNLICENSED, CANCELLED = 0, 1, 2, 3, 4, 5, 130
# Of several scans the worst ending is the command's.
_FROM_BEST = (DONE, POOR, UNUSABLE, USAGE, UNLICENSED, BUG, CANCELLED)

_UNITS = ("auto", "m", "cm", "mm", "in")
_UPS = ("auto", "+x", "-x", "+y", "-y", "+z", "-z")
_FEWEST = 5_000  # what --decimate may leave at least
_REFINEMENTS = {
    "none": "the body's shape space, skin kept apart: very sparse or noisy scans",
    "low": "a little freer: hair, clothing, noise",
    "standard": "freer: high-resolution scanners",
    "high": "freest: extremely clean scans",
}
_MENDS = {
    "layers": "merge the layers of a cloud, drop those over a mesh's skin",
    "outwards": "turn triangles until all show their outer side",
    "holes": "fill holes of at most 20 cm²",
}
_ENDING = (["fit"], ["inspect"])  # commands whose process ends with its work
_EXIT_CODES = """\
exit codes:
  0 done   1 a bug, please report it   2 wrong usage   3 the input cannot be used
  4 done, but the fit is poor   5 not licensed   130 cancelled
"""


def start() -> NoReturn:
    """The program: `main`, and an end without taking torch and open3d apart, which takes a second.

    The window's process has neither, and ends as Python programs do.
    """
    if sys.argv[1:2] in _ENDING:
        from likeness.jobs.memory import keep_freed_memory

        keep_freed_memory()
    code = main()
    if "torch" in sys.modules or "open3d" in sys.modules:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # whoever read it has gone
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(_joined(sys.argv[1:] if argv is None else argv))
    as_json = getattr(arguments, "json", False)
    with _kept_clear(as_json):
        code, answer = _ending(partial(arguments.run, arguments))
    if as_json:
        print(json.dumps(answer, indent=2))
    return code


def _joined(argv: Sequence[str]) -> list[str]:
    """`--up -z` as `--up=-z`, which argparse would take for an option of its own."""
    words = list(argv)
    for place in reversed([i for i, word in enumerate(words[:-1]) if word == "--up"]):
        words[place:place + 2] = [f"--up={words[place + 1]}"]
    return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "likeness", description="Turns a 3D scan of a person into an animation-ready avatar.",
        epilog=_EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"likeness {__version__}")
    parser.set_defaults(run=_open, file=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    opening = commands.add_parser("open", help="open the window on a scan or a result folder")
    opening.add_argument("file", type=Path, metavar="FILE")
    opening.set_defaults(run=_open)
    _add_fit(commands)
    inspecting = commands.add_parser("inspect", help="say what is wrong with a scan")
    inspecting.add_argument("scan", type=Path, metavar="SCAN")
    _add_reading(inspecting)
    inspecting.add_argument("--out", type=Path, metavar="DIR",
                            help="also write findings.json and findings.npz there")
    inspecting.set_defaults(run=_inspect)
    commands.add_parser("bodies", help="list the installed bodies and their terms"
                        ).set_defaults(run=_bodies)
    commands.add_parser("selftest", help="check the installation and fit the sample"
                        ).set_defaults(run=_selftest)
    return parser


def _add_fit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    fitting = commands.add_parser("fit", help="fit a body and write the avatar",
                                  epilog=_EXIT_CODES,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    fitting.add_argument("scans", type=Path, nargs="+", metavar="SCAN")
    fitting.add_argument("--out", type=Path, metavar="DIR",
                         help="write DIR/<scan>/ for each scan (default: ./<scan>-avatar/)")
    fitting.add_argument("--refinement", choices=_REFINEMENTS, default="standard",
                         help="; ".join(f"{name}: {use}" for name, use in _REFINEMENTS.items()))
    fitting.add_argument("--body", default="open", metavar="NAME|FILE",
                         help="see `likeness bodies` (default: open)")
    fitting.add_argument("--clean", choices=("auto", "none"), default="auto",
                         help="remove what certainly does not belong to the skin (default: auto)")
    fitting.add_argument("--mend", type=_mends, default=(), metavar="layers,outwards,holes",
                         help="; ".join(f"{name}: {use}" for name, use in _MENDS.items()))
    fitting.add_argument("--clothed", action="store_true",
                         help="the person wears loose clothes: keep the body inside of them "
                              "(none and low always do)")
    _add_reading(fitting)
    fitting.add_argument("--formats", default="glb,npz", metavar="glb,obj,...",
                         help="avatar files to write; avatar.npz is always among them")
    fitting.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    fitting.add_argument("--seed", type=int, default=0, metavar="N")
    fitting.set_defaults(run=_fit)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", choices=_UNITS, default="auto")
    parser.add_argument("--up", choices=_UPS, default="auto")
    parser.add_argument("--decimate", type=_count, default=0, metavar="N",
                        help="work on a copy of at most N triangles (points of a cloud)")
    parser.add_argument("--json", action="store_true",
                        help="print one JSON object on stdout and nothing else there")


def _mends(words: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(words.split(",")))
    for name in names:
        if name not in _MENDS:
            raise argparse.ArgumentTypeError(f"choose among {', '.join(_MENDS)}, not {name!r}")
    return names


def _count(words: str) -> int:
    if not words.isdecimal() or int(words) < _FEWEST:
        raise argparse.ArgumentTypeError(f"{words!r} is no number of at least {_FEWEST:,}")
    return int(words)


def _open(arguments: argparse.Namespace) -> Ending:
    file: Path | None = arguments.file
    if file is not None and not file.exists():
        raise UserError(f"There is no file or folder {file}.", "Check the path.")
    if sys.platform.startswith("linux") and not any(
            os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        raise UsageError("There is no display to open a window on.",
                         "On a machine without one use `likeness fit SCAN`.")
    from likeness.gui.app import open_window

    return open_window(file), {}


def _fit(arguments: argparse.Namespace) -> Ending:
    from likeness.jobs.aside import solver_beside
    from likeness.jobs.folder import folders_for
    from likeness.jobs.interrupt import interruptible
    from likeness.jobs.process import loading, prepare_process

    folders = folders_for(arguments.scans, arguments.out)
    codes, lines = [], []
    with interruptible() as interrupt, solver_beside() as solver:
        prepare_process()
        with loading():
            import likeness.jobs.job  # noqa: F401
        for scan, folder in zip(arguments.scans, folders, strict=True):
            code, line = _ending(partial(_fit_one, arguments, scan, folder, interrupt, solver))
            codes.append(code)
            lines.append({"scan": str(scan), **line})
            if code == CANCELLED:
                break
    worst = max(codes, key=_FROM_BEST.index)
    return worst, {"scans": lines, "exit_code": worst}


def _fit_one(arguments: argparse.Namespace, scan: Path, folder: Path,
             interrupt: "Interrupt", solver: "Solver") -> Ending:
    from likeness.jobs.job import Job, run_job
    from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan
    from likeness.jobs.terminal import Terminal

    formats = dict.fromkeys([*arguments.formats.split(","), "npz"])
    job = Job(ReadScan(scan, arguments.unit, arguments.up, most=arguments.decimate),
              FitScan(arguments.refinement, arguments.body, arguments.clean, arguments.device,
                      arguments.seed, arguments.clothed, mend=arguments.mend),
              ExportAvatar(folder, tuple(formats)))
    with closing(Terminal(sys.stderr, scan.name)) as terminal:
        outcome = run_job(job, interrupt.watching(terminal), solver)
    code = POOR if outcome.verdict == "poor" else DONE
    if not arguments.json:
        _print_outcome(scan, outcome)
    return code, {"exit_code": code, "folder": str(outcome.results.folder),
                  "files": [file.name for file in outcome.results.files], **outcome.results.report}


def _print_outcome(scan: Path, outcome: "Outcome") -> None:
    distances = outcome.fitted.fit.distances
    print(f"{scan.name}: {outcome.verdict}. From scan to avatar "
          f"{distances.scan_to_avatar.median:.1f} mm (median), "
          f"{distances.scan_to_avatar.p95:.1f} mm (95 %); "
          f"{per_cent(distances.coverage)} of the body seen.")
    for reason in outcome.fitted.fit.verdict.reasons:
        print(f"  {reason}")
    print(f"  {outcome.results.folder}: {', '.join(f.name for f in outcome.results.files)}")


def _inspect(arguments: argparse.Namespace) -> Ending:
    from likeness.jobs.findings import inspection_report, write_findings
    from likeness.jobs.folder import require_writable
    from likeness.jobs.interrupt import interruptible
    from likeness.jobs.process import prepare_process
    from likeness.jobs.protocol import ReadScan
    from likeness.jobs.steps import open_scan
    from likeness.jobs.terminal import Terminal

    prepare_process()
    if arguments.out is not None:
        require_writable(arguments.out)
    with interruptible() as interrupt, closing(Terminal(sys.stderr, arguments.scan.name)) as bar:
        opened = open_scan(ReadScan(arguments.scan, arguments.unit, arguments.up,
                                    most=arguments.decimate), interrupt.watching(bar))
    if arguments.out is not None:
        write_findings(opened, arguments.out)
    if not arguments.json:
        _print_findings(opened)
    return DONE, inspection_report(opened)


def _print_findings(opened: "Opened") -> None:
    from likeness.jobs.telling import told_once

    scan = opened.scan
    print(f"{scan.source.vertices:,} points, {scan.source.faces:,} faces, "
          f"{scan.height_m:.2f} m tall.")
    print(f"Unit {scan.unit.value}: {scan.unit.reason}")
    print(f"Up {scan.up.value}: {scan.up.reason}")
    for line in told_once(f"{each.severity:8} {each.sentence}" for each in opened.known_findings):
        print(line)
    if not opened.known_findings:
        print("Nothing stands out.")


def _bodies(arguments: argparse.Namespace) -> Ending:
    from likeness.bodies.library import installed_bodies

    for body in installed_bodies():
        print(f"{body.name}  ({body.family})  {body.path}\n    {body.terms}")
    return DONE, {}


def _selftest(arguments: argparse.Namespace) -> Ending:
    from likeness.jobs.selftest import run_selftest

    checks = []
    for check in run_selftest():
        print(f"{'ok' if check.passed else 'FAILED':7} {check.name:16} {check.detail}")
        checks.append(check)
    failed = sum(not check.passed for check in checks)
    print(f"{len(checks) - failed} of {len(checks)} checks passed.")
    return (BUG if failed else DONE), {}


def _ending(work: Callable[[], Ending]) -> Ending:
    """Run `work` to one of the endings there are; a bug is reported, never shown as a traceback."""
    try:
        return work()
    except (Cancelled, KeyboardInterrupt):
        _say("Cancelled.")
        return CANCELLED, {"exit_code": CANCELLED}
    except UserError as error:
        _say(f"{error.problem} {error.remedy}")
        told = {"problem": error.problem, "remedy": error.remedy}
        return error.exit_code, {"exit_code": error.exit_code, "error": told}
    except BrokenPipeError:  # whoever read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE, {"exit_code": DONE}
    except Exception:  # noqa: BLE001 - the one place where the command line meets its own bugs
        file = _traceback_file()
        _say(f"This is a bug; please report it with the file {file}.")
        return BUG, {"exit_code": BUG, "error": {"problem": "This is a bug.",
                                                 "remedy": f"Please report it with {file}."}}


def _say(sentence: str) -> None:
    print(f"likeness: {sentence}", file=sys.stderr)


def _traceback_file() -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="likeness-bug-", suffix=".txt", delete=False,
                                     encoding="utf-8") as file:
        file.write(f"likeness {__version__}, Python {sys.version}, {sys.platform}\n\n")
        file.write(traceback.format_exc())
    return Path(file.name)


@contextmanager
def _kept_clear(wanted: bool) -> Iterator[None]:
    """Send what native libraries write to stdout to stderr, so that only our JSON arrives there."""
    if not wanted:
        yield
        return
    sys.stdout.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
