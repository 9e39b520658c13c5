"""Fits alone of many scans, in processes that share a device."""

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.seen import Seen

_WARM_UP = 2  # fits of each process before anything is timed: kernels are loaded, then recorded
_PATIENCE_S = 600.0


@dataclass(frozen=True)
class BatchTimes:
    """Seconds from the first fit's beginning to the last one's end, and those of each fit."""

    together: float
    each: list[float]


def fit_batch(scans: list[Path], settings: "FitSettings", processes: int) -> BatchTimes:
    """Read all scans, then fit each as the averages that a solver sees.

    Raises `BrokenBarrierError` where a process does not get ready.
    """
    from likeness.core.progress import silent
    from likeness.fitting.seen import see
    from likeness.jobs.protocol import ReadScan
    from likeness.jobs.steps import open_scan

    seen = [see(open_scan(ReadScan(scan, inspect=False), silent).scan)[1] for scan in scans]
    context = get_context("spawn")
    ready = context.Barrier(processes + 1)
    with ProcessPoolExecutor(processes, context, _warm_up, (ready, seen[0], settings)) as pool:
        for _ in range(processes):  # each task starts one, as long as none has done any
            pool.submit(int)
        ready.wait(_PATIENCE_S)
        begun = time.perf_counter()
        each = list(pool.map(_seconds, seen, [settings] * len(seen)))
        return BatchTimes(time.perf_counter() - begun, each)


def _warm_up(ready: Barrier, seen: "Seen", settings: "FitSettings") -> None:
    import torch

    torch.set_num_threads(1)
    try:
        for _ in range(_WARM_UP):
            _seconds(seen, settings)
        ready.wait(_PATIENCE_S)
    except BaseException:
        ready.abort()
        raise


def _seconds(seen: "Seen", settings: "FitSettings") -> float:
    from likeness.bodies.library import OPEN, find_body
    from likeness.core.progress import silent
    from likeness.fitting.pipeline import find_pose, solve

    body = find_body(OPEN)
    begun = time.perf_counter()
    solve(seen, find_pose(seen, body, settings, silent), settings, silent)
    return time.perf_counter() - begun
