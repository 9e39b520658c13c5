"""From a scan to a fit, stage by stage."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32

from likeness.bodies.body import Body
from likeness.bodies.pose import pose_body
from likeness.core.errors import UsageError
from likeness.core.progress import Progress, StageClock
from likeness.fitting.agreement import Agreement, agreement
from likeness.fitting.fit import REFINEMENTS, Fit, FitSettings
from likeness.fitting.measure import measure_distances, scan_surface, vertex_confidence
from likeness.fitting.model import BodyModel, State
from likeness.fitting.prior import pose_prior
from likeness.fitting.recipes import STIFFNESS, stays_inside
from likeness.fitting.refine import Refiner
from likeness.fitting.seen import Seen, see
from likeness.fitting.solver import skinned_normals
from likeness.fitting.stages import Ground, Ups, fit_shape, guess_pose, settle_pose, turn_to_front
from likeness.fitting.surface import MeshSurface
from likeness.fitting.target import Target
from likeness.fitting.verdict import Evidence, judge, part_confidence
from likeness.scans.placing import UPRIGHT
from likeness.scans.scan import Scan


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the first two stages leave the body in the scan they saw, and the seconds they took."""

    ground: Ground
    seen: Seen
    state: State
    seconds: dict[str, float]


def find_pose(scan: Scan, body: Body, settings: FitSettings, progress: Progress) -> Pose:
    """From a scan alone to a body that stands as the scan does and is roughly of its shape.

    Raises as `fit_body` does.
    """
    clock, device = StageClock(), _device(settings)
    ground = Ground(body, pose_prior(body, device), device, settings.seed)
    with torch.inference_mode():
        with clock.stage("start"):
            progress("start", 0.0)
            seen = see(scan)
            candidates = guess_pose(ground, seen.coarse, _ups(scan, device),
                                    lambda part: progress("start", part))
        with clock.stage("pose"):
            state = settle_pose(ground, seen.coarse, candidates,
                                lambda part: progress("pose", part))
    return Pose(ground, seen, state, clock.seconds)


def fit_body(scan: Scan, body: Body, settings: FitSettings, progress: Progress,
             pose: Pose | None = None) -> Fit:
    """Fit `body` to `scan` at the refinement chosen: from nothing, or its pose found before.

    Raises `UsageError` for a refinement or device that does not exist here, `Cancelled` from
    `progress`. A bad fit is a verdict, not an error.
    """
    clock = StageClock()
    if pose is None:
        pose = find_pose(scan, body, settings, progress)
        clock.seconds.update(pose.seconds)
    ground = pose.ground
    model = BodyModel(body, np.arange(len(body.template)), ground.device)
    with torch.inference_mode():
        with clock.stage("shape"):
            progress("shape", 0.0)
            seen = pose.seen if pose.seen.source is scan else see(scan)
            shaped = fit_shape(ground, seen.trusted, pose.state, stays_inside(settings),
                               lambda part: progress("shape", part))
            state, unexplained = shaped.state, float(shaped.unexplained[0])
        with clock.stage("refine"):
            displacements = _refine(body, model, settings, seen.fine, state, progress)
        with clock.stage("measure"):
            progress("measure", 0.0)
            bare = model.pose(state)
            agreed = agreement(body, bare.vertices[0].cpu().numpy(),
                               skinned_normals(bare, ground.normals)[0].cpu().numpy(), seen.fine,
                               settings.seed)
            fit = _measured(seen.scan, ground, model, state, displacements, settings,
                            (unexplained, agreed))
    fit.stage_seconds.update(clock.seconds)
    return fit


def _device(settings: FitSettings) -> torch.device:
    if settings.refinement not in REFINEMENTS:
        raise UsageError(f"There is no refinement called {settings.refinement!r}.",
                         f"Choose one of {', '.join(REFINEMENTS)}.")
    present = torch.cuda.is_available()
    if settings.device == "cuda" and not present:
        raise UsageError("No CUDA device was found on this computer.",
                         "Use --device cpu, or auto, which takes what is there.")
    return torch.device("cuda" if present and settings.device in ("cuda", "auto") else "cpu")


def _ups(scan: Scan, device: torch.device) -> Ups:
    """Rotations that could turn the scan upright: none, and those to the rivals of its up axis."""
    back = UPRIGHT[scan.up.value].T
    return [torch.as_tensor(UPRIGHT[axis] @ back, dtype=torch.float32, device=device)
            for axis in (scan.up.value, *scan.up.rivals)]


def _refine(body: Body, model: BodyModel, settings: FitSettings, target: Target, state: State,
            progress: Progress) -> Float32[np.ndarray, "V 3"]:
    """Displacements in the rest pose at the chosen level; zero at `none`."""
    stiffness = STIFFNESS.get(settings.refinement)
    if stiffness is None:
        return np.zeros_like(body.template)
    refiner = Refiner(body, model, stiffness, stays_inside(settings))
    return refiner(target, state, lambda part: progress("refine", part))


def _measured(scan: Scan, ground: Ground, model: BodyModel, state: State,
              displacements: Float32[np.ndarray, "V 3"], settings: FitSettings,
              found: tuple[float, Agreement]) -> Fit:
    """Measure in the scan's frame, judge, and answer in the frame in which the person faces +z."""
    body, ups = ground.body, _ups(scan, ground.device)
    vertices = pose_body(body, model.parameters(state), displacements).vertices.astype(np.float32)
    surface, avatar = scan_surface(scan), MeshSurface(vertices, body.skin_faces)
    distances = measure_distances(surface, avatar, settings.seed)
    to_scan = surface.distance(vertices).astype(np.float32)
    confidence = vertex_confidence(to_scan, body.interior, body.faces).astype(np.float32)
    state, turn = turn_to_front(model, state, ups)
    parameters = model.parameters(state)
    posed = pose_body(body, parameters, displacements)
    evidence = Evidence(
        distances, part_confidence(body, confidence),
        shape_norm=float(np.sqrt(np.mean(parameters.betas.astype(np.float64) ** 2))),
        height_m=float(np.ptp(posed.rest_vertices[:, 1])), unexplained_mm=1000 * found[0],
        agreement=found[1])
    return Fit(
        body=body.name, parameters=parameters, displacements=displacements.astype(np.float32),
        vertices=posed.vertices.astype(np.float32), joints=posed.joints.astype(np.float32),
        confidence=confidence,
        surface_mm=np.where(body.interior, np.nan, to_scan * 1000).astype(np.float32),
        world_from_scan=turn.double().cpu().numpy() @ scan.world_from_scan,
        distances=distances, verdict=judge(evidence), settings=settings)
