"""How right and how fast fits are, on synthetic scans with known truth.

    python3 installer/bootstrap.py bench fit [--quick] [--set NAME] [--refinement LEVEL]
                                             [--json FILE] [--against FILE] [--pictures FILE]
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

from tests.synthetic.files import Truth  # noqa: E402
from tests.synthetic.people import SETS, Example, make_set  # noqa: E402
from tests.synthetic.scoring import Score, score_fit  # noqa: E402
from tests.synthetic.subjects import default_cache  # noqa: E402

from likeness.avatars.building import build_avatar  # noqa: E402
from likeness.avatars.picture import draw_picture  # noqa: E402
from likeness.bodies.body import Body  # noqa: E402
from likeness.bodies.library import find_body  # noqa: E402
from likeness.core.progress import silent  # noqa: E402
from likeness.fitting.fit import Fit, FitSettings  # noqa: E402
from likeness.fitting.pipeline import fit_body  # noqa: E402
from likeness.scans.reading import ReadSettings, read_scan  # noqa: E402
from likeness.scans.scan import Scan  # noqa: E402

Row = dict[str, Any]
WORST = 3
COLUMNS = ("scan", "v2v_mm", "v2v_p95_mm", "hands_mm", "joints_mm", "facing_degrees", "swapped",
           "right", "verdict", "scan_to_avatar_mm", "avatar_to_scan_mm", "seconds")


def main() -> None:
    """Make or take the scans, fit each, print the table, write what was asked for."""
    options = _options()
    chosen = SETS[options.set]
    count = max(2, chosen.count // 10) if options.quick else chosen.count
    examples = make_set(chosen, range(count), options.cache)
    body, rows, drawn = find_body("open"), [], []
    print("  ".join(f"{name:>10.10}" for name in COLUMNS))
    for example in examples:
        row, fitted = _measured(example, body, options)
        rows.append(row)
        drawn = sorted([*drawn, (row["v2v_mm"], *fitted)], key=lambda each: -each[0])[:WORST]
        print("  ".join(f"{_cell(row[name]):>10}" for name in COLUMNS), flush=True)
    summary = summarise(rows)
    _tell(summary, options.against)
    if options.json:
        options.json.write_text(json.dumps({"summary": summary, "rows": rows}, indent=1))
    if options.pictures:
        _contact_sheet(drawn, body, options.pictures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench fit", description=__doc__)
    parser.add_argument("--set", choices=SETS, default="standing")
    parser.add_argument("--quick", action="store_true", help="a tenth of the set")
    parser.add_argument("--refinement", default="standard")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--against", type=Path, help="the JSON of an earlier run to compare with")
    parser.add_argument("--pictures", type=Path, help="a PNG of the worst fits")
    return parser.parse_args()


def _measured(example: Example, body: Body, options: argparse.Namespace,
              ) -> tuple[Row, tuple[Scan, Fit]]:
    """One fit, held against its truth."""
    scan = read_scan(example.scan, ReadSettings(), silent)
    begun = time.perf_counter()
    fit = fit_body(scan, body, FitSettings(options.refinement, options.device), silent)
    seconds = time.perf_counter() - begun
    score: Score = score_fit(Truth.read(example.truth), fit.vertices, fit.joints,
                             fit.world_from_scan)
    row = {"scan": example.name, **asdict(score), "right": score.right,
           "verdict": fit.verdict.level, "reasons": fit.verdict.reasons,
           "scan_to_avatar_mm": fit.distances.scan_to_avatar.median,
           "avatar_to_scan_mm": fit.distances.avatar_to_scan.median, "seconds": seconds,
           "stages": fit.stage_seconds, "points": len(scan.vertices), "unit": scan.unit.value,
           "up": scan.up.value,
           "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    return row, (scan, fit)


def summarise(rows: list[Row]) -> Row:
    """Success rate with its 95 % interval (Wilson 1927) and medians."""
    n, right = len(rows), sum(row["right"] for row in rows)
    z, share = 1.96, right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    medians = {name: float(np.median([row[name] for row in rows]))
               for name in COLUMNS if isinstance(rows[0][name], float)}
    called_good = [row for row in rows if row["verdict"] == "good"]
    return {"scans": n, "right": right, "interval": (float(middle - half), float(middle + half)),
            "good": len(called_good), "good_but_wrong": sum(not r["right"] for r in called_good),
            "median": medians, "peak_mib": max(row["peak_mib"] for row in rows)}


def _tell(summary: Row, against: Path | None) -> None:
    low, high = summary["interval"]
    print(f"\n{summary['right']} of {summary['scans']} right (95 % interval {low:.0%} to "
          f"{high:.0%}); {summary['good']} called good, {summary['good_but_wrong']} of them "
          f"wrong; peak {summary['peak_mib']:.0f} MiB")
    earlier = json.loads(against.read_text())["summary"]["median"] if against else {}
    for name, value in summary["median"].items():
        before = f"  before {earlier[name]:.2f}" if name in earlier else ""
        print(f"  median {name:20} {value:8.2f}{before}")


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _contact_sheet(drawn: list[tuple[float, Scan, Fit]], body: Body, path: Path) -> None:
    """The reports of the worst fits, one below the other."""
    from PIL import Image

    pages = [Image.fromarray(draw_picture(scan, fit, build_avatar(replace(scan, colors=None),
                                                                  body, fit)))
             for _, scan, fit in drawn]
    sheet = Image.new("RGB", (max(p.width for p in pages), sum(p.height for p in pages)))
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    sheet.save(path)


if __name__ == "__main__":
    main()
