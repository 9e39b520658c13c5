"""How long `likeness fit` takes from the shell to the written avatar, and how much memory.

Usage: bench_speed.py [--points N] [--refinement LEVEL] [--threads N] [--people N]
                [--repeat N] [--json FILE]
On a machine with CUDA, after `nvidia-cuda-mps-control -d`:
bench_speed.py --refinement high --device cuda --batch 32 --processes 11
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

from tests.benchmarks.batch import fit_batch  # noqa: E402
from tests.synthetic.people import SETS, make_set  # noqa: E402
from tests.synthetic.scanner import Scanner  # noqa: E402
from tests.synthetic.subjects import default_cache  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from likeness.bodies.body import Body
    from likeness.scans.scan import Scan

LEVELS = ("none", "standard", "high")
_ASKED = 1.09  # holes and rounding leave about this much less than was asked for
_DONE = (0, 4)  # exit codes that leave a result


@dataclass(frozen=True)
class Timing:
    """One run of the command: wall and processor seconds, peak memory, the report's stages.

    Start and pose run beside inspection and count as far as the job waited for them. `around` is
    what the stages do not hold: starting Python, imports, ending.
    """

    refinement: str
    points: int
    exit_code: int
    wall: float
    processor: float
    around: float
    peak_mib: float
    stages: dict[str, float]


def main() -> None:
    """Make the scan, run the command at each level, print and write."""
    options = _options()
    scans = _scans(options.points, options.people, options.cache)
    print(f"{os.cpu_count()} cores, {options.threads} threads, load before "
          f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    timings = []
    for level in options.refinement or LEVELS:
        runs = sorted((_fastest(scan, level, options) for scan in scans), key=lambda run: run.wall)
        timings += runs
        print(_lines(runs), flush=True)
    batch = _batched(options) if options.batch else None
    compared = _compared(scans[0], options) if options.baseline else None
    out = options.json or options.cache / "speed.json"
    out.write_text(json.dumps({"cores": os.cpu_count(), "threads": options.threads,
                               "device": options.device, "scan": scans[0].name,
                               "baseline": compared, "batch": batch,
                               "runs": [asdict(each) for each in timings]},
                              indent=1))
    print(f"Numbers: {out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench speed", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--refinement", action="append",
                        choices=("none", "low", "standard", "high"),
                        help=f"default: {', '.join(LEVELS)}; repeatable")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--baseline", action="store_true",
                        help="fit with plain Adam and L-BFGS as well, minutes, and compare")
    parser.add_argument("--batch", type=int, default=0, metavar="N",
                        help="time the fits alone of N scans as well, at the last level")
    parser.add_argument("--processes", type=int, default=1, metavar="N",
                        help="that fit the batch; on a GPU with CUDA MPS, or they wait in turn")
    parser.add_argument("--people", type=int, default=1, metavar="N",
                        help="one scan of each; where fingers are tried again it takes a second "
                             "more")
    parser.add_argument("--repeat", type=int, default=1, help="the fastest run counts")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--json", type=Path, help="default: speed.json in the cache")
    return parser.parse_args()


def _scans(points: int, count: int, cache: Path) -> list[Path]:
    """The first standing people, scanned that densely."""
    people = replace(SETS["standing"], name=f"speed_{points}", count=count,
                     scanner=Scanner(points=round(_ASKED * points)))
    return [each.scan for each in make_set(people, range(count), cache)]


def _fastest(scan: Path, level: str, options: argparse.Namespace) -> Timing:
    runs = [_timed(scan, level, options) for _ in range(options.repeat)]
    return min(runs, key=lambda run: run.wall)


def _timed(scan: Path, level: str, options: argparse.Namespace) -> Timing:
    before = os.times()
    code, wall, report = _run(scan, level, options)
    after, stages = os.times(), _stages(report)
    processor = (after.children_user + after.children_system
                 - before.children_user - before.children_system)
    return Timing(level, report["input"]["vertices"], code, wall, processor,
                  wall - sum(stages.values()), report["peak_memory_mib"], stages)


def _run(scan: Path, level: str, options: argparse.Namespace) -> tuple[int, float, dict]:
    """The command on this scan: its exit code, its seconds, the report it wrote."""
    threads = {name: str(options.threads)
               for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT / "desktop")}
    with tempfile.TemporaryDirectory(prefix="likeness-speed-") as folder:
        command = [sys.executable, "-m", "likeness", "fit", str(scan), "--out", folder,
                   "--refinement", level, "--device", options.device]
        begun = time.perf_counter()
        ended = subprocess.run(command, env=environment, capture_output=True, text=True,
                               check=False)
        wall = time.perf_counter() - begun
        if ended.returncode not in _DONE:
            raise SystemExit(f"exit code {ended.returncode}\n{ended.stderr}")
        report = next(Path(folder).rglob("report.json"))
        return ended.returncode, wall, json.loads(report.read_text("utf-8"))


def _stages(report: dict) -> dict[str, float]:
    return {stage["name"]: stage["seconds"] for stage in report["stages"]}


def _batched(options: argparse.Namespace) -> dict[str, float]:
    """The fits alone of several scans that are read already, in one process or in several."""
    import numpy as np

    from likeness.fitting.fit import FitSettings

    level = (options.refinement or LEVELS)[-1]
    scans = _scans(options.points, options.batch, options.cache)
    times = fit_batch(scans, FitSettings(level, options.device), options.processes)
    found = {"scans": len(scans), "processes": options.processes, "together": times.together,
             "median": float(np.median(times.each)), "slowest": max(times.each)}
    print(f"\n{len(scans)} fits at {level} in {options.processes} processes: "
          f"{found['together']:.2f} s together, each {found['median']:.2f} s (median), "
          f"{found['slowest']:.2f} s at most")
    return found


def _compared(example: Path, options: argparse.Namespace) -> dict[str, float]:
    """The fit alone at `none` against the plain fitter, in this process, on the same scan."""
    import numpy as np
    import torch
    from tests.benchmarks.baseline import fit_baseline
    from tests.synthetic.files import Truth
    from tests.synthetic.scoring import score_fit

    from likeness.core.progress import silent
    from likeness.jobs.protocol import FitScan, ReadScan
    from likeness.jobs.steps import fit_scan, open_scan

    torch.set_num_threads(options.threads)
    truth = Truth.read(example.with_name(f"{example.stem}_truth.npz"))
    opened = open_scan(ReadScan(example), silent)
    fit_scan(opened, FitScan("none", device="cpu"), silent)  # what comes first loads libraries
    fitted = fit_scan(opened, FitScan("none", device="cpu"), silent)
    fit, scan = fitted.fit, opened.scan
    facing = scan.world_from_scan[:3, :3] @ truth.facing
    plain = fit_baseline(fitted.body, scan.vertices, float(np.arctan2(facing[0], facing[2])))

    def error(vertices: np.ndarray, frame: np.ndarray) -> float:
        return score_fit(truth, vertices, fit.joints, frame).v2v_mm

    ours = sum(fitted.seconds[name] for name in ("start", "pose", "shape"))
    bar = error(plain.vertices, scan.world_from_scan)
    early, reached = _reached(scan, fitted.body, lambda vertices: error(
        vertices, scan.world_from_scan), bar)
    found = {"seconds": ours, "v2v_mm": error(fit.vertices, fit.world_from_scan),
             "early_seconds": early, "early_v2v_mm": reached,
             "plain_seconds": plain.seconds, "plain_v2v_mm": bar}
    print(f"\nPlain Adam and L-BFGS, told the facing: {plain.seconds:.0f} s, {bar:.1f} mm from "
          f"vertex to vertex.\nThe fit alone at none: {ours:.1f} s, {found['v2v_mm']:.1f} mm: "
          f"{plain.seconds / ours:.0f} times as fast. After {early:.2f} s it is at "
          f"{reached:.1f} mm: {plain.seconds / early:.0f} times as fast.")
    return found


def _reached(scan: "Scan", body: "Body", error: "Callable[[np.ndarray], float]", bar: float,
             ) -> tuple[float, float]:
    """The seconds until the cheapest candidate's error is no more than `bar`, and that error.

    Of a fit whose body is prepared; without the seconds in which errors are looked at. Infinite
    where no coarse step gets there.
    """
    import numpy as np
    import torch

    from likeness.bodies.pose import pose_body
    from likeness.fitting.ground import Ground
    from likeness.fitting.recipes import COARSE, COARSE_POINTS, COARSE_SPREAD
    from likeness.fitting.seen import see
    from likeness.fitting.start import starts

    ground, coarse = Ground.of(body, torch.device("cpu")), see(scan)[1].coarse
    with torch.inference_mode():
        begun = time.perf_counter()
        solver, target = ground.solver(COARSE_SPREAD, COARSE), coarse.thinned(COARSE_POINTS, 0)
        state = starts(solver.model, coarse, [torch.eye(3)])
        spent = time.perf_counter() - begun
        for step in range(COARSE.steps):
            begun = time.perf_counter()
            state = solver.run(target, state, lambda _: None, step, step + 1)
            judging = time.perf_counter()
            spent += judging - begun
            cost = solver(target, state, lambda _: None, COARSE.steps).cost
            judged = time.perf_counter() - judging
            parameters = ground.model.parameters(state, int(cost.argmin()))
            left = error(pose_body(body, parameters).vertices.astype(np.float32))
            if left <= bar:
                return spent + judged, left
        return float("inf"), left


def _lines(runs: list[Timing]) -> str:
    """The run in the middle of those sorted, and from where to where they go if there are more."""
    timing = runs[(len(runs) - 1) // 2]
    more = (f"  {len(runs)} people: {runs[0].wall:.1f} to {runs[-1].wall:.1f} s\n"
            if len(runs) > 1 else "")
    stages = "  ".join(f"{name} {seconds:.2f}" for name, seconds in timing.stages.items())
    return (f"\n{timing.refinement}: {timing.wall:.1f} s for {timing.points:,} points, "
            f"{timing.processor:.1f} s of processor, peak {timing.peak_mib:,.0f} MiB\n"
            f"{more}  {stages}  start and end {timing.around:.2f}")


if __name__ == "__main__":
    main()
