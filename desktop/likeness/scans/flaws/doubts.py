"""Doubts about what the file says: its unit, its up axis, how much it holds."""

from likeness.scans.axes import is_doubtful
from likeness.scans.finding import Finding
from likeness.scans.flaws.coarse import INSPECTED_FACES
from likeness.scans.scan import Scan

FEW_POINTS, MANY_POINTS = 5_000, 3_000_000


def find_doubts(scan: Scan) -> list[Finding]:
    """Too few or too many points; a unit or up axis that is only a guess."""
    found = []
    count = len(scan.vertices)
    if count < FEW_POINTS:
        found.append(Finding("density-0", "density", "few points",
                             f"The scan has only {count:,} points; use refinement `none`.", 0.0,
                             1.0, "minor", "none"))
    if count > MANY_POINTS:
        told = (f"The scan has {count / 1e6:.1f} million points; a smaller copy gives the same fit "
                "in less time and memory. The file stays as it is.")
        if len(scan.faces) > INSPECTED_FACES:
            told += " Findings were looked for to a few millimetres, and nothing smaller."
        found.append(Finding("density-0", "density", "many points", told, 0.0, 1.0, "info",
                             "decimate"))
    if scan.unit.value in ("dm", "scaled"):
        found.append(Finding("unit-0", "unit", "doubtful unit", scan.unit.reason, 0.0, 0.8,
                             "serious" if scan.unit.value == "scaled" else "minor", "none"))
    if is_doubtful(scan.up):
        found.append(Finding("up-0", "orientation", "doubtful up axis", scan.up.reason, 0.0, 0.6,
                             "serious", "none"))
    return found
