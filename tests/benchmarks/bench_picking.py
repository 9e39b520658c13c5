"""How soon the window answers a click, a lasso and an undo on a large scan, and what undo holds.

Usage: bench_picking.py [--faces N] [--repeat N] [--json FILE]
"""

import argparse
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

import numpy as np  # noqa: E402
from tests.hostile.shapes import ball  # noqa: E402

from likeness.gui.checking import Checking  # noqa: E402
from likeness.gui.marks import no_marks, packed  # noqa: E402
from likeness.gui.picking import Picker  # noqa: E402
from likeness.gui.projection import Lens  # noqa: E402
from likeness.gui.scene import vertex_normals  # noqa: E402
from likeness.jobs.protocol import ScanView  # noqa: E402

WIDTH, HEIGHT, STEPS = 1200, 900, 100


def main() -> None:
    """Time each, print medians in milliseconds, write all."""
    parser = argparse.ArgumentParser(prog="bench picking", description=__doc__)
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    scan = _scan(options.faces)
    times = _picked(scan, options.repeat) | _edited(scan, options.repeat)
    grown = _remembered(scan)
    print(f"{len(scan.faces):,} faces, {os.cpu_count()} cores; median of {options.repeat}")
    for name, milliseconds in times.items():
        print(f"  {name:32} {milliseconds:7.1f} ms")
    print(f"  {STEPS} steps of undo hold            {grown:7.1f} MiB (bar: 200)")
    if options.json:
        options.json.write_text(json.dumps({"faces": len(scan.faces), "ms": times,
                                            "undo_mib": grown}, indent=1))


def _scan(faces: int) -> ScanView:
    vertices, triangles = ball(round((faces / 2) ** 0.5))
    points, rows = vertices.astype(np.float32), triangles.astype(np.int32)
    return ScanView(Path("ball"), points, rows, points, rows, np.zeros(0, np.int32), "m", "", "+y",
                    "", 1.7, vertex_normals(points, rows))


def _lens(away: float) -> Lens:
    """From the front, at the middle of the ball's height."""
    focal, middle = 4.0, 0.9
    clip = np.array([[focal * HEIGHT / WIDTH, 0, 0, 0], [0, focal, 0, -focal * middle],
                     [0, 0, -1, away - 0.1], [0, 0, -1, away]])
    return Lens(clip, WIDTH, HEIGHT, np.array((0.0, middle, away)))


def _picked(scan: ScanView, repeat: int) -> dict[str, float]:
    picker, shown = Picker(scan), np.ones(len(scan.faces), bool)
    made_ready = _timed(picker.prepare)  # when a tool is taken up
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[300:600, 450:750] = True
    whole = np.ones((HEIGHT, WIDTH), bool)
    lenses = [_lens(4.0 + 0.01 * k) for k in range(repeat + 1)]
    first = _timed(lambda: picker.at(600.0, 450.0, lenses[0], shown))
    works: dict[str, Callable[[Lens], object]] = {
        "click, the camera has moved": lambda lens: picker.at(600.0, 450.0, lens, shown),
        "click": lambda lens: picker.at(620.0, 440.0, lens, shown),
        "lasso, what is seen": lambda lens: picker.inside(region, lens, shown, through=False),
        "lasso, through": lambda lens: picker.inside(region, lens, shown, through=True),
        "box around all, what is seen": lambda lens: picker.inside(whole, lens, shown,
                                                                   through=False)}
    rows: dict[str, list[float]] = {name: [] for name in works}
    for lens in lenses[1:]:
        for name, work in works.items():
            rows[name].append(_timed(partial(work, lens)))
    return ({"taking up a tool": made_ready, "first click": first}
            | {name: median(each) for name, each in rows.items()})


def _edited(scan: ScanView, repeat: int) -> dict[str, float]:
    check = Checking()
    check.scan = scan
    check.jump(packed(no_marks(len(scan.faces))))
    half = scan.vertices[scan.faces[:, 0], 0] > 0
    rows: dict[str, list[float]] = {}
    for _ in range(repeat):
        for name, work in {"select half of it": lambda: check.select(half), "grow": check.grow,
                           "shrink": check.shrink, "remove": check.delete,
                           "undo": check.stack.undo, "restore": check.restore}.items():
            rows.setdefault(name, []).append(_timed(work))
        while check.stack.canUndo():
            check.stack.undo()
    return {name: median(each) for name, each in rows.items()}


def _remembered(scan: ScanView) -> float:
    """MiB that a hundred unlike selections add."""
    check, draw = Checking(), np.random.default_rng(3)
    check.jump(packed(no_marks(len(scan.faces))))
    rows = draw.random(len(scan.faces)) < 0.5
    check.select(rows)
    tracemalloc.start()
    for step in range(STEPS):
        check.select(np.roll(rows, step + 1))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / 2**20


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
