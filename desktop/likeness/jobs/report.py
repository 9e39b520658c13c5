"""What a report says: the input as it was understood, what was done, and how good the result is."""

import importlib.metadata
import os
import platform
from dataclasses import asdict
from math import isnan
from pathlib import Path

from likeness import __version__
from likeness.jobs.memory import peak_memory_mib
from likeness.jobs.steps import Fitted
from likeness.jobs.telling import told_cleaning, told_once
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

_LIBRARIES = ("numpy", "scipy", "torch", "open3d", "trimesh")


def describe_input(scan: Scan) -> dict[str, object]:
    """The file and how it was understood."""
    return {"file": Path(scan.source.path).name, "sha256": scan.source.sha256,
            "vertices": scan.source.vertices, "faces": scan.source.faces,
            "unit": scan.unit.value, "unit_reason": scan.unit.reason,
            "up": scan.up.value, "up_reason": scan.up.reason,
            "height_m": round(scan.height_m, 4)}


def describe_finding(finding: Finding) -> dict[str, object]:
    """One finding as JSON holds it; `place` are the words that say where, if there are any."""
    return {"id": finding.id, "kind": finding.kind, "name": finding.name,
            "sentence": finding.sentence, "faces": len(finding.faces),
            "points": len(finding.points), "area_m2": round(float(finding.area_m2), 6),
            "confidence": round(float(finding.confidence), 3), "severity": finding.severity,
            "action": finding.action, "place": finding.place}


def describe_fit(fitted: Fitted, folder: Path, writing: dict[str, float],
                 files: list[str]) -> dict[str, object]:
    """Everything `report.json` holds; `writing` is the time the files took.

    The scan's path is told as seen from `folder`, so that both can move together.
    """
    seconds = fitted.opened.seconds | fitted.seconds | writing
    fit = fitted.fit
    return {
        "input": {**describe_input(fitted.opened.scan),
                  "path": _seen_from(folder, Path(fitted.opened.scan.source.path))},
        "settings": _settings(fitted),
        "stages": [{"name": name, "seconds": round(each, 3)} for name, each in seconds.items()],
        "seconds_total": round(sum(seconds.values()), 3),
        "peak_memory_mib": round(peak_memory_mib()),
        "distances_mm": {"scan_to_avatar": _rounded(asdict(fit.distances.scan_to_avatar)),
                         "avatar_to_scan": _rounded(asdict(fit.distances.avatar_to_scan)),
                         "coverage": round(fit.distances.coverage, 4)},
        "verdict": fit.verdict.level,
        "reasons": list(fit.verdict.reasons),
        "warnings": warnings_about(fitted),
        "findings": [describe_finding(each) for each in fitted.opened.known_findings],
        "files": files,
        "versions": versions(),
    }


def warnings_about(fitted: Fitted) -> list[str]:
    """What the user should know: of reading, of cleaning, of the scan, of the fit."""
    notes = fitted.opened.scan.notes  # reading may have said what inspection finds again
    left = [each.sentence for each in fitted.opened.known_findings if each.severity == "serious"
            and each.name not in fitted.removed and each.sentence not in notes]
    return [*notes, *told_once(left),
            *told_cleaning(fitted.removed, fitted.mended), *fitted.fit.warnings]


def versions() -> dict[str, str]:
    """Likeness, Python and the libraries whose version can change a result."""
    found = {"likeness": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"  # a packaged program may carry no metadata
    return found


def _settings(fitted: Fitted) -> dict[str, object]:
    reading, fitting = fitted.opened.request, fitted.request
    return {"refinement": fitting.refinement, "body": fitting.body, "clean": fitting.clean,
            "mend": list(fitting.mend), "decimate": reading.most,
            "clothed": fitting.clothed, "unit": reading.unit, "up": reading.up,
            "device": fitting.device, "seed": fitting.seed}


def _seen_from(folder: Path, file: Path) -> str:
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive there is no way from one to the other
        return file.resolve().as_posix()


def _rounded(spread: dict[str, float]) -> dict[str, float | None]:
    """JSON has no NaN: a distance that could not be measured is null."""
    return {name: None if isnan(value) else round(value, 3) for name, value in spread.items()}
