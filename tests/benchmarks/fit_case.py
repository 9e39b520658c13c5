"""One scan fitted as the command line fits it, and compared with its truth."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from tests.synthetic.files import Truth
from tests.synthetic.people import Example
from tests.synthetic.scoring import Score, in_file_metres, score_vertices


@dataclass(frozen=True)
class CaseResult:
    """How a case ended: a verdict, or "refused" with the sentence; `score` where truth is known."""

    name: str
    verdict: str
    reasons: tuple[str, ...]
    right: bool
    score: Score | None = None
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


def measure_case(example: Example, refinement: str, device: str, avatar: Path) -> CaseResult:
    """Read, inspect, clean and fit; keeps the avatar in the scan's axes, metres, for pictures."""
    from likeness.core.errors import UserError
    from likeness.core.progress import silent
    from likeness.jobs.memory import peak_memory_mib
    from likeness.jobs.protocol import FitScan, ReadScan
    from likeness.jobs.steps import fit_scan, open_scan

    try:
        opened = open_scan(ReadScan(example.scan), silent)
        fitted = fit_scan(opened, FitScan(refinement=refinement, device=device), silent)
    except UserError as error:
        return CaseResult(example.name, "refused", (str(error),), right=example.truth is None)
    fit, score = fitted.fit, None
    if example.truth is not None:
        truth = Truth.read(example.truth)
        vertices, joints = (in_file_metres(fit.world_from_scan, float(truth.metres_per_unit), each)
                            for each in (fit.vertices, fit.joints))
        score = score_vertices(truth, vertices, joints)
        avatar.parent.mkdir(parents=True, exist_ok=True)
        np.save(avatar, vertices.astype(np.float32))
    return CaseResult(
        example.name, fit.verdict.level, fit.verdict.reasons,
        right=fit.verdict.level == "poor" if score is None else score.right, score=score,
        scan_to_avatar_mm=fit.distances.scan_to_avatar.median,
        avatar_to_scan_mm=fit.distances.avatar_to_scan.median,
        seconds=opened.seconds | fitted.opened.seconds | fitted.seconds,
        peak_mib=peak_memory_mib())
