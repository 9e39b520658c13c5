"""Limbs that went astray: each is tried again from other places, and the better place is kept.

A coarse fit finds the trunk and the facing almost always, but an arm that points up is easily
matched by one that hangs: nothing pulls it across. Limbs hardly depend on each other once the trunk
stands, so each is tried alone and the winners are put together.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.core.paths import resource
from likeness.fitting.model import State
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.solver import GaussNewton
from likeness.fitting.target import Target

STRAY_M = 0.08  # farther from the body than the spacing of the coarse vertices explains
STRAY_SHARE = 0.008  # of the scan; a hand is 2 %


@dataclass(frozen=True, eq=False)
class Limb:
    """A limb by its four joints from the trunk outwards, and the places it is tried in."""

    joints: list[int]
    places: Float[Tensor, "K 4 3"]

    def placed(self, state: State) -> State:
        """One candidate for every place, the rest of the body as in `state` (of one candidate)."""
        count = len(self.places)
        rotations = state.rotations.expand(count, -1, -1, -1).clone()
        rotations[:, self.joints] = rotation_matrix(self.places)
        return State(rotations, state.transl.expand(count, -1), state.betas.expand(count, -1))


def limbs(device: torch.device) -> tuple[Limb, ...]:
    """Arms and legs, in places from motion capture that are as unlike as can be."""
    mirror = torch.tensor((1.0, -1.0, -1.0), device=device)
    with np.load(resource("bodies/pose_prior.npz")) as file:
        arms, legs = (torch.as_tensor(file[name], device=device)
                      for name in ("arm_places", "leg_places"))
    return (Limb([13, 16, 18, 20], arms), Limb([14, 17, 19, 21], arms * mirror),
            Limb([1, 4, 7, 10], legs), Limb([2, 5, 8, 11], legs * mirror))


def has_strayed(solver: GaussNewton, target: Target, state: State) -> bool:
    """Whether the body (of one candidate) leaves more of the scan alone than chance would."""
    points = torch.as_tensor(target.points, device=solver.model.device)
    gap = torch.cdist(points, solver.model.pose(state).vertices[0]).amin(dim=1)
    return float((gap > STRAY_M).float().mean()) > STRAY_SHARE


def reseeded(solver: GaussNewton, target: Target, state: State) -> State:
    """The state (of one candidate) with every limb where it explains the scan best."""
    tried = limbs(solver.model.device)
    seeds = joined([state, *(limb.placed(state) for limb in tried)])
    found = solver(target, seeds, _quietly)
    rotations = found.state.rotations[:1].clone()
    row = 1
    for limb in tried:
        cost = found.cost[row:row + len(limb.places)]
        if cost.min() < found.cost[0]:
            best = row + int(cost.argmin())
            rotations[0, limb.joints] = found.state.rotations[best, limb.joints]
        row += len(limb.places)
    together = State(rotations, found.state.transl[:1], found.state.betas[:1])
    return solver(target, together, _quietly).state


def joined(states: list[State]) -> State:
    """All candidates of several states in one."""
    return State(*(torch.cat([getattr(state, name) for state in states])
                   for name in ("rotations", "transl", "betas")))


def _quietly(_: float) -> None:
    """Too short for progress."""
