"""What is wrong with a scan: every detector in turn, most serious findings first."""

import numpy as np

from likeness.core.progress import Progress
from likeness.scans.defects import find_degenerate, find_doubts, find_holes, find_orientation
from likeness.scans.finding import Finding
from likeness.scans.hidden import find_hidden
from likeness.scans.pieces import find_pieces
from likeness.scans.scan import Scan
from likeness.scans.surroundings import find_bits, find_floor, find_people, find_stray_points

__all__ = ["Finding", "inspect_scan"]

GRAVITY = ("serious", "minor", "info")


def inspect_scan(scan: Scan, progress: Progress) -> tuple[Finding, ...]:
    """All findings; the scan is not changed."""
    progress("inspect", 0.0)
    findings = find_doubts(scan) + find_floor(scan) + find_people(scan)
    progress("inspect", 0.2)
    findings += _in_mesh(scan, progress) if scan.is_mesh else find_stray_points(scan)
    progress("inspect", 1.0)
    return tuple(sorted(findings, key=lambda each: (GRAVITY.index(each.severity), -each.area_m2)))


def _in_mesh(scan: Scan, progress: Progress) -> list[Finding]:
    pieces = find_pieces(scan)
    progress("inspect", 0.5)
    findings = find_hidden(pieces)
    progress("inspect", 0.8)
    taken = np.zeros(len(scan.faces), bool)
    for each in findings:
        taken[each.faces] = True
    return (findings + find_bits(pieces, taken) + find_holes(pieces) + find_degenerate(pieces)
            + find_orientation(pieces))
