"""Hands, feet, head and fingers are tried turned in other ways, each alone, during the last steps.

Seen with the whole body, a palm is hardly told from the back of the hand, nor one finger from the
next: a hand that is off by one finger stays so, for every finger has found a neighbour. Alone, with
all its joints free, each is fitted in a moment from several places, and the right one leaves far
less of the scan alone than all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import pi

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.bodies.body import Body
from likeness.fitting.devices import side_by_side
from likeness.fitting.model import BodyModel, State
from likeness.fitting.neighbours import nearest
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.solver import GaussNewton
from likeness.fitting.target import Target

Turn = tuple[float, float, float]
Turns = tuple[Turn, ...]

# In the axes of the rest pose, arms along x: palm up, forwards, back; a finger on to either side.
_HAND: Turns = ((pi / 2, 0.0, 0.0), (-pi / 2, 0.0, 0.0), (pi, 0.0, 0.0),
                (0.0, 0.35, 0.0), (0.0, -0.35, 0.0))
# Toes down, up; foot out, in; sole up.
_FOOT: Turns = ((0.8, 0.0, 0.0), (-0.8, 0.0, 0.0), (0.0, 1.2, 0.0), (0.0, -1.2, 0.0),
                (0.0, 0.0, pi))
# Curled more, less, whichever hand it is.
_FINGER: Turns = ((0.0, 0.0, 0.7), (0.0, 0.0, -0.7), (0.0, 0.0, 1.3), (0.0, 0.0, -1.3))
# Chin down, up; face left, right.
_HEAD: Turns = ((0.7, 0.0, 0.0), (-0.7, 0.0, 0.0), (0.0, 0.7, 0.0), (0.0, -0.7, 0.0))

# What only doubted hands are tried in: bent up, down; fingers in the places of others.
_BENT: Turns = ((0.0, 0.0, 1.2), (0.0, 0.0, -1.2))
_ACROSS = (0, 1, 3, 2)  # which fingers of a hand lie side by side, the index first
_APART = 0.3  # radians from one to the next

NORMAL_M = 0.03
# So far beyond where the scan of a finger ends nothing is known, and what is hidden in the palm is
# no better explained; a scan of fewer points does not tell where it ends.
_ASIDE_M = 0.012
_FEWEST, _MOST = 8, 800  # points of the scan that an extremity is fitted to
_SOME = 2  # points by which it is doubted: one astray leaves nearly all of its own to others
_USUAL_M = 0.0105  # of the whole body
_HOPELESS = 1.4  # times that; people in wide clothes reach 1.33, things begin at 1.25
_MOST_DOUBTED = 0.6  # of the extremities; of clean scans' far fewer are
_CLEARLY = 3.0  # squared sigmas of the priors that another place must be cheaper


@dataclass(frozen=True)
class Extremity:
    """The joint that is turned, the one above it that may follow, and the turns that are tried.

    With `shifts` some joints beyond are turned instead, all alike. Without either it is but fitted
    alone. In its right place what is beyond the joint is no more than `usual_m` apart from a clean
    scan, as `GaussNewton.apart_m` has it. So many `shapes` are free as well while it is tried; all
    but the turns is forgotten then.
    """

    at: int
    above: int
    turns: Turns
    usual_m: float
    shifts: tuple[tuple[tuple[int, ...], Turn], ...] = ()
    shapes: int = 0


# Joints as in all of the SMPL family.
HANDS = (Extremity(20, 18, _HAND, 0.0093), Extremity(21, 19, _HAND, 0.0093))
HEAD = Extremity(15, 12, _HEAD, 0.0111, shapes=20)  # a wrong one made the neck as long as suits it
FEET_AND_HEAD = (Extremity(7, 4, _FOOT, 0.0111), Extremity(8, 5, _FOOT, 0.0111), HEAD)


def fingers_of(body: Body) -> list[Extremity]:
    """The fingers of a body that has any, each with its wrist above."""
    return [Extremity(joints[0], wrist, _FINGER, 0.0093) for wrist, joints in body.fingers]


def hands_of(body: Body) -> list[Extremity]:
    """The hands, also bent up and down, and with fingers moved on by one but for one or two.

    For two fingers in the scan of one keep all others where a neighbour is.
    """
    found = []
    for hand, side in zip(HANDS, (1.0, -1.0), strict=True):
        roots = [joints[0] for wrist, joints in body.fingers if wrist == hand.at]
        across = tuple(roots[each] for each in _ACROSS) if roots else ()
        on, back = (0.0, side * _APART, 0.0), (0.0, -side * _APART, 0.0)
        shifts = tuple(shift for stay in (1, 2) if across
                       for shift in ((across[stay:], on), (across[:-stay], back)))
        found.append(replace(hand, turns=(*hand.turns, *_BENT), shifts=shifts))
    return found


def settled(solver: GaussNewton, target: Target, state: State, tried: Sequence[Extremity],
            tick: Callable[[float], None]) -> State:
    """The state (of one candidate) with each extremity where it explains the scan best.

    The solver is one of the whole body; its schedule must leave the root alone.
    """
    if not tried:
        return state
    nearest, rotations = _nearest(solver, target, state), state.rotations.clone()
    aside_m = _ASIDE_M if target.spacing_m < _ASIDE_M else 0.0
    solver = replace(solver, schedule=replace(solver.schedule, aside=aside_m))
    trials = [_Trial(alone, part, _placed(solver, state, each))
              for each in tried
              for part, alone in [_alone(solver, target, nearest, each, each.above)]
              if len(part.points) >= _FEWEST]
    for joints, best in side_by_side(_Trial.best, trials, solver.model.device, lambda: tick(1.0)):
        rotations[0, joints] = best.rotations[0, joints]
    return State(rotations, state.transl, state.betas)


@dataclass(frozen=True, eq=False)
class _Trial:
    """An extremity alone as it is, and in other places; what of the scan it is held against."""

    solver: GaussNewton
    target: Target
    state: State

    def best(self) -> tuple[list[int], State]:
        """The joints that are turned, and the cheapest state; another than the first only clearly.
        """
        found = self.solver(self.target, self.state, lambda _: None)
        best = found.cost.argmin()
        if found.cost[best] > found.cost[0] - _CLEARLY:
            best = torch.zeros_like(best)
        return list(self.solver.schedule.joints), found.state.select(best[None])


def doubtful(solver: GaussNewton, target: Target, state: State, among: Sequence[Extremity],
             times: float = 1.0, least: int = _SOME) -> list[Extremity]:
    """The extremities of the body (of one candidate) that are farther from the scan than usual.

    Where all of the body is, as of a rough scan, they may as well; where most of them are, as of a
    scan of one side, those are meant that are farther than most. None where hardly any of the body
    is near, or the scan is of no person: there nothing can be told by trying.

    They are off by more than `times` what is usual, and the scan shows `least` points of them.
    """
    rough = max(1.0, float(solver.apart_m(target, state)) / _USUAL_M)
    if rough > _HOPELESS:
        return []
    nearest = _nearest(solver, target, state)
    apart, shown, known = dict[Extremity, float](), dict[Extremity, int](), list[float]()
    for each in among:
        part, alone = _alone(solver, target, nearest, each, each.at)
        if len(part.points) >= _SOME:
            shown[each] = len(part.points)
            apart[each] = float(alone.apart_m(part, state)) / each.usual_m
            known += [apart[each]] * (len(part.points) >= _FEWEST)
    if sum(each > rough for each in known) > _MOST_DOUBTED * len(among):
        rough = float(np.median(known))
    return [each for each, far in apart.items()
            if far > times * rough and shown[each] >= least]


def _alone(solver: GaussNewton, target: Target, nearest: Int[np.ndarray, " T"],
           extremity: Extremity, joint: int) -> tuple[Target, GaussNewton]:
    """What the scan shows of what moves with a joint, and a solver of that alone."""
    own, alone = solver.beyond(joint)
    part = replace(target.taking(np.flatnonzero(own[nearest])), inner=None)  # all near a rim
    schedule = replace(solver.schedule, joints=_joints(solver.model, extremity),
                       shapes=extremity.shapes)
    return part.thinned(_MOST, 0), replace(alone, schedule=schedule)


def _nearest(solver: GaussNewton, target: Target, state: State) -> Int[np.ndarray, " T"]:
    """The vertex of the solver nearest to each point, in place and normal."""
    points = torch.as_tensor(target.features(NORMAL_M), device=solver.model.device)
    return nearest(points, solver.features(state, NORMAL_M)).cpu().numpy()


def _joints(model: BodyModel, extremity: Extremity) -> tuple[int, ...]:
    """The joint above, the one turned, and all beyond it."""
    return (extremity.above, *model.below[:, extremity.at].nonzero()[:, 0].tolist())


def _placed(solver: GaussNewton, state: State, extremity: Extremity) -> State:
    """The state as it is, and with the extremity turned; there what is beyond is as it mostly is.
    """
    device = solver.model.device
    turns = torch.tensor(extremity.turns, dtype=torch.float32, device=device).reshape(-1, 3)
    turned = slice(1, 1 + len(turns))
    count = turned.stop + len(extremity.shifts)
    rotations = state.rotations.expand(count, -1, -1, -1).clone()
    rotations[turned, extremity.at] = rotations[turned, extremity.at] @ rotation_matrix(turns)
    beyond = list(_joints(solver.model, extremity)[2:])
    likely: Float[Tensor, "J 3"] = solver.prior.mean.reshape(-1, 3)
    rotations[turned, beyond] = rotation_matrix(likely[beyond])
    for row, (joints, turn) in enumerate(extremity.shifts, turned.stop):
        shift = rotation_matrix(torch.tensor(turn, device=device))
        rotations[row, list(joints)] = rotations[row, list(joints)] @ shift
    return State(rotations, state.transl.expand(count, -1), state.betas.expand(count, -1))
