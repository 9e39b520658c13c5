"""How much of the geometry that does not belong to the skin inspection finds, and how surely.

Usage: bench_inspect.py [--quick] [--kind NAME] [--only NUMBER] [--clean-only] [--no-clean] ...
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]
# As an ordinary workstation would: two cores are what the bars are stated for.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "2")

import numpy as np  # noqa: E402
from tests.benchmarks.inspect_cases import KINDS, cases, made  # noqa: E402
from tests.benchmarks.inspect_score import (  # noqa: E402
    InspectResult,
    as_scan,
    measured,
    summed,
    table,
)
from tests.synthetic.people import MOCAP, SETS, make_set  # noqa: E402
from tests.synthetic.subjects import default_cache  # noqa: E402

from likeness.core.progress import silent  # noqa: E402
from likeness.scans.flaws.pieces import face_areas  # noqa: E402
from likeness.scans.reading import ReadSettings, read_scan  # noqa: E402

_CLEAN_SETS, _CLEAN = ("standing", "poses"), 20


def main() -> None:
    """Inspect, compare, print, write."""
    options = _options()
    flawed, clean = [], []
    if not options.clean_only:
        flawed = _told(_flawed(options))
        print(table(flawed))
    if not options.no_clean:
        clean = _told(_clean(options))
        print("\nClean scans: everything flagged as internal is wrong.")
        print(table(clean))
    print("\n".join(_verdicts(flawed, clean)))
    out = options.json or options.cache / "inspect.json"
    out.write_text(json.dumps({
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(),
        "flawed": [each.as_json() for each in flawed],
        "clean": [each.as_json() for each in clean]}, indent=1))
    print(f"Numbers: {out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench inspect", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the cases")
    parser.add_argument("--kind", action="append", choices=[each.name for each in KINDS])
    parser.add_argument("--only", type=int, action="append", help="cases by number")
    parser.add_argument("--clean-only", action="store_true")
    parser.add_argument("--no-clean", action="store_true")
    parser.add_argument("--cache", type=Path, default=default_cache(),
                        help="where scans are made and kept")
    parser.add_argument("--json", type=Path, help="default: inspect.json in the cache")
    parser.add_argument("--marked", type=Path, help="folder for each case's flagged faces")
    return parser.parse_args()


def _flawed(options: argparse.Namespace) -> Iterator[InspectResult]:
    chosen = [each for each in cases(options.quick)
              if (not options.kind or each.kind.name in options.kind)
              and (not options.only or each.number in options.only)]
    for case, mesh in made(chosen, options.cache):
        result, findings = measured(case.name, case.kind.name, as_scan(mesh), mesh.label,
                                    mesh.areas())
        if options.marked:
            options.marked.mkdir(parents=True, exist_ok=True)
            flagged = np.zeros(len(mesh.faces), np.int8)
            for finding in findings:
                flagged[finding.faces] = 1 + (finding.kind == "internal-connected")
            np.save(options.marked / f"{case.number:02d}.npy", flagged)
        yield result


def _clean(options: argparse.Namespace) -> Iterator[InspectResult]:
    """Scans of people standing and, where there are recorded poses, of people moving."""
    names = [name for name in _CLEAN_SETS if name != "poses" or MOCAP.is_file()]
    for name in names:
        numbers = range(0, _CLEAN, 10 if options.quick else 1)
        for example in make_set(SETS[name], numbers, options.cache):
            scan = read_scan(example.scan, ReadSettings(), silent)
            label = np.zeros(len(scan.faces), np.int8)
            yield measured(example.name, f"clean {name}", scan, label, face_areas(scan))[0]


def _told(results: Iterator[InspectResult]) -> list[InspectResult]:
    """All of them, a dot on stderr as each is done."""
    done = []
    for each in results:
        done.append(each)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return done


def _verdicts(flawed: list[InspectResult], clean: list[InspectResult]) -> list[str]:
    """Each bar and what was reached."""
    lines = [""]
    for name, told, bar in (("internal", "separate", 0.97), ("connected", "connected", 0.93)):
        got = summed(flawed, name)
        if flawed and got.precision is not None and got.recall is not None:
            lines.append(f"{told}: precision {got.precision:.4f}, recall {got.recall:.4f} by area; "
                         f"bar {bar}.")
    if clean:
        share = float(np.mean([each.wrong_share for each in clean]))
        worst = max(clean, key=lambda each: each.wrong_share)
        lines.append(f"clean: {100 * share:.3f} % of the area flagged, at most "
                     f"{100 * worst.wrong_share:.3f} % ({worst.name}); bar 0.2 %.")
    if flawed + clean:
        slow = max(flawed + clean, key=lambda each: each.seconds)
        lines.append(f"slowest: {slow.seconds:.1f} s for {slow.faces:,} faces; bar 4 s for 1 M.")
    return lines


if __name__ == "__main__":
    main()
