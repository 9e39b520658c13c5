"""What is wrong with a scan: every detector in turn, most serious findings first."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from likeness.core.progress import Progress
from likeness.scans.finding import Finding
from likeness.scans.flaws.coverage import find_doubled, find_one_sided
from likeness.scans.flaws.defects import (
    find_crowded,
    find_degenerate,
    find_holes,
    find_orientation,
    find_soup,
)
from likeness.scans.flaws.doubts import find_doubts
from likeness.scans.flaws.floors import find_floor, find_stand
from likeness.scans.flaws.hidden import find_hidden, look_around
from likeness.scans.flaws.missing import find_missing
from likeness.scans.flaws.noise import find_noise
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.flaws.surroundings import find_bits, find_people, find_stray_points
from likeness.scans.scan import Scan

__all__ = ["Finding", "inspect_scan"]

GRAVITY = ("serious", "minor", "info")


def inspect_scan(scan: Scan, progress: Progress) -> tuple[Finding, ...]:
    """All findings; the scan is not changed."""
    progress("inspect", 0.0)
    findings = find_doubts(scan) + find_floor(scan) + find_people(scan) + find_one_sided(scan)
    findings += find_noise(scan)
    progress("inspect", 0.2)
    findings += _in_mesh(scan, findings, progress) if scan.is_mesh else _in_cloud(scan, findings)
    progress("inspect", 1.0)
    return tuple(sorted(findings, key=lambda each: (GRAVITY.index(each.severity), -each.area_m2)))


def _in_mesh(scan: Scan, found: Sequence[Finding], progress: Progress) -> list[Finding]:
    pieces = find_pieces(scan)
    progress("inspect", 0.4)
    if soup := find_soup(pieces):
        return soup
    view = look_around(pieces)
    findings = _first_told(find_stand(pieces) + find_hidden(pieces, view))
    progress("inspect", 0.7)
    taken = _marked(len(scan.faces), [each.faces for each in (*found, *findings)])
    findings += find_bits(pieces, taken, view.skin)
    progress("inspect", 0.8)
    return (findings + find_holes(pieces, view.skin) + find_missing(pieces, view.skin)
            + find_degenerate(pieces) + find_crowded(pieces) + find_orientation(pieces))


def _in_cloud(scan: Scan, found: Sequence[Finding]) -> list[Finding]:
    taken = _marked(len(scan.vertices), [each.points for each in found])
    return find_stray_points(scan, taken) + find_doubled(scan)


def _first_told(findings: list[Finding]) -> list[Finding]:
    """Without findings all of whose faces an earlier one holds: a stand is no layer as well."""
    told: set[int] = set()
    kept = []
    for each in findings:
        ends = {int(face) for face in each.faces[:1]}
        if not ends <= told or not ends:
            kept.append(each)
        if each.kind == "floor":
            told |= set(each.faces.tolist())
    return kept


def _marked(count: int, members: Sequence[np.ndarray]) -> Bool[np.ndarray, " n"]:
    mask = np.zeros(count, bool)
    for each in members:
        mask[each] = True
    return mask
