"""From a scan to a fit, stage by stage."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float32

from likeness.bodies.body import Body
from likeness.bodies.pose import PosedBody, pose_body
from likeness.core.errors import UsageError
from likeness.core.progress import Progress, StageClock
from likeness.fitting.fit import REFINEMENTS, Fit, FitSettings
from likeness.fitting.measure import measure_distances, scan_surface, vertex_confidence
from likeness.fitting.model import BodyModel, State
from likeness.fitting.prior import pose_prior
from likeness.fitting.recipes import COARSE_CELL_M, FINE_CELL_M, STIFFNESS
from likeness.fitting.refine import Refiner
from likeness.fitting.stages import Ground, fit_shape, guess_pose, settle_pose, turn_to_front
from likeness.fitting.surface import MeshSurface
from likeness.fitting.target import cell_averages
from likeness.fitting.verdict import Evidence, judge, part_confidence
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan


def fit_body(scan: Scan, body: Body, settings: FitSettings, progress: Progress) -> Fit:
    """Fit `body` to `scan`: unknown facing and pose, at the refinement chosen.

    Raises `UsageError` for a refinement or device that does not exist here, `Cancelled` from
    `progress`. A bad fit is a verdict, not an error.
    """
    clock, device = StageClock(), _device(settings)
    ground = Ground(body, pose_prior(body, device), device, settings.seed)
    model = BodyModel(body, np.arange(len(body.template)), device)
    with torch.inference_mode():
        with clock.stage("start"):
            progress("start", 0.0)
            scan = with_normals(scan)
            target = cell_averages(scan, FINE_CELL_M)
            coarse = cell_averages(scan, COARSE_CELL_M)
            candidates = guess_pose(ground, coarse, lambda part: progress("start", part))
        with clock.stage("pose"):
            state = settle_pose(ground, coarse, candidates, lambda part: progress("pose", part))
        with clock.stage("shape"):
            state = fit_shape(ground, target, state, lambda part: progress("shape", part))
        with clock.stage("refine"):
            displacements = _refine(body, model, settings, target, state, progress)
        with clock.stage("measure"):
            progress("measure", 0.0)
            root = model.pose(state).rest_joints[0, 0]
            state, turn = turn_to_front(state, root)
            turn = turn.cpu().numpy().astype(np.float64)
            return _answer(scan, body, model, state, displacements, turn, settings, ground, clock)


def _device(settings: FitSettings) -> torch.device:
    if settings.refinement not in REFINEMENTS:
        raise UsageError(f"There is no refinement called {settings.refinement!r}.",
                         f"Choose one of {', '.join(REFINEMENTS)}.")
    present = torch.cuda.is_available()
    if settings.device == "cuda" and not present:
        raise UsageError("No CUDA device was found on this computer.",
                         "Use --device cpu, or auto, which takes what is there.")
    return torch.device("cuda" if present and settings.device in ("cuda", "auto") else "cpu")


def _refine(body: Body, model: BodyModel, settings: FitSettings, target, state: State,
            progress: Progress) -> Float32[np.ndarray, "V 3"]:
    """Displacements in the rest pose at the chosen level; zero at `none`."""
    stiffness = STIFFNESS.get(settings.refinement)
    if stiffness is None:
        return np.zeros_like(body.template)
    refiner = Refiner(body, model, stiffness)
    offsets = refiner(target, state, lambda part: progress("refine", part))
    return offsets


def _answer(scan: Scan, body: Body, model: BodyModel, state: State,
            displacements: Float32[np.ndarray, "V 3"], turn: np.ndarray, settings: FitSettings,
            ground: Ground, clock: StageClock) -> Fit:
    """Measure the fit in the frame in which the person faces +z, and judge it."""
    parameters = model.parameters(state)
    posed = pose_body(body, parameters, displacements)
    vertices = posed.vertices.astype(np.float32)
    turned = replace(scan, vertices=(scan.vertices @ turn[:3, :3].T.astype(np.float32)),
                     normals=scan.normals @ turn[:3, :3].T.astype(np.float32))
    surface, avatar = scan_surface(turned), MeshSurface(vertices, body.skin_faces)
    distances = measure_distances(surface, avatar, settings.seed)
    to_scan = surface.distance(vertices).astype(np.float32)
    confidence = vertex_confidence(to_scan, body.interior, body.faces).astype(np.float32)
    evidence = Evidence(distances, part_confidence(body, confidence),
                        float(np.sqrt(np.mean(parameters.betas.astype(np.float64) ** 2))),
                        float(ground.prior.cost(state)[0]), _standing_height(posed))
    return Fit(body.name, parameters, displacements.astype(np.float32), vertices,
               posed.joints.astype(np.float32), confidence,
               np.where(body.interior, np.nan, to_scan * 1000).astype(np.float32),
               turn @ scan.world_from_scan, distances, judge(evidence), settings,
               stage_seconds=dict(clock.seconds))


def _standing_height(posed: PosedBody) -> float:
    return float(np.ptp(posed.rest_vertices[:, 1]))
