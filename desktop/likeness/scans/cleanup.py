"""Cleaning a scan: what was found and is certain is taken out of a copy; the file stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.scans.checking import FEWEST_POINTS
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

CERTAIN = 0.9


@dataclass(frozen=True, eq=False)
class Cleaned:
    """The cleaned scan and, in words, what was removed."""

    scan: Scan
    removed: tuple[str, ...]


def clean_scan(scan: Scan, findings: Sequence[Finding], progress: Progress) -> Cleaned:
    """Remove every finding that is certain and recommended for removal; keep the rest.

    Raises `UserError` where too little would be left to fit.
    """
    progress("clean", 0.0)
    certain = [each for each in findings
               if each.action == "remove" and each.confidence >= CERTAIN]
    if not certain:
        return Cleaned(scan, ())
    cleaned = _without(scan, certain)
    if len(cleaned.vertices) < FEWEST_POINTS:
        raise UserError("Almost nothing of the scan would be left after cleaning.",
                        "Fit it without cleaning (--clean none), or choose another scan.")
    progress("clean", 1.0)
    return Cleaned(cleaned, tuple(each.name for each in certain))


def _without(scan: Scan, findings: Sequence[Finding]) -> Scan:
    """The scan without the findings' faces or points, and without vertices only they used."""
    keep = np.ones(len(scan.vertices), bool)
    if not scan.is_mesh:
        for each in findings:
            keep[each.points] = False
        return _kept(scan, keep)
    faces = np.ones(len(scan.faces), bool)
    for each in findings:
        faces[each.faces] = False
    keep[:] = False
    keep[scan.faces[faces]] = True
    return _kept(replace(scan, faces=scan.faces[faces]), keep)


def _kept(scan: Scan, keep: Bool[np.ndarray, " N"]) -> Scan:
    """Only the marked vertices, faces renumbered."""
    number = np.cumsum(keep, dtype=np.int32) - 1
    return replace(
        scan, vertices=scan.vertices[keep], faces=number[scan.faces],
        normals=None if scan.normals is None else scan.normals[keep],
        colors=None if scan.colors is None else scan.colors[keep],
        uv=None if scan.uv is None else scan.uv[keep])
