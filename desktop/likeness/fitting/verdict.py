"""How good a fit is, in one word and plain sentences."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from likeness.bodies.body import PARTS, Body
from likeness.core.wording import per_cent
from likeness.fitting.agreement import Agreement
from likeness.fitting.fit import Distances, Verdict

ENDS = ("head", "left_hand", "right_hand", "left_foot", "right_foot")
PART_NAMES = tuple(name.replace("_", " ") for name in PARTS)


@dataclass(frozen=True)
class Evidence:
    """What a verdict rests on; `shape_norm` and `build_norm` are against the prior.

    The former is of all betas, the latter of the strongest alone, which tell children from adults.
    `unexplained_mm` is what the best body of the shape space, of `shape_count` components, leaves
    of the scan, whatever the refinement then does about it; `agreement` is of that body too.
    `doubted` parts of it are near scan that is not of their form.
    """

    distances: Distances
    part_confidence: dict[str, float]
    shape_norm: float
    build_norm: float
    height_m: float
    unexplained_mm: float
    shape_count: int
    agreement: Agreement
    doubted: tuple[str, ...]

    @property
    def strangeness_mm(self) -> float:
        """How badly the rest fits, times how much is missed, times how often it faces elsewhere.

        No person has much of all three: one of whom the scan shows a half fits well there, one in
        loose clothes misses little, and cloth faces as the body under it.
        """
        return self.agreement.missed * self.unexplained_mm * (1 - self.agreement.facing)


@dataclass(frozen=True)
class Bounds:
    """Where good ends and where poor begins.

    Set on generated scans with known truth (`bench fit`): people reach a strangeness of
    0.35 mm, one scanned in a robe from the front 0.54, an arm of odd proportions the same; of
    people in wide clothes 0.28 of the scan hangs off in one piece, of two people 0.35 and more is
    the other one.
    """

    good_scan_mm: float = 12.0
    poor_scan_mm: float = 60.0  # wide dresses reach 41
    good_p95_mm: float = 35.0
    good_coverage: float = 0.8
    poor_coverage: float = 0.4
    part_seen: float = 0.3
    good_unexplained_mm: float = 3.75  # clean scans leave 2 to 3, noisy ones 3.6, clothed more
    few_unexplained_mm: float = 4.75  # of 10 components, which leave 3.3 to 4.5 of a clean scan
    few_shapes: tuple[int, int] = (10, 30)  # 30 leave hardly more than all
    person_strangeness_mm: float = 0.73
    poor_clump: float = 0.31
    lost_part: float = 0.6
    poor_missed: float = 0.4
    headless: float = 0.75
    usual_shape: float = 1.0  # the person in a robe has 0.9, a lone arm 1.3
    odd_shape: float = 1.45  # root mean square of the betas; people reach 1.35
    impossible_shape: float = 1.7
    odd_build: float = 1.6  # people reach 1.35; adults as small as children 1.8 to 2.2
    heights_m: tuple[float, float] = (0.4, 2.4)

    def unexplained_mm(self, shape_count: int) -> float:
        """What a body of so many shape components may leave of a scan of bare skin."""
        return float(np.interp(shape_count, self.few_shapes,
                               (self.few_unexplained_mm, self.good_unexplained_mm)))

    def strangest(self, shape_norm: float) -> float:
        """The strangeness in mm that a person may have; the odder the proportions, the less."""
        left = np.interp(shape_norm, (self.usual_shape, self.odd_shape), (1.0, 0.5))
        return self.person_strangeness_mm * float(left)


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
                            f"scan (median) and {per_cent(distances.coverage)} of it is covered by "
                            "scan.",))


def _poor_reasons(evidence: Evidence, bounds: Bounds) -> tuple[str, ...]:
    distances, reasons = evidence.distances, []
    if distances.scan_to_avatar.mean > bounds.poor_scan_mm:
        reasons.append(f"The scan lies {distances.scan_to_avatar.mean:.0f} mm from the avatar on "
                       "average: this does not look like one person.")
    elif evidence.strangeness_mm > bounds.strangest(evidence.shape_norm):
        reasons.append(f"{per_cent(evidence.agreement.missed)} of a body is not in this scan, and "
                       "the rest has not the form of one: this does not look like a person.")
    if (evidence.agreement.missed > bounds.poor_missed
            and evidence.agreement.missed_parts.get("head", 0.0) > bounds.headless):
        reasons.append(f"{per_cent(evidence.agreement.missed)} of a body, the head with it, is not "
                       "in this scan: it shows no whole person.")
    if evidence.agreement.clump > bounds.poor_clump:
        reasons.append(f"A connected part of the scan, {per_cent(evidence.agreement.clump)} of it, "
                       "is not of the body: another person or a thing. Remove it and fit again.")
    if distances.coverage < bounds.poor_coverage:
        reasons.append(f"Only {per_cent(distances.coverage)} of the avatar has scan near it.")
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
    if not reasons and evidence.unexplained_mm > bounds.unexplained_mm(evidence.shape_count):
        few = (f", or the {evidence.shape_count} shape components of this body are too few"
               if evidence.shape_count < bounds.few_shapes[1] else "")
        reasons.append(f"The closest bare body is still {evidence.unexplained_mm:.0f} mm off the "
                       f"scan: clothing, hair or noise cover the skin{few}. Consider refinement "
                       "low or none.")
    unseen = [name for name, seen in evidence.part_confidence.items() if seen < bounds.part_seen]
    if unseen:
        reasons.append(f"The scan says little about: {', '.join(unseen)}. There the avatar is "
                       "the model's guess.")
    elif distances.coverage < bounds.good_coverage:
        reasons.append(f"{per_cent(1 - distances.coverage)} of the avatar has no scan near it; "
                       "there it is the model's guess.")
    lost = [name.replace("_", " ") for name in ENDS
            if (evidence.agreement.missed_parts.get(name, 0.0) > bounds.lost_part
                or name in evidence.doubted)
            and name.replace("_", " ") not in unseen]
    if lost:
        reasons.append(f"What the scan shows at the {' and the '.join(lost)} does not look like "
                       "one: the pose there is a guess.")
    if evidence.shape_norm <= bounds.impossible_shape and (
            evidence.shape_norm > bounds.odd_shape or evidence.build_norm > bounds.odd_build):
        reasons.append(f"Hardly anybody {evidence.height_m:.2f} m tall has these proportions; "
                       "check the unit and whether all of the scan is the person.")
    return tuple(reasons)
