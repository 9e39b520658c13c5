"""Takes away what is certainly not the person's surface, and says what it took."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Int

from likeness.core.progress import Progress
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan

CERTAIN = 0.9


@dataclass(frozen=True, eq=False)
class Cleaned:
    """The scan that is left, and a sentence for each thing that was taken away."""

    scan: Scan
    removed: tuple[str, ...]


def clean_scan(scan: Scan, findings: Sequence[Finding], progress: Progress) -> Cleaned:
    """Remove what inspection is sure of; everything else stays."""
    progress("clean", 0.0)
    certain = [each for each in findings
               if each.action == "remove" and each.confidence >= CERTAIN]
    if scan.is_mesh:
        cleaned = without_faces(scan, _union(len(scan.faces), [each.faces for each in certain]))
    else:
        cleaned = without_points(scan, _union(len(scan.vertices),
                                              [each.points for each in certain]))
    progress("clean", 1.0)
    return Cleaned(cleaned, tuple(f"Removed: {each.name}." for each in certain))


def without_faces(scan: Scan, gone: Bool[np.ndarray, " F"]) -> Scan:
    """The mesh without some faces and the vertices only they used."""
    if not gone.any():
        return scan
    faces = scan.faces[~gone]
    keep = np.zeros(len(scan.vertices), bool)
    keep[faces] = True
    left = without_points(replace(scan, faces=np.zeros((0, 3), np.int32)), ~keep)
    place = np.cumsum(keep) - 1
    return replace(left, faces=place[faces].astype(np.int32))


def without_points(scan: Scan, gone: Bool[np.ndarray, " N"]) -> Scan:
    """The cloud without some points."""
    if not gone.any():
        return scan
    keep = ~gone
    return replace(
        scan, vertices=scan.vertices[keep],
        normals=None if scan.normals is None else scan.normals[keep],
        colors=None if scan.colors is None else scan.colors[keep],
        uv=None if scan.uv is None else scan.uv[keep])


def _union(count: int, members: Sequence[Int[np.ndarray, " m"]]) -> Bool[np.ndarray, " n"]:
    mask = np.zeros(count, bool)
    for each in members:
        mask[each] = True
    return mask
