"""The stages of a fit: guess a pose, settle it, shape the body, turn it to the front."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.bodies.body import Body
from likeness.fitting.model import BodyModel, State
from likeness.fitting.prior import PosePrior
from likeness.fitting.recipes import (
    COARSE,
    COARSE_POINTS,
    KEPT,
    MIDDLE,
    MIDDLE_POINTS,
    RESEED,
    fine,
)
from likeness.fitting.reseeding import has_strayed, joined, reseeded
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.sampling import bare_skin, rest_normals, spread_vertices, vertex_areas
from likeness.fitting.solver import Candidates, GaussNewton, Schedule
from likeness.fitting.start import standing_starts
from likeness.fitting.target import Target

Tick = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Ground:
    """What all stages of one fit share."""

    body: Body
    prior: PosePrior
    device: torch.device
    seed: int

    def solver(self, chosen: Int[np.ndarray, " N"], schedule: Schedule) -> GaussNewton:
        """A solver on the chosen vertices."""
        normals = torch.as_tensor(rest_normals(self.body)[chosen], dtype=torch.float32,
                                  device=self.device)
        bare = torch.as_tensor(bare_skin(self.body)[chosen], dtype=torch.float32,
                               device=self.device)
        return GaussNewton(BodyModel(self.body, chosen, self.device), normals,
                           vertex_areas(self.body, chosen), self.prior, schedule, bare)


def guess_pose(ground: Ground, coarse: Target, tick: Tick) -> State:
    """Many standing starts through a few coarse steps; the cheapest few are kept.

    Where the cheapest leaves scan alone, its limbs are tried from other places as well.
    """
    chosen = spread_vertices(ground.body, 0.055, 0.05)
    solver = ground.solver(chosen, COARSE)
    target = coarse.thinned(COARSE_POINTS, ground.seed)
    found = solver(target, standing_starts(solver.model, coarse), tick)
    kept = found.state.select(torch.argsort(found.cost, stable=True)[:KEPT])
    first = kept.select(torch.zeros(1, dtype=torch.long, device=ground.device))
    if has_strayed(solver, target, first):
        kept = joined([reseeded(ground.solver(chosen, RESEED), target, first), kept])
    return kept


def settle_pose(ground: Ground, coarse: Target, candidates: State, tick: Tick) -> State:
    """The kept candidates on more points and narrower; the cheapest wins."""
    solver = ground.solver(spread_vertices(ground.body, 0.03, 0.025), MIDDLE)
    found = solver(coarse.thinned(MIDDLE_POINTS, ground.seed), candidates, tick)
    return found.state.select(found.cost.argmin()[None])


def fit_shape(ground: Ground, target: Target, state: State, inside: bool, tick: Tick,
              ) -> Candidates:
    """All joints, fingers included, and all shape components, on the fine target.

    `inside` keeps the body inside of what may be cloth.
    """
    chosen = spread_vertices(ground.body, 0.02, 0.006)
    schedule = fine(ground.body.joint_count, ground.body.shape_count, inside)
    return ground.solver(chosen, schedule)(target, state, tick)


def turn_to_front(state: State, root: Float[Tensor, "3"]) -> tuple[State, Float[Tensor, "4 4"]]:
    """Turn about y so that the pelvis faces +z; the state in that frame, and the turn (4, 4).

    `root` is the root joint of the rest pose, about which the global rotation acts.
    """
    forward = state.rotations[0, 0, :, 2]
    yaw = torch.atan2(forward[0], forward[2])
    about_y = torch.stack((torch.zeros_like(yaw), -yaw, torch.zeros_like(yaw)))
    turn = rotation_matrix(about_y)
    rotations = state.rotations.clone()
    rotations[0, 0] = turn @ rotations[0, 0]
    transl = turn @ (root + state.transl[0]) - root
    frame = torch.eye(4, device=turn.device)
    frame[:3, :3] = turn
    return State(rotations, transl[None], state.betas), frame
