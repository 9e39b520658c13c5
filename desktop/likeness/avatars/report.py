"""The written account of a fit, report.json: what went in, what was done, how good it is."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from likeness import __version__
from likeness.avatars.fitted import Fitted, FittedSpread
from likeness.scans.scan import Scan

_LIBRARIES = ("numpy", "scipy", "torch", "open3d", "trimesh")


def write_report(path: Path, scan: Scan, fit: Fitted, *, settings: Mapping[str, object],
                 stages: Mapping[str, float], peak_memory_mib: float,
                 seconds_total: float | None = None,
                 warnings: Sequence[str] = ()) -> dict[str, object]:
    """Write the report and return it; `stages` are seconds by name, in the order they ran.

    `scan` is the scan as read; `seconds_total` is the sum of the stages where not given.
    `warnings` precede those of the fit.
    """
    report: dict[str, object] = {
        "input": described_input(scan),
        "settings": dict(settings),
        "stages": [{"name": name, "seconds": round(seconds, 3)}
                   for name, seconds in stages.items()],
        "seconds_total": round(sum(stages.values()) if seconds_total is None else seconds_total, 3),
        "peak_memory_mib": round(peak_memory_mib, 1),
        "distances_mm": {
            "scan_to_avatar": _spread(fit.distances.scan_to_avatar),
            "avatar_to_scan": _spread(fit.distances.avatar_to_scan),
            "coverage": round(fit.distances.coverage, 4),
        },
        "verdict": fit.verdict.level,
        "reasons": list(fit.verdict.reasons),
        "warnings": list(dict.fromkeys((*warnings, *fit.warnings))),
        "versions": versions(),
    }
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8", newline="\n")
    return report


def described_input(scan: Scan) -> dict[str, object]:
    """The scan's file and how it was understood."""
    source = scan.source
    return {
        "file": Path(source.path).name, "sha256": source.sha256,
        "vertices": source.vertices, "faces": source.faces,
        "unit": scan.unit.value, "unit_reason": scan.unit.reason,
        "up": scan.up.value, "up_reason": scan.up.reason,
        "height_m": round(scan.height_m, 4),
    }


def versions() -> dict[str, str]:
    """Likeness, Python and the libraries whose version can change a result."""
    found = {"likeness": __version__, "python": python_version()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "unknown"
    return found


def _spread(spread: FittedSpread) -> dict[str, float | None]:
    """JSON has no NaN: a distance that could not be measured is null."""
    values = {"mean": spread.mean, "median": spread.median, "p95": spread.p95}
    return {name: round(value, 3) if value == value else None for name, value in values.items()}
