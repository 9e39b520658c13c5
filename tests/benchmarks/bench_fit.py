"""How often and how closely fits are right, on scans whose truth is known.

Usage: bench_fit.py [--quick] [--set NAME] [--refinement LEVEL] [--jobs N] [--json FILE] ...
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

from tests.benchmarks.contact_sheet import Case, worst_cases, write_sheet  # noqa: E402
from tests.benchmarks.fit_runs import run_cases  # noqa: E402
from tests.benchmarks.fit_sets import FIT_SETS, FitSet, recommended  # noqa: E402
from tests.benchmarks.fit_summary import summarized  # noqa: E402
from tests.benchmarks.fit_table import compared, summary_text, table  # noqa: E402
from tests.synthetic.subjects import default_cache  # noqa: E402

from likeness.bodies.library import find_body  # noqa: E402
from likeness.jobs.protocol import FitScan  # noqa: E402

WORST = 5


def main() -> None:
    """Fit, score, print, write."""
    options = _options()
    threads = max(1, (os.cpu_count() or 1) // options.jobs)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    names = options.set or ["standing"]
    chosen = [each for each in FIT_SETS.values() if each.name in names or "all" in names]
    report = {"refinement": options.refinement, "later": options.later,
              "device": options.device, "threads": threads, "jobs": options.jobs,
              "machine": platform.processor() or platform.machine(), "sets": {}}
    for each in chosen:
        if not each.available:
            print(f"\n{each.name} is left out: it needs {each.needs}, which is not here.")
            continue
        print(f"\n{each.name}: {each.about}", flush=True)
        cases = _measured(each, options)
        results = [case.result for case in cases]
        print(table(results))
        summary = summarized(results)
        print(summary_text(each.name, summary, each.bar))
        _draw(each, cases, options)
        report["sets"][each.name] = {"summary": summary.as_json(),
                                     "cases": [result.as_json() for result in results]}
    _finish(options, report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench fit", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of every set, at least 2")
    parser.add_argument("--set", action="append", choices=(*FIT_SETS, "all"),
                        help="default: standing; repeatable")
    parser.add_argument("--case", type=int, action="append", help="only this number; repeatable")
    parser.add_argument("--later", type=int, default=0, metavar="SEEDS",
                        help="people drawn that many seeds later, whom nothing was tuned on")
    parser.add_argument("--refinement", default="recommended",
                        choices=("recommended", "none", "low", "standard", "high"),
                        help="recommended: standard, or what suits that kind of messy scan")
    parser.add_argument("--clothed", action="store_true", help="as the switch of `likeness fit`")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--jobs", type=int, default=1, help="scans at a time; times then differ")
    parser.add_argument("--cache", type=Path, default=default_cache(),
                        help="where scans are made and kept")
    parser.add_argument("--json", type=Path, help="default: fit.json in the cache")
    parser.add_argument("--pictures", type=Path,
                        help="folder for the worst of each set; default: the cache")
    parser.add_argument("--against", type=Path, help="an earlier JSON to compare with")
    return parser.parse_args()


def _measured(chosen: FitSet, options: argparse.Namespace) -> list[Case]:
    numbers = options.case or list(chosen.numbers(options.quick))
    examples = chosen.examples([n for n in numbers if n < chosen.count], options.cache,
                               options.later)
    avatars = [options.cache / "avatars" / f"{each.name}.npz" for each in examples]
    requests = [_request(each.kind, options) for each in examples]
    results = run_cases(examples, avatars, requests, options.jobs)
    return [Case(result, example.truth, avatar) for result, example, avatar
            in zip(results, examples, avatars, strict=True)]


def _request(kind: str, options: argparse.Namespace) -> FitScan:
    level = recommended(kind) if options.refinement == "recommended" else options.refinement
    return FitScan(refinement=level, device=options.device, clothed=options.clothed)


def _draw(chosen: FitSet, cases: list[Case], options: argparse.Namespace) -> None:
    worst = worst_cases(cases, WORST)
    if worst:
        sheet = (options.pictures or options.cache) / f"fit_worst_{chosen.name}.png"
        write_sheet(worst, find_body("open").faces, sheet)
        print(f"  The worst {len(worst)}: {sheet}")


def _finish(options: argparse.Namespace, report: dict) -> None:
    out = options.json or options.cache / "fit.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    if options.against:
        before = json.loads(options.against.read_text())
        print(f"\nAgainst {options.against}:\n{compared(report, before)}")
    out.write_text(json.dumps(report, indent=1))
    print(f"Numbers: {out}")


if __name__ == "__main__":
    main()
