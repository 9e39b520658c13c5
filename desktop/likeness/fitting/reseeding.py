"""Limbs that went astray: each is tried again from other places, and the better place is kept.

A coarse fit finds the trunk and the facing almost always, but an arm that points up is easily
matched by one that hangs: nothing pulls it across. Limbs hardly depend on each other once the trunk
stands, so each is tried alone and the winners are put together. But where both legs are misplaced,
as of someone who kneels, one holds the trunk where the other cannot be right: the two of a pair are
also tried alike, at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from likeness.bodies.body import PARTS
from likeness.core.paths import resource
from likeness.fitting.model import State, joined
from likeness.fitting.neighbours import nearest
from likeness.fitting.rotations import axis_angle, rotation_matrix
from likeness.fitting.solver import GaussNewton
from likeness.fitting.target import Target

STRAY_M = 0.08  # farther from the body than the spacing of the coarse vertices explains
STRAY_SHARE = 0.008  # of the scan; a hand is 2 %
# A hand or foot is lost if so much of it has no scan near that faces the same way; unseen backs
# of one-sided scans reach 0.8 of a hand.
UNMATCHED_M, NORMAL_M, UNMATCHED_SHARE = 0.04, 0.04, 0.6
_ASIDE = (-0.5, 0.0, 0.5)  # radians that a forearm is turned across itself, either way


@dataclass(frozen=True, eq=False)
class Limb:
    """A limb: its four joints from the trunk outwards, where it is tried, its last part.

    Or a pair of limbs, in the K places of the one and of the other.
    """

    joints: list[int]
    places: Float[Tensor, "K D 3"]
    end: str

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
    return (Limb([13, 16, 18, 20], arms, "left_hand"),
            Limb([14, 17, 19, 21], arms * mirror, "right_hand"),
            Limb([1, 4, 7, 10], legs, "left_foot"),
            Limb([2, 5, 8, 11], legs * mirror, "right_foot"))


def arms_about(state: State, usual: Float[Tensor, "J 3"]) -> list[Limb]:
    """The arms in places about where they are (of one candidate): forearms aside, hands as `usual`.

    What misleads hands is mostly the other one, nearby.
    """
    aside = torch.tensor([(0.0, y, z) for y in _ASIDE for z in _ASIDE], device=usual.device)
    found = []
    for arm, side in zip(limbs(usual.device)[:2], (1.0, -1.0), strict=True):
        turns = state.rotations[0, arm.joints].repeat(len(aside), 1, 1, 1)
        turns[:, 2] = turns[:, 2] @ rotation_matrix(side * aside)
        turns[:, 3] = rotation_matrix(usual[arm.joints[3]])
        found.append(replace(arm, places=axis_angle(turns)))
    return found


def lost_limbs(solver: GaussNewton, target: Target, state: State) -> list[Limb]:
    """The limbs of the body (of one candidate) whose hand or foot the scan does not show there."""
    unmatched = _unmatched(solver, target, state)
    parts = solver.model.body.parts[solver.model.chosen]
    return [limb for limb in limbs(solver.model.device)
            if unmatched[parts == PARTS.index(limb.end)].mean() > UNMATCHED_SHARE]


def _unmatched(solver: GaussNewton, target: Target, state: State) -> Bool[np.ndarray, " N"]:
    """Vertices without scan near them that faces the same way."""
    points = torch.as_tensor(target.features(NORMAL_M), device=solver.model.device)
    body = solver.features(state, NORMAL_M)
    apart = (body - points[nearest(body, points)]).norm(dim=1)
    return (apart > UNMATCHED_M).cpu().numpy()


def has_strayed(solver: GaussNewton, target: Target, state: State) -> bool:
    """Whether the body (of one candidate) leaves more of the scan alone than chance would."""
    points = torch.as_tensor(target.points, device=solver.model.device)
    gap = torch.cdist(points, solver.model.pose(state).vertices[0]).amin(dim=1)
    return float((gap > STRAY_M).float().mean()) > STRAY_SHARE


def reseeded(solver: GaussNewton, target: Target, state: State, tried: Sequence[Limb],
             tick: Callable[[float], None]) -> State:
    """The state (of one candidate) with each of the limbs where it explains the scan best.

    Both of a pair are where they do so together, if that is cheaper than what each saves alone.
    """
    every = [*tried, *_pairs(tried)]
    found = solver(target, joined([state, *(each.placed(state) for each in every)]), tick)
    rotations = found.state.rotations[:1].clone()
    saved, row = dict[int, float](), 1  # by the first joint of each limb
    for limb in every:
        best = row + int(found.cost[row:row + len(limb.places)].argmin())
        row += len(limb.places)
        saving = max(0.0, float(found.cost[0] - found.cost[best]))
        if saving > sum(saved.get(joint, 0.0) for joint in limb.joints):
            rotations[0, limb.joints] = found.state.rotations[best, limb.joints]
        saved[limb.joints[0]] = saving
    together = State(rotations, found.state.transl[:1], found.state.betas[:1])
    return solver(target, together, tick).state


def _pairs(tried: Sequence[Limb]) -> list[Limb]:
    """Left and right that follow each other, as one limb that moves alike on both sides."""
    return [replace(left, joints=left.joints + right.joints,
                    places=torch.cat((left.places, right.places), dim=1))
            for left, right in pairwise(tried)
            if left.end.removeprefix("left_") == right.end.removeprefix("right_")]
