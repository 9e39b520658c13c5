"""From a scan to a fit, stage by stage."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float32

from likeness.bodies.body import Body
from likeness.core.progress import Progress, StageClock
from likeness.fitting.agreement import agreement
from likeness.fitting.devices import device_for
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.ground import Ground
from likeness.fitting.measure import ScanSide
from likeness.fitting.model import State
from likeness.fitting.recipes import STIFFNESS, stays_inside
from likeness.fitting.refine import Refiner, untangled
from likeness.fitting.seen import Seen, see
from likeness.fitting.solved import Solved, build_norm, measured
from likeness.fitting.solver import Candidates, skinned_normals
from likeness.fitting.stages import (
    Ups,
    arms_again,
    doubted_hands,
    fit_shape,
    for_all_stages,
    guess_pose,
    leave_out_absent,
    settle_pose,
    turn_to_front,
)
from likeness.fitting.target import Target
from likeness.scans.placing import UPRIGHT
from likeness.scans.scan import Choice, Scan


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the first two stages leave the body, and the seconds they took."""

    ground: Ground
    state: State
    seconds: dict[str, float]

    @property
    def build_norm(self) -> float:
        """How far from usual the proportions are, as a verdict asks for it."""
        return build_norm(self.state.betas[0].cpu().numpy())


def fit_body(scan: Scan, body: Body, settings: FitSettings, progress: Progress) -> Fit:
    """Fit `body` to `scan` at the refinement chosen, from nothing but these; one fit at a time.

    Raises `UsageError` for a refinement or device that does not exist here, `Cancelled` from
    `progress`. A bad fit is a verdict, not an error.
    """
    whole, seen = see(scan)
    pose = find_pose(seen, body, settings, progress)
    solved = solve(seen, pose, settings, progress)
    return measured(whole, ScanSide.of(whole, settings.seed), body, solved, settings, progress)


def get_ready(body: Body, settings: FitSettings) -> None:
    """Make what the first fit of a body on a device would wait for; raises as `fit_body`."""
    with torch.inference_mode():
        for_all_stages(Ground.of(body, device_for(settings)))


def find_pose(seen: Seen, body: Body, settings: FitSettings, progress: Progress) -> Pose:
    """A body that stands as the scan does and is roughly of its shape; raises as `fit_body`."""
    clock, device = StageClock(), device_for(settings)
    ground = Ground.of(body, device)
    with torch.inference_mode():
        with clock.stage("start"):
            progress("start", 0.0)
            candidates = guess_pose(ground, seen.coarse, _ups(seen.up, device), settings.seed,
                                    lambda part: progress("start", part))
        with clock.stage("pose"):
            tick = partial(progress, "pose")
            state = settle_pose(ground, seen.coarse, candidates, settings.seed, tick)
            ground, state = leave_out_absent(ground, seen.coarse, state, settings.seed, tick)
    return Pose(ground, state, clock.seconds)


def solve(seen: Seen, pose: Pose, settings: FitSettings, progress: Progress) -> Solved:
    """From the pose to the whole body; raises as `fit_body`."""
    clock, ground, body = StageClock(), pose.ground, pose.ground.body
    model = ground.model
    with torch.inference_mode():
        with clock.stage("shape"):
            progress("shape", 0.0)
            shaped = _shaped(ground, seen, pose.state, settings,
                             lambda part: progress("shape", part))
        with clock.stage("refine"):
            displacements = _refine(ground, settings, seen.bounded, shaped.state, progress)
        with clock.stage("measure"):
            bare = model.pose(shaped.state)
            agreed = agreement(body, bare.vertices[0].cpu().numpy(),
                               skinned_normals(bare, ground.normals)[0].cpu().numpy(), seen.fine,
                               settings.seed)
            doubted = doubted_hands(ground, seen.trusted, shaped.state)
        front, turn = turn_to_front(model, shaped.state, _ups(seen.up, ground.device))
    return Solved(model.parameters(shaped.state), model.parameters(front),
                  turn.double().cpu().numpy(), displacements.astype(np.float32),
                  float(shaped.unexplained[0]), agreed, doubted, pose.seconds | clock.seconds)


def _shaped(ground: Ground, seen: Seen, state: State, settings: FitSettings,
            tick: Callable[[float], None]) -> Candidates:
    """The body from the pose or, where that misplaced an arm, from another, if that is cheaper."""
    shape = partial(fit_shape, ground, seen.trusted, inside=stays_inside(settings),
                    seed=settings.seed)
    found = shape(state, tick=tick)
    other = arms_again(ground, seen.coarse, seen.trusted, found.state, settings.seed, tick)
    if other is None:
        return found
    again = shape(other, tick=lambda _: tick(1.0))
    return min(found, again, key=lambda each: float(each.cost))


def _ups(up: Choice, device: torch.device) -> Ups:
    """Rotations that could turn the scan upright: none, and those to the rivals of its up axis."""
    back = UPRIGHT[up.value].T
    return [torch.as_tensor(UPRIGHT[axis] @ back, dtype=torch.float32, device=device)
            for axis in (up.value, *up.rivals)]


def _refine(ground: Ground, settings: FitSettings, target: Target, state: State,
            progress: Progress) -> Float32[np.ndarray, "V 3"]:
    """Displacements in the rest pose at the chosen level; at `none` where skin meets itself."""
    stiffness, tick = STIFFNESS.get(settings.refinement), partial(progress, "refine")
    if stiffness is None:
        return untangled(ground, state, tick)
    return Refiner(ground, stiffness, stays_inside(settings))(target, state, tick)
