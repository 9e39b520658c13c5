"""Where findings are, in the words of the body that was fitted: it knows left from right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64, Int64

from likeness.avatars.fitted import fit_from_scan
from likeness.bodies.body import PARTS, Body
from likeness.bodies.regions import regions_of, spots_of
from likeness.core.nearest import PointTree
from likeness.fitting.fit import Fit
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

_MOST_POINTS = 2_000  # of a finding, to tell where it is
_ONE_SIDE = 0.8
_MOUTH_M, _NOSE_M = 0.045, 0.03  # from the middle of the mouth; from the middle of the face
_EYE_M, _EYE_WIDTH_M = 0.015, 0.045  # from the middle of an eye


def located(findings: Sequence[Finding], scan: Scan, body: Body, fit: Fit) -> tuple[Finding, ...]:
    """The findings of a scan with names and sentences that tell where on the body they are.

    A poor fit knows nothing better: then they stay as they are.
    """
    if fit.verdict.level == "poor":
        return tuple(findings)
    fitted = _Fitted(scan, body, fit)
    return tuple(_told(each, _place(each, fitted)) if each.place else each for each in findings)


def _told(finding: Finding, place: str) -> Finding:
    name = finding.name.replace(finding.place, place)
    if finding.kind == "hole":
        name, place = f"hole at the {place}", f"at the {place}"
    return replace(finding, name=name, place=place,
                   sentence=finding.sentence.replace(finding.place, place))


def _place(finding: Finding, fitted: "_Fitted") -> str:
    points = fitted.points(finding)
    if finding.kind == "hole":
        return fitted.spot(points)
    for kind in ("eyeball", "eye socket"):
        if finding.place.endswith(kind):
            return f"{fitted.side(points)} {kind}"
    if "nostril" in finding.place or finding.place.endswith("ear"):
        return f"{fitted.side(points)} {'nostril' if fitted.in_middle(points) else 'ear'}"
    if finding.place.startswith("piece inside"):
        if fitted.in_eye(points):
            return f"{fitted.side(points)} eyeball"
        return ("part of the mouth" if fitted.in_mouth(points) else
                f"piece inside the {fitted.region(points)}")
    if finding.place.startswith("pocket in"):
        return f"pocket in the {fitted.region(points)}"
    if finding.id.startswith("overlap"):
        return fitted.region(points)
    return finding.place


def _sideless(region: str) -> str:
    return region.removeprefix("left ").removeprefix("right ")


class _Fitted:
    """Places of the scan on the fitted body: the nearest vertex of its skin says where."""

    def __init__(self, scan: Scan, body: Body, fit: Fit) -> None:
        self._scan, self._body, self._fit = scan, body, fit
        self._fit_from_scan = fit_from_scan(scan, fit)
        self._skin = np.flatnonzero(~body.interior)
        self._tree = PointTree(fit.vertices[self._skin])
        self._regions, self._spots = regions_of(body), spots_of(body)

    def points(self, finding: Finding) -> Float64[np.ndarray, "K 3"]:
        """Some of what the finding covers, in the frame of the fit."""
        rows = finding.points if not self._scan.is_mesh else np.unique(
            self._scan.faces[finding.faces])
        rows = rows[::max(1, len(rows) // _MOST_POINTS)]
        points = self._scan.vertices[rows].astype(np.float64)
        return points @ self._fit_from_scan[:3, :3].T + self._fit_from_scan[:3, 3]

    def region(self, points: Float64[np.ndarray, "K 3"]) -> str:
        """The part of the body most of the points are in; of one side if most of these are."""
        words = Counter(self._regions[vertex] for vertex in self._near(points))
        limb: Counter[str] = Counter()
        for word, count in words.items():
            limb[_sideless(word)] += count
        part, total = limb.most_common(1)[0]
        return next((word for word, count in words.items()
                     if _sideless(word) == part and count > _ONE_SIDE * total), part)

    def spot(self, rim: Float64[np.ndarray, "K 3"]) -> str:
        """Where on the surface the middle of a hole is."""
        middle = rim.mean(axis=0, keepdims=True)
        return self._spots[int(self._near(middle)[0])]

    def side(self, points: Float64[np.ndarray, "K 3"]) -> str:
        """"left" or "right" of the person."""
        return "left" if self._across(points) > 0 else "right"

    def in_middle(self, points: Float64[np.ndarray, "K 3"]) -> bool:
        """Whether they are as near to the middle of the face as the nose is."""
        return abs(self._across(points)) < _NOSE_M

    def in_eye(self, points: Float64[np.ndarray, "K 3"]) -> bool:
        """Whether they are as large as an eyeball and where the body has one, if it has."""
        body = self._body
        if body.eyes is None or np.ptp(points, axis=0).max() > _EYE_WIDTH_M:
            return False
        eyes = body.template[body.eyes].astype(np.float64)
        middles = np.array([eyes[eyes[:, 0] > 0].mean(axis=0), eyes[eyes[:, 0] < 0].mean(axis=0)])
        middle = self._in_template(points).mean(axis=0)
        return bool(np.linalg.norm(middles - middle, axis=1).min() < _EYE_M)

    def in_mouth(self, points: Float64[np.ndarray, "K 3"]) -> bool:
        """Whether they lie where the body has its mouth, if it has one."""
        body = self._body
        if body.eyes is None or not (body.interior & ~body.eyes).any():
            return False
        cavity = body.template[body.interior & ~body.eyes].astype(np.float64)
        below = cavity[cavity[:, 1] < body.template[body.eyes, 1].min()]
        if len(below) == 0:
            return False
        middle = self._in_template(points).mean(axis=0)
        return bool(np.linalg.norm(middle - below.mean(axis=0)) < _MOUTH_M)

    def _across(self, points: Float64[np.ndarray, "K 3"]) -> float:
        """How far to the left of the middle, on the template."""
        return float(self._body.template[self._near(points), 0].mean())

    def _in_template(self, points: Float64[np.ndarray, "K 3"]) -> Float64[np.ndarray, "K 3"]:
        """Points at the head as they would lie at the template's, by similarity (Umeyama 1991)."""
        head = self._skin[self._body.parts[self._skin] == PARTS.index("head")]
        posed = self._fit.vertices[head].astype(np.float64)
        rest = self._body.template[head].astype(np.float64)
        from_middle, to_middle = posed.mean(axis=0), rest.mean(axis=0)
        u, size, v = np.linalg.svd((rest - to_middle).T @ (posed - from_middle))
        size[2] *= np.sign(np.linalg.det(u @ v))
        u[:, 2] *= np.sign(np.linalg.det(u @ v))
        scale = size.sum() / np.square(posed - from_middle).sum()
        return scale * (points - from_middle) @ (u @ v).T + to_middle

    def _near(self, points: Float64[np.ndarray, "K 3"]) -> Int64[np.ndarray, " K"]:
        return self._skin[self._tree.one_nearest(points)[1]]
