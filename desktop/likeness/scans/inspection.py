"""What is wrong with a scan: every detector in turn, most serious findings first."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Int

from likeness.core.progress import Progress
from likeness.scans.checking import FEWEST_POINTS
from likeness.scans.finding import CERTAIN, Finding
from likeness.scans.flaws.coarse import INSPECTED_FACES, coarser
from likeness.scans.flaws.coverage import find_doubled, find_one_sided, find_second_layer
from likeness.scans.flaws.defects import (
    find_crowded,
    find_degenerate,
    find_holes,
    find_soup,
)
from likeness.scans.flaws.doubts import find_doubts
from likeness.scans.flaws.floors import find_floor, find_stand, find_wall
from likeness.scans.flaws.hidden import find_hidden, look_around
from likeness.scans.flaws.missing import find_missing
from likeness.scans.flaws.noise import find_noise
from likeness.scans.flaws.orientation import find_orientation
from likeness.scans.flaws.pedestals import find_pedestal
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.flaws.surroundings import find_bits, find_people, find_stray_points
from likeness.scans.scan import Scan, kept

__all__ = ["Finding", "inspect_scan"]

GRAVITY = ("serious", "minor", "info")
_MANY = 4  # of one name, from where on a person would not go through them one by one


def inspect_scan(scan: Scan, progress: Progress) -> tuple[Finding, ...]:
    """All findings, most serious first; the scan is not changed.

    A mesh of more than a fit can use is inspected on a coarser copy, with findings of the whole.
    """
    progress("inspect", 0.0)
    if len(scan.faces) > INSPECTED_FACES:
        coarse = coarser(scan)
        found = coarse.of_whole(_inspected(coarse.scan, progress))
    else:
        found = _inspected(scan, progress)
    progress("inspect", 1.0)
    return tuple(sorted(find_doubts(scan) + found, key=_rank))


def _rank(finding: Finding) -> tuple[int, bool, float]:
    """The more serious first, then what should go, then the larger."""
    return GRAVITY.index(finding.severity), finding.action != "remove", -finding.area_m2


def _inspected(scan: Scan, progress: Progress) -> list[Finding]:
    around = find_floor(scan)
    around += find_wall(scan)
    rest, members = _beside(scan, around)
    if under := find_pedestal(rest):
        around += [_of_whole(each, members) for each in under]
        rest, members = _beside(scan, around)
    findings = find_people(rest) + find_one_sided(rest) + find_noise(rest)
    progress("inspect", 0.2)
    findings += _in_mesh(rest, progress) if scan.is_mesh else _in_cloud(rest)
    return around + [_of_whole(each, members) for each in findings]


def _beside(scan: Scan, around: Sequence[Finding]) -> tuple[Scan, Int[np.ndarray, " _"]]:
    """What is left when floor and walls are set aside, and which faces or points those are."""
    everything = np.arange(len(scan.faces) if scan.is_mesh else len(scan.vertices))
    if not around:
        return scan, everything
    members = everything[~_marked(len(everything), [each.faces if scan.is_mesh else each.points
                                                    for each in around])]
    rest = replace(scan, faces=scan.faces[members]) if scan.is_mesh else scan
    used = _marked(len(scan.vertices), [rest.faces if scan.is_mesh else members])
    if int(used.sum()) < FEWEST_POINTS:
        return scan, everything
    return kept(rest, used), members


def _of_whole(finding: Finding, members: Int[np.ndarray, " _"]) -> Finding:
    """The finding with the rows that its faces or points have in the whole scan."""
    return replace(finding, faces=members[finding.faces].astype(np.int32),
                   points=members[finding.points].astype(np.int32))


def _in_mesh(scan: Scan, progress: Progress) -> list[Finding]:
    pieces = find_pieces(scan)
    progress("inspect", 0.4)
    if soup := find_soup(pieces):
        return soup
    view = look_around(pieces, lambda: progress("inspect", 0.4))
    findings = _together(_first_told(find_stand(pieces) + find_hidden(pieces, view)))
    progress("inspect", 0.7)
    taken = _marked(len(scan.faces), [each.faces for each in findings])
    findings += find_bits(pieces, taken, view.skin)
    removed = _marked(len(scan.faces), [each.faces for each in findings
                                        if each.action == "remove"])
    progress("inspect", 0.8)
    return (findings + find_holes(pieces, view.skin) + find_missing(pieces, view.skin)
            + find_degenerate(pieces) + find_crowded(pieces) + find_orientation(pieces, removed))


def _in_cloud(scan: Scan) -> list[Finding]:
    return find_stray_points(scan) + (find_doubled(scan) or find_second_layer(scan))


def _first_told(findings: list[Finding]) -> list[Finding]:
    """Without findings all of whose faces an earlier one holds: a stand is no layer as well."""
    told = np.zeros(max((int(each.faces.max()) + 1 for each in findings if len(each.faces)),
                        default=0), bool)
    kept = []
    for each in findings:
        if len(each.faces) == 0 or not told[each.faces].all():
            kept.append(each)
        if each.kind == "floor":
            told[each.faces] = True
    return kept


def _together(findings: list[Finding]) -> list[Finding]:
    """Inner pieces of one name and certainty as one finding: a blown-up scan has hundreds."""
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for each in findings:
        if each.kind == "internal":
            groups.setdefault((each.name, each.confidence >= CERTAIN), []).append(each)
    others = [each for each in findings if each.kind != "internal"]
    return others + [each for group in groups.values()
                     for each in ([_one_of(group)] if len(group) >= _MANY else group)]


def _one_of(group: list[Finding]) -> Finding:
    first = group[0]
    name = f"{first.name} ({len(group)} times)"
    return replace(first, name=name, sentence=f"{first.sentence[:-1]} ({len(group)} times).",
                   area_m2=sum(each.area_m2 for each in group),
                   confidence=min(each.confidence for each in group),
                   faces=np.concatenate([each.faces for each in group]))


def _marked(count: int, members: Sequence[np.ndarray]) -> Bool[np.ndarray, " n"]:
    mask = np.zeros(count, bool)
    for each in members:
        mask[each] = True
    return mask
