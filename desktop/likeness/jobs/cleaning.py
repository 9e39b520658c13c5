"""What happens to a scan before the fit: what is removed, then what is mended."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from likeness.core.progress import Progress, within
from likeness.jobs.chosen import unpack_rows
from likeness.jobs.protocol import FitScan, SaveScan
from likeness.scans.cleanup import (
    MENDS,
    STAGES,
    RemoveChosen,
    RemoveFindings,
    run_stages,
)
from likeness.scans.inspection import Finding
from likeness.scans.scan import Scan

_LITTLE, _WITHIN_M = 0.05, 0.02  # of the vertices; that the box around them may shrink


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is left of a scan, and in words what was removed and what was mended."""

    scan: Scan
    removed: tuple[str, ...]
    mended: tuple[str, ...]

    def is_much_as(self, before: Scan) -> bool:
        """Whether a person stands in it as in the scan before: little was taken, from within."""
        if self.scan is before:
            return True
        left, all_there = self.scan.vertices, before.vertices
        return (not self.mended and len(left) > (1 - _LITTLE) * len(all_there)
                and np.allclose(left.min(axis=0), all_there.min(axis=0), rtol=0, atol=_WITHIN_M)
                and np.allclose(left.max(axis=0), all_there.max(axis=0), rtol=0, atol=_WITHIN_M))


def prepared(scan: Scan, findings: tuple[Finding, ...], request: FitScan | SaveScan,
             progress: Progress) -> Prepared:
    """Remove and mend as the request says; raises `UserError` where too little would be left.

    What faces inwards is turned without being asked for, unless nothing shall be cleaned: nothing
    is lost by it, and no fit is good without it.
    """
    progress("clean", 0.0)
    removal = _removal(scan, findings, request)
    bare = removal(scan)
    wanted = {*request.mend, *_as_found(findings, request)}
    stages = [STAGES[name].stage for name in MENDS if name in wanted]
    mended = run_stages(bare.scan, stages, within("clean", progress))
    return Prepared(mended.scan, bare.removed, mended.removed)


def _as_found(findings: tuple[Finding, ...], request: FitScan | SaveScan) -> set[str]:
    if isinstance(request, FitScan) and request.clean == "none":
        return set()
    return {each.action for each in findings if each.action == "outwards"}


def told_removal(scan: Scan, findings: tuple[Finding, ...],
                 request: FitScan | SaveScan) -> tuple[str, ...]:
    """What `prepared` removes, in words, where the findings have got other names since."""
    return _removal(scan, findings, request).told(scan)


def chosen_rows(scan: Scan, removed: bytes) -> Bool[np.ndarray, " n"]:
    """The faces of a mesh, or points of a cloud, that a request leaves out."""
    return unpack_rows(removed, len(scan.faces) if scan.is_mesh else len(scan.vertices))


def _removal(scan: Scan, findings: tuple[Finding, ...],
             request: FitScan | SaveScan) -> RemoveFindings | RemoveChosen:
    if isinstance(request, SaveScan) or request.clean == "chosen":
        return RemoveChosen(chosen_rows(scan, request.removed), findings)
    return RemoveFindings(findings if request.clean == "auto" else ())
