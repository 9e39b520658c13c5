"""What the solver found, held against the scan: distances, confidence, verdict."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.progress import Progress, StageClock
from likeness.fitting.agreement import Agreement
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.measure import ScanSide, measure_distances, vertex_confidence
from likeness.fitting.surface import MeshSurface
from likeness.fitting.verdict import Evidence, judge, part_confidence
from likeness.scans.scan import Scan

# Components of shape of the open body; those in which children and adults differ most.
_ALL, _STRONGEST = 128, 30


@dataclass(frozen=True, eq=False)
class Solved:
    """A body in the scan's frame, `in_scan`, and turned by `turn` so that it faces +z, `facing`.

    `unexplained_m` and `agreement` tell how well the shape space alone explains the scan, `doubted`
    which hands it does not explain; `seconds` what each stage took.
    """

    in_scan: BodyParameters
    facing: BodyParameters
    turn: Float64[np.ndarray, "4 4"]
    displacements: Float32[np.ndarray, "V 3"]
    unexplained_m: float
    agreement: Agreement
    doubted: tuple[str, ...]
    seconds: dict[str, float]


def measured(scan: Scan, side: ScanSide, body: Body, solved: Solved, settings: FitSettings,
             progress: Progress) -> Fit:
    """Measure in the scan's frame, judge, and answer in the frame in which the person faces +z.

    `side` is that of the scan.
    """
    clock = StageClock(dict(solved.seconds))
    progress("measure", 0.0)
    with clock.stage("measure"):
        fit = _measured(scan, side, body, solved, settings)
    fit.stage_seconds.update(clock.seconds)
    return fit


def _measured(scan: Scan, side: ScanSide, body: Body, solved: Solved, settings: FitSettings,
              ) -> Fit:
    vertices = pose_body(body, solved.in_scan, solved.displacements).vertices.astype(np.float32)
    avatar = MeshSurface(vertices, body.skin_faces)
    distances = measure_distances(side, avatar, settings.seed)
    to_scan = side.surface.distance(vertices).astype(np.float32)
    confidence = vertex_confidence(to_scan, body.interior, body.faces).astype(np.float32)
    posed = pose_body(body, solved.facing, solved.displacements)
    betas = solved.facing.betas.astype(np.float64)
    evidence = Evidence(
        distances, part_confidence(body, confidence),
        shape_norm=_norm(betas, _ALL), build_norm=build_norm(betas),
        height_m=float(np.ptp(posed.rest_vertices[:, 1])),
        unexplained_mm=1000 * solved.unexplained_m, shape_count=len(betas),
        agreement=solved.agreement, doubted=solved.doubted)
    return Fit(
        body=body.name, parameters=solved.facing, displacements=solved.displacements,
        vertices=posed.vertices.astype(np.float32), joints=posed.joints.astype(np.float32),
        confidence=confidence,
        surface_mm=np.where(body.interior, np.nan, to_scan * 1000).astype(np.float32),
        world_from_scan=solved.turn @ scan.world_from_scan,
        distances=distances, verdict=judge(evidence), settings=settings)


def build_norm(betas: Float[np.ndarray, " B"]) -> float:
    """The root mean square of the betas that tell children from adults; 1 is usual."""
    return _norm(betas[:_STRONGEST], _STRONGEST)


def _norm(betas: Float[np.ndarray, " B"], count: int) -> float:
    """Their root mean square; of fewer than `count`, which by chance vary more, as if of so many.

    For the standard deviation of the root mean square of n normal values goes with 1 / sqrt(2 n).
    """
    beyond = float(np.sqrt(np.mean(betas**2))) - 1.0
    return 1.0 + beyond * min(1.0, np.sqrt(len(betas) / count))
