"""How good a fit is, in one word and plain sentences."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from likeness.bodies.body import PARTS, Body
from likeness.fitting.fit import Distances, Verdict

PART_NAMES = tuple(name.replace("_", " ") for name in PARTS)


@dataclass(frozen=True)
class Evidence:
    """What a verdict rests on; `pose_cost` and `shape_norm` are against the priors.

    `unexplained_mm` is what the best body of the shape space leaves of the scan, whatever the
    refinement then does about it.
    """

    distances: Distances
    part_confidence: dict[str, float]
    shape_norm: float
    pose_cost: float
    height_m: float
    unexplained_mm: float


@dataclass(frozen=True)
class Bounds:
    """Where good ends and where poor begins."""

    good_scan_mm: float = 12.0
    poor_scan_mm: float = 40.0
    good_p95_mm: float = 35.0
    good_coverage: float = 0.8
    poor_coverage: float = 0.4
    part_seen: float = 0.3
    good_unexplained_mm: float = 4.5  # clean scans leave 2 to 3.5, clothed ones 6 and more
    odd_shape: float = 2.0
    impossible_shape: float = 3.5
    heights_m: tuple[float, float] = (0.4, 2.4)


def part_confidence(body: Body, confidence: Float[np.ndarray, " V"]) -> dict[str, float]:
    """Mean confidence of the skin vertices of each part."""
    return {name: float(confidence[(body.parts == k) & ~body.interior].mean())
            for k, name in enumerate(PART_NAMES)
            if ((body.parts == k) & ~body.interior).any()}


def judge(evidence: Evidence, bounds: Bounds = Bounds()) -> Verdict:
    """Weigh the evidence: every doubt is a reason; the gravest decides."""
    poor = _poor_reasons(evidence, bounds)
    check = _check_reasons(evidence, bounds)
    if poor:
        return Verdict("poor", (*poor, *check))
    if check:
        return Verdict("check", check)
    distances = evidence.distances
    return Verdict("good", (f"The avatar lies {distances.avatar_to_scan.median:.1f} mm from the "
                            f"scan (median) and {distances.coverage:.0%} of it is covered by "
                            "scan.",))


def _poor_reasons(evidence: Evidence, bounds: Bounds) -> tuple[str, ...]:
    distances, reasons = evidence.distances, []
    if distances.scan_to_avatar.mean > bounds.poor_scan_mm:
        reasons.append(f"The scan lies {distances.scan_to_avatar.mean:.0f} mm from the avatar on "
                       "average: this does not look like one person.")
    if distances.coverage < bounds.poor_coverage:
        reasons.append(f"Only {distances.coverage:.0%} of the avatar has scan near it.")
    if evidence.shape_norm > bounds.impossible_shape:
        reasons.append("No likely body has these proportions; the unit, the up axis or the scan "
                       "may be wrong.")
    low, high = bounds.heights_m
    if not low < evidence.height_m < high:
        reasons.append(f"The fitted body would be {evidence.height_m:.2f} m tall.")
    return tuple(reasons)


def _check_reasons(evidence: Evidence, bounds: Bounds) -> tuple[str, ...]:
    distances, reasons = evidence.distances, []
    if distances.scan_to_avatar.mean > bounds.good_scan_mm:
        reasons.append(f"Parts of the scan are far from the avatar "
                       f"({distances.scan_to_avatar.mean:.0f} mm on average): loose clothing, "
                       "several layers or a wrong pose.")
    elif distances.scan_to_avatar.p95 > bounds.good_p95_mm:
        reasons.append(f"One part in twenty of the scan is more than "
                       f"{distances.scan_to_avatar.p95:.0f} mm from the avatar.")
    if not reasons and evidence.unexplained_mm > bounds.good_unexplained_mm:
        reasons.append(f"The closest bare body is still {evidence.unexplained_mm:.0f} mm off the "
                       "scan: clothing, hair or noise cover the skin. Consider refinement "
                       "low or none.")
    unseen = [name for name, seen in evidence.part_confidence.items() if seen < bounds.part_seen]
    if unseen:
        reasons.append(f"The scan says little about: {', '.join(unseen)}. There the avatar is "
                       "the model's guess.")
    elif distances.coverage < bounds.good_coverage:
        reasons.append(f"{1 - distances.coverage:.0%} of the avatar has no scan near it; there "
                       "it is the model's guess.")
    if bounds.odd_shape < evidence.shape_norm <= bounds.impossible_shape:
        reasons.append("The proportions are unusual; check the unit and whether all of the scan "
                       "is the person.")
    return tuple(reasons)
