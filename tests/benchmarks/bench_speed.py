"""How long `likeness fit` takes from the shell to the written avatar, and how much memory.

Usage: bench_speed.py [--points N] [--refinement LEVEL] [--threads N] [--repeat N] [--json FILE]
On a machine with CUDA: bench_speed.py --refinement high --device cuda --batch 32
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

from tests.synthetic.people import SETS, make_set  # noqa: E402
from tests.synthetic.scanner import Scanner  # noqa: E402
from tests.synthetic.subjects import default_cache  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

    from likeness.bodies.body import Body
    from likeness.scans.scan import Scan

LEVELS = ("none", "standard", "high")
_ASKED = 1.09  # holes and rounding leave about this much less than was asked for
_DONE = (0, 4)  # exit codes that leave a result
_FIT = ("start", "pose", "shape", "refine", "measure")  # the fit itself


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
    scan = _scans(options.points, 1, options.cache)[0]
    print(f"{os.cpu_count()} cores, {options.threads} threads, load before "
          f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    timings = []
    for level in options.refinement or LEVELS:
        runs = [_timed(scan, level, options) for _ in range(options.repeat)]
        timings.append(min(runs, key=lambda run: run.wall))
        print(_lines(timings[-1]), flush=True)
    batch = _batched(options) if options.batch else None
    compared = _compared(scan, options) if options.baseline else None
    out = options.json or options.cache / "speed.json"
    out.write_text(json.dumps({"cores": os.cpu_count(), "threads": options.threads,
                               "device": options.device, "scan": scan.name, "baseline": compared,
                               "batch": batch, "runs": [asdict(each) for each in timings]},
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
                        help="time the fits of N scans as well, at the last level")
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
               for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
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
    """Several scans one after the other, each inspected first: what their fits alone take."""
    from likeness.core.progress import silent
    from likeness.jobs.protocol import FitScan, ReadScan
    from likeness.jobs.steps import fit_scan, open_scan

    level = (options.refinement or LEVELS)[-1]
    scans, fits = _scans(options.points, options.batch, options.cache), []
    fit_scan(open_scan(ReadScan(scans[0]), silent), FitScan(level, device=options.device), silent)
    begun = time.perf_counter()  # the fit before loaded the libraries
    for scan in scans:
        fitted = fit_scan(open_scan(ReadScan(scan), silent),
                          FitScan(level, device=options.device), silent)
        fits.append(sum(fitted.seconds[name] for name in _FIT))
    found = {"scans": len(scans), "fits": sum(fits), "slowest": max(fits),
             "wall": time.perf_counter() - begun}
    print(f"\n{len(scans)} scans at {level}: the fits {found['fits']:.1f} s together, "
          f"{found['slowest']:.2f} s at most; with reading and inspecting {found['wall']:.1f} s")
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
    found = {"seconds": ours, "v2v_mm": error(fit.vertices, fit.world_from_scan),
             "start_seconds": fitted.seconds["start"],
             "start_v2v_mm": error(_started(scan, fitted.body), scan.world_from_scan),
             "plain_seconds": plain.seconds,
             "plain_v2v_mm": error(plain.vertices, scan.world_from_scan)}
    print(f"\nThe fit alone at none: {ours:.1f} s, {found['v2v_mm']:.1f} mm from vertex to vertex, "
          f"and {found['start_v2v_mm']:.0f} mm after its start of {found['start_seconds']:.1f} s.\n"
          f"Plain Adam and L-BFGS, told the facing: {plain.seconds:.0f} s, "
          f"{found['plain_v2v_mm']:.1f} mm. That is {plain.seconds / ours:.0f} times as long, and "
          f"{plain.seconds / found['start_seconds']:.0f} times as long as the start.")
    return found


def _started(scan: "Scan", body: "Body") -> "np.ndarray":
    """The body as the first stage of a fit leaves it, vertices (V, 3) in the scan's frame."""
    import numpy as np
    import torch

    from likeness.bodies.pose import pose_body
    from likeness.core.progress import silent
    from likeness.fitting.prior import pose_prior
    from likeness.fitting.seen import see
    from likeness.fitting.stages import Ground, guess_pose

    device = torch.device("cpu")
    ground = Ground(body, pose_prior(body, device), device, seed=0)
    with torch.inference_mode():
        state = guess_pose(ground, see(scan)[1].coarse, [torch.eye(3)],
                           lambda part: silent("start", part))
        return pose_body(body, ground.model.parameters(state)).vertices.astype(np.float32)


def _lines(timing: Timing) -> str:
    stages = "  ".join(f"{name} {seconds:.2f}" for name, seconds in timing.stages.items())
    return (f"\n{timing.refinement}: {timing.wall:.1f} s for {timing.points:,} points, "
            f"{timing.processor:.1f} s of processor, peak {timing.peak_mib:,.0f} MiB\n"
            f"  {stages}  start and end {timing.around:.2f}")


if __name__ == "__main__":
    main()
