"""Taking away what does not belong to the person: findings, the floor, floating bits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int

from likeness.core.errors import UserError
from likeness.scans.checking import FEWEST_POINTS
from likeness.scans.finding import CERTAIN, Finding
from likeness.scans.flaws.floors import find_floor
from likeness.scans.flaws.pedestals import find_pedestal
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


@dataclass(frozen=True, eq=False)
class RemoveFindings:
    """Removes findings of this very scan that are for removal and at least so certain."""

    findings: tuple[Finding, ...]
    certain: float = CERTAIN

    def __call__(self, scan: Scan) -> Cleaned:
        """Raises `UserError` where too little would be left to fit."""
        chosen = self._chosen()
        if not chosen:
            return Cleaned(scan, ())
        return Cleaned(without(scan, covered(scan, chosen)), self.told(scan))

    def told(self, scan: Scan) -> tuple[str, ...]:
        """The names of what is removed."""
        return tuple(each.name for each in self._chosen())

    def _chosen(self) -> list[Finding]:
        return [each for each in self.findings
                if each.action == "remove" and each.confidence >= self.certain]


@dataclass(frozen=True, eq=False)
class RemoveChosen:
    """Removes the faces of a mesh, or points of a cloud, that the user chose.

    Findings of this very scan lend their names where all of them was chosen.
    """

    chosen: Bool[np.ndarray, " n"]
    findings: tuple[Finding, ...] = ()

    def __call__(self, scan: Scan) -> Cleaned:
        """Raises `UserError` where too little would be left to fit."""
        if not self.chosen.any():
            return Cleaned(scan, ())
        return Cleaned(without(scan, self.chosen), self.told(scan))

    def told(self, scan: Scan) -> tuple[str, ...]:
        """The names of the findings that were chosen, and how much else was."""
        whole = [each for each in self.findings if self._holds(rows_of(scan, each))]
        by_hand = int((self.chosen & ~covered(scan, whole)).sum())
        what = "triangles" if scan.is_mesh else "points"
        rest = (f"{by_hand:,} {what} chosen by hand",) if by_hand else ()
        return (*(each.name for each in whole), *rest)

    def _holds(self, rows: Int[np.ndarray, " _"]) -> bool:
        return len(rows) > 0 and bool(self.chosen[rows].all())


@dataclass(frozen=True)
class RemoveFloor:
    """Removes the floor a person stands on, and a pedestal that is one piece with the person."""

    def __call__(self, scan: Scan) -> Cleaned:
        """Again until none is left: a carpet may lie on the floor."""
        return _until_none(scan, lambda rest: find_floor(rest) or find_pedestal(rest))


@dataclass(frozen=True)
class RemoveFloaters:
    """Removes small bits apart from the body."""

    def __call__(self, scan: Scan) -> Cleaned:
        """All of them; bits that touch the body stay, as does what was scanned apart."""
        return _until_none(scan, _floaters)


def _floaters(scan: Scan) -> list[Finding]:
    if not scan.is_mesh:
        return find_stray_points(scan)
    pieces = find_pieces(scan)
    bits = find_bits(pieces, np.zeros(len(scan.faces), bool), 0)
    return [each for each in bits if each.kind == "floater" and each.action == "remove"]


def _until_none(scan: Scan, find: Callable[[Scan], list[Finding]]) -> Cleaned:
    removed: tuple[str, ...] = ()
    for _ in range(_PASSES):
        found = find(scan)
        if not found:
            break
        scan = without(scan, covered(scan, found))
        removed += tuple(each.name for each in found)
    return Cleaned(scan, removed)


def rows_of(scan: Scan, finding: Finding) -> Int[np.ndarray, " _"]:
    """The faces of a mesh, or points of a cloud, that the finding covers."""
    return finding.faces if scan.is_mesh else finding.points


def covered(scan: Scan, findings: Sequence[Finding]) -> Bool[np.ndarray, " n"]:
    """Marks the faces of a mesh, or points of a cloud, that any of the findings covers."""
    marked = np.zeros(len(scan.faces) if scan.is_mesh else len(scan.vertices), bool)
    for each in findings:
        marked[rows_of(scan, each)] = True
    return marked


def without(scan: Scan, marked: Bool[np.ndarray, " n"]) -> Scan:
    """The scan without the marked faces or points, and without vertices only they used.

    Raises `UserError` where too little would be left to fit.
    """
    faces, keep = scan.faces, ~marked
    if scan.is_mesh:
        faces = scan.faces[~marked]
        keep = np.zeros(len(scan.vertices), bool)
        keep[faces] = True
    if int(keep.sum()) < FEWEST_POINTS:
        raise UserError("Almost nothing of the scan would be left after cleaning.",
                        "Remove less of it (on the command line: --clean none), or choose another "
                        "scan.")
    less = kept(replace(scan, faces=faces), keep)
    # A large floor may have decided which way is out; now the person does.
    return with_normals(replace(less, normals=None)) if scan.is_mesh else less
