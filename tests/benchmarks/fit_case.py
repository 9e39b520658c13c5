"""One scan fitted as the command line fits it, and compared with its truth."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tests.synthetic.closeness import Closeness, measure_closeness
from tests.synthetic.files import Truth
from tests.synthetic.people import Example
from tests.synthetic.scoring import Score, in_file_metres, score_vertices

from likeness.fitting.fit import Spread
from likeness.jobs.protocol import FitScan

if TYPE_CHECKING:
    from likeness.jobs.steps import Fitted

_KEPT = 60_000  # points of a scan that its picture shows


@dataclass(frozen=True)
class CaseResult:
    """How a case ended: a verdict, "refused" with the sentence, or "crashed".

    `score` and `closeness` where a truth is known; `kind` in a set of several kinds.
    """

    name: str
    verdict: str
    reasons: tuple[str, ...]
    right: bool
    score: Score | None = None
    closeness: Closeness | None = None
    kind: str = ""
    scan_to_avatar_mm: float | None = None
    avatar_to_scan_mm: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mib: float = 0.0

    @property
    def total_seconds(self) -> float:
        """All stages together."""
        return sum(self.seconds.values())

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict) -> "CaseResult":
        """Back from plain values, an earlier benchmark's as well."""
        score, close = values.get("score"), values.get("closeness")
        if close is not None and close.keys() != {each.name for each in fields(Closeness)}:
            close = None  # an earlier benchmark's, which measured less
        if close is not None:
            close = Closeness(**close | {name: Spread(**close[name]) for name in
                                         ("avatar_to_truth", "truth_to_avatar")})
        return cls(**values | {"score": score and Score(**score), "closeness": close})


def measure_case(example: Example, request: FitScan, avatar: Path) -> CaseResult:
    """Read, inspect, clean and fit; keeps avatar and scan, for pictures."""
    from likeness.core.errors import UserError
    from likeness.core.progress import silent
    from likeness.jobs.memory import peak_memory_mib
    from likeness.jobs.protocol import ReadScan
    from likeness.jobs.steps import fit_scan, open_scan

    avatar.unlink(missing_ok=True)
    try:
        opened = open_scan(ReadScan(example.scan), silent)
        fitted = fit_scan(opened, request, silent)
    except UserError as error:
        return CaseResult(example.name, "refused", (str(error),), right=example.truth is None,
                          kind=example.kind)
    peak = peak_memory_mib()  # before what is measured below needs memory of its own
    fit, truth = fitted.fit, None if example.truth is None else Truth.read(example.truth)
    score, close = _compared(fitted, truth, avatar)
    return CaseResult(
        example.name, fit.verdict.level, fit.verdict.reasons,
        right=fit.verdict.level == "poor" if score is None else score.right,
        score=score, closeness=close, kind=example.kind,
        scan_to_avatar_mm=fit.distances.scan_to_avatar.median,
        avatar_to_scan_mm=fit.distances.avatar_to_scan.median,
        seconds=opened.seconds | fitted.opened.seconds | fitted.seconds, peak_mib=peak)


def _compared(fitted: "Fitted", truth: Truth | None, avatar: Path,
              ) -> tuple[Score | None, Closeness | None]:
    """Against the truth, in the file's axes and metres; without one both stay in the fit's."""
    fit, scan = fitted.fit, fitted.opened.scan
    if truth is None:
        from_scan = fit.world_from_scan @ np.linalg.inv(scan.world_from_scan)
        _keep(avatar, fit.vertices, scan.vertices @ from_scan[:3, :3].T + from_scan[:3, 3])
        return None, None
    vertices, joints = (in_file_metres(fit.world_from_scan, each)
                        for each in (fit.vertices, fit.joints))
    _keep(avatar, vertices, in_file_metres(scan.world_from_scan, scan.vertices))
    return score_vertices(truth, vertices, joints), measure_closeness(fitted.body, truth, vertices)


def _keep(path: Path, vertices: np.ndarray, points: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    few = points[::max(1, len(points) // _KEPT)]
    np.savez(path, vertices=vertices.astype(np.float32), scan=few.astype(np.float32))
