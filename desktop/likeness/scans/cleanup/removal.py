"""Taking away what does not belong to the person: findings, the floor, floating bits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.scans.checking import FEWEST_POINTS
from likeness.scans.finding import CERTAIN, Finding
from likeness.scans.flaws.floors import find_floor
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.flaws.surroundings import find_bits, find_stray_points
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan, kept

_PASSES = 4


@dataclass(frozen=True, eq=False)
class Cleaned:
    """The cleaned scan and, in words, what was removed or changed."""

    scan: Scan
    removed: tuple[str, ...]


def clean_scan(scan: Scan, findings: Sequence[Finding], progress: Progress) -> Cleaned:
    """Remove every finding that is certain and recommended for removal; keep the rest.

    Raises `UserError` where too little would be left to fit.
    """
    progress("clean", 0.0)
    cleaned = RemoveFindings(tuple(findings))(scan)
    progress("clean", 1.0)
    return cleaned


@dataclass(frozen=True, eq=False)
class RemoveFindings:
    """Removes findings of this very scan that are for removal and at least so certain."""

    findings: tuple[Finding, ...]
    certain: float = CERTAIN

    def __call__(self, scan: Scan) -> Cleaned:
        """Raises `UserError` where too little would be left to fit."""
        chosen = [each for each in self.findings
                  if each.action == "remove" and each.confidence >= self.certain]
        if not chosen:
            return Cleaned(scan, ())
        return Cleaned(without(scan, chosen), tuple(each.name for each in chosen))


@dataclass(frozen=True)
class RemoveFloor:
    """Removes the floor a person stands on."""

    def __call__(self, scan: Scan) -> Cleaned:
        """Again until none is left: a carpet may lie on the floor."""
        return _until_none(scan, find_floor)


@dataclass(frozen=True)
class RemoveFloaters:
    """Removes small bits apart from the body."""

    def __call__(self, scan: Scan) -> Cleaned:
        """All of them; bits that touch the body stay."""
        return _until_none(scan, _floaters)


def _floaters(scan: Scan) -> list[Finding]:
    if not scan.is_mesh:
        return find_stray_points(scan)
    pieces = find_pieces(scan)
    bits = find_bits(pieces, np.zeros(len(scan.faces), bool), 0)
    return [each for each in bits if each.kind == "floater"]


def _until_none(scan: Scan, find: Callable[[Scan], list[Finding]]) -> Cleaned:
    removed: tuple[str, ...] = ()
    for _ in range(_PASSES):
        found = find(scan)
        if not found:
            break
        scan = without(scan, found)
        removed += tuple(each.name for each in found)
    return Cleaned(scan, removed)


def without(scan: Scan, findings: Sequence[Finding]) -> Scan:
    """The scan without the findings' faces or points, and without vertices only they used.

    Raises `UserError` where too little would be left to fit.
    """
    keep = np.ones(len(scan.vertices), bool)
    faces = scan.faces
    if scan.is_mesh:
        stay = np.ones(len(scan.faces), bool)
        for each in findings:
            stay[each.faces] = False
        faces = scan.faces[stay]
        keep[:] = False
        keep[faces] = True
    else:
        for each in findings:
            keep[each.points] = False
    if int(keep.sum()) < FEWEST_POINTS:
        raise UserError("Almost nothing of the scan would be left after cleaning.",
                        "Fit it without cleaning (--clean none), or choose another scan.")
    less = kept(replace(scan, faces=faces), keep)
    # A large floor may have decided which way is out; now the person does.
    return with_normals(replace(less, normals=None)) if scan.is_mesh else less
