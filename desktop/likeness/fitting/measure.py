"""How far a fit is from its scan, both ways, and where the scan says nothing."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from likeness.fitting.fit import Distances, Spread
from likeness.fitting.surface import CloudSurface, FineSurface, MeshSurface, Surface
from likeness.scans.flaws.coarse import INSPECTED_FACES, MOST_FACES, light
from likeness.scans.scan import Scan

SAMPLES = 20_000
COVERED_M = 0.02

_MOST_POINTS = 2_000_000  # more know nothing more


@dataclass(frozen=True, eq=False)
class ScanSide:
    """What distances to a scan and from it need of the scan, which is made before there is a fit.

    `samples` are spread evenly over the `surface`.
    """

    surface: Surface
    samples: Float[np.ndarray, "N 3"]

    @staticmethod
    def of(scan: Scan, seed: int) -> "ScanSide":
        """Takes a second for millions of triangles."""
        surface = scan_surface(scan)
        return ScanSide(surface, surface.samples(SAMPLES, seed))


def scan_surface(scan: Scan) -> Surface:
    """The scan's triangles; of a point cloud, or a huge mesh, local planes evenly drawn from it.

    A mesh that was inspected as it is has its tree, and one with colours needs it for a texture.
    """
    if scan.is_mesh and len(scan.faces) <= MOST_FACES:
        if scan.colors is not None or (copy := light(scan, INSPECTED_FACES)) is scan:
            return MeshSurface.of_scan(scan)
        return FineSurface(scan.vertices, scan.faces, MeshSurface.of_scan(copy))
    assert scan.normals is not None
    rows = scan.faces[:, 0] if scan.is_mesh else np.arange(len(scan.vertices))
    rows = rows[::-(-len(rows) // _MOST_POINTS)]
    return CloudSurface(scan.vertices[rows], scan.normals[rows])


def measure_distances(scan: ScanSide, avatar: MeshSurface, seed: int) -> Distances:
    """Over area-uniform samples in both directions."""
    to_avatar = avatar.distance(scan.samples)
    to_scan = scan.surface.distance(avatar.samples(SAMPLES, seed))
    return Distances(_spread(to_avatar), _spread(to_scan), float((to_scan < COVERED_M).mean()))


def vertex_confidence(distance_m: Float[np.ndarray, " V"], interior: Bool[np.ndarray, " V"],
                      faces: Int[np.ndarray, "F 3"]) -> Float[np.ndarray, " V"]:
    """1 where the scan is within millimetres, 0 from 20 mm on or inside; smoothed."""
    confidence = np.clip(1.5 - distance_m / COVERED_M * 1.5, 0.0, 1.0)
    confidence[interior] = 0.0
    i, j = faces[:, (0, 1, 2)].ravel(), faces[:, (1, 2, 0)].ravel()
    degree = np.bincount(i, minlength=len(confidence)) + 1.0
    for _ in range(2):
        confidence = (confidence + np.bincount(i, confidence[j], len(confidence))) / degree
    confidence[interior] = 0.0
    return np.clip(confidence, 0.0, 1.0)


def _spread(distances_m: Float[np.ndarray, " N"]) -> Spread:
    mm = distances_m.astype(np.float64) * 1000
    return Spread(float(mm.mean()), float(np.median(mm)), float(np.percentile(mm, 95)))
