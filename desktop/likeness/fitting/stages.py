"""The stages of a fit: guess a pose, settle it, shape the body, turn it to the front."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.absent import absent_joints, as_usual
from likeness.fitting.extremities import (
    FEET_AND_HEAD,
    HANDS,
    Extremity,
    doubtful,
    fingers_of,
    hands_of,
    settled,
)
from likeness.fitting.ground import Ground
from likeness.fitting.model import BodyModel, State, joined
from likeness.fitting.recipes import (
    ALONE_SPREAD,
    APART,
    CLEARLY_DOUBTED,
    COARSE,
    COARSE_POINTS,
    COARSE_SPREAD,
    DENSE,
    ENDING,
    FINE_SPREAD,
    FINGER,
    FINGER_ROUNDS,
    FIRST_POINTS,
    HOLDING,
    KEPT,
    LIKELY,
    MIDDLE,
    MIDDLE_POINTS,
    MIDDLE_SPREAD,
    MOVED,
    RESEED,
    RESEED_MIDDLE,
    RESEED_POINTS,
    ROUNDS,
    SEARCH,
    SEARCH_POINTS,
    SEARCHED,
    SETTLING,
    SMALL_EXPLAIN,
    STILL_DOUBTED,
    TRIED,
    UNLIKELY,
    fine,
)
from likeness.fitting.reseeding import (
    Limb,
    arms_about,
    has_strayed,
    limbs,
    lost_limbs,
    reseeded,
)
from likeness.fitting.rotations import largest_turn, rotation_matrix
from likeness.fitting.solver import Candidates, GaussNewton, Schedule
from likeness.fitting.start import is_small, starts, turned, typical_starts
from likeness.fitting.target import Target
from likeness.scans.placing import UPRIGHT

Tick = Callable[[float], None]
Ups = Sequence[Float[Tensor, "3 3"]]


def for_all_stages(ground: Ground) -> None:
    """Make the solvers and the skin that all fits need."""
    for spread_m in (COARSE_SPREAD, MIDDLE_SPREAD, ALONE_SPREAD, FINE_SPREAD):
        ground.solver(spread_m, COARSE)
    _ = ground.skin


def guess_pose(ground: Ground, coarse: Target, ups: Ups, seed: int, tick: Tick) -> State:
    """Many standing starts through a few coarse steps; the cheapest few are kept.

    `ups` are rotations that could turn the scan upright; the first is none.
    Where the cheapest leaves scan alone, its limbs are tried from other places as well, then people
    in typical poses, turned anyhow.
    """
    solver = ground.solver(COARSE_SPREAD, _fit_for(coarse, COARSE))
    target = coarse.thinned(COARSE_POINTS, seed)
    begun = starts(solver.model, coarse, ups)
    found = solver(target, begun, tick)
    kept = found.state.select(torch.argsort(found.cost, stable=True)[:KEPT])
    first = kept.select(torch.zeros(1, dtype=torch.long, device=ground.device))
    if not has_strayed(solver, target, first):
        return kept
    again = partial(reseeded, replace(solver, schedule=RESEED), target, tried=limbs(ground.device),
                    tick=_still(tick, 1.0))
    better = again(first)
    if not has_strayed(solver, target, better):
        return joined([better, kept])
    tried = [better]
    for other in _anywhere(solver, coarse, target, seed, tick):
        tried.append(again(other))
        if not has_strayed(solver, target, tried[-1]):
            break
    return joined([*tried, kept])


def settle_pose(ground: Ground, coarse: Target, candidates: State, seed: int, tick: Tick,
                ) -> State:
    """The kept candidates on more points and narrower; the cheapest wins.

    Where it loses a hand or a foot, that limb is tried from other places; then all are, where it
    leaves scan alone.
    """
    solver = ground.solver(MIDDLE_SPREAD, _fit_for(coarse, MIDDLE))
    target = coarse.thinned(MIDDLE_POINTS, seed)
    found = solver(target, candidates, tick)
    best = found.state.select(found.cost.argmin()[None])
    late = _still(tick, 1.0)
    again = partial(_reseeded, ground, coarse, seed=seed, tick=late)
    for find in (lost_limbs, _limbs_of_strayed):
        if tried := find(solver, target, best):
            found = solver.keeping_all()(target, joined([best, again(best, tried)]), late,
                                         HOLDING)
            best = found.state.select(found.cost.argmin()[None])
    return best


def leave_out_absent(ground: Ground, coarse: Target, state: State, seed: int, tick: Tick,
                     ) -> tuple[Ground, State]:
    """Without the parts of the body of which the scan shows nothing, the pose on the rest alone.

    Where that leaves scan alone, as it would where a limb is but elsewhere, all stays.
    """
    solver = ground.solver(MIDDLE_SPREAD, _fit_for(coarse, MIDDLE)).keeping_all()
    target = coarse.thinned(MIDDLE_POINTS, seed)
    joints = absent_joints(solver, target, state)
    if not joints:
        return ground, state
    rest = ground.without(joints)
    alone = rest.solver(MIDDLE_SPREAD, solver.schedule)
    found = alone(target, as_usual(alone, state, joints), _still(tick, 1.0)).state
    return (ground, state) if has_strayed(alone, target, found) else (rest, found)


def _fit_for(coarse: Target, schedule: Schedule) -> Schedule:
    """The schedule; for a small scan one that asks above all whether the scan is explained.

    For a child in another's head and shoulders shows more of itself than who they are of.
    """
    return replace(schedule, explain=SMALL_EXPLAIN) if is_small(coarse) else schedule


def _reseeded(ground: Ground, coarse: Target, state: State, tried: Sequence[Limb], seed: int,
              tick: Tick) -> State:
    """The state with each of the limbs where it explains the scan best, on few points."""
    solver = ground.solver(MIDDLE_SPREAD, RESEED_MIDDLE)
    return reseeded(solver, coarse.thinned(RESEED_POINTS, seed), state, tried, tick)


def _limbs_of_strayed(solver: GaussNewton, target: Target, state: State) -> Sequence[Limb]:
    """All of them where scan is left alone: two legs may stand where one is."""
    return limbs(solver.model.device) if has_strayed(solver, target, state) else ()


def _still(tick: Tick, part: float) -> Tick:
    """For what is not among a stage's foreseen steps: progress stands still, cancelling works."""
    return lambda _: tick(part)


def _anywhere(solver: GaussNewton, coarse: Target, target: Target, seed: int, tick: Tick,
              ) -> Iterator[State]:
    """Typical poses along each axis and in every facing through a few steps, the cheapest first.

    Of those whose trunks have come to stand alike the first alone.
    """
    few, begun = coarse.thinned(SEARCH_POINTS, seed), []
    for turn in UPRIGHT.values():
        tick(1.0)
        up = torch.as_tensor(turn, dtype=torch.float32, device=solver.model.device)
        begun.append(solver.cheapest(few, typical_starts(solver.model, coarse, up), SEARCHED))
    found = replace(solver, schedule=SEARCH)(target, joined(begun), _still(tick, 1.0))
    tried: list[State] = []
    for row in torch.argsort(found.cost, stable=True):
        state = found.state.select(row[None])
        if all(largest_turn(each.rotations[:, :1], state.rotations[:, :1]) > APART
               for each in tried):
            tried.append(state)
            yield state
        if len(tried) == TRIED:
            return


def fit_shape(ground: Ground, target: Target, state: State, inside: bool, seed: int, tick: Tick,
              ) -> Candidates:
    """All joints, fingers included, and all shape components, on the fine target.

    Once size and place are known, hands are tried in other ways, feet and head where they fit
    badly; then all go on. What still fits badly in the end is tried again, then single fingers and
    their hands: no steps of the whole follow, which would move what has nothing to do with them.
    `inside` keeps the body inside of what may be cloth.
    """
    schedule = fine(ground.body.joint_count, ground.body.shape_count, inside)
    solver = ground.solver(FINE_SPREAD, schedule)
    unlikely = ground.solver(ALONE_SPREAD, UNLIKELY)
    early, few = replace(unlikely, schedule=schedule), target.thinned(FIRST_POINTS, seed)
    state = early.run(few, state, tick, 0, SETTLING)
    here, late = _still(tick, SETTLING / schedule.steps), _still(tick, 1.0)
    state = settled(replace(unlikely, schedule=LIKELY), target, state, HANDS, here)
    left = doubtful(unlikely, target, state, FEET_AND_HEAD)
    state = settled(unlikely, target, state, left, here)
    state = solver.run(few, state, tick, SETTLING, ENDING)
    found = solver(target, state, tick, ENDING)
    among = [*hands_of(ground.body), *FEET_AND_HEAD]
    found = _better(solver, unlikely, target, found, among, SETTLING, ROUNDS, late)
    return _with_fingers(solver, target, found, fingers_of(ground.body), late)


def arms_again(ground: Ground, coarse: Target, target: Target, state: State, seed: int, tick: Tick,
               ) -> State | None:
    """A pose to go on from where hands clearly fit badly in the end: arms where they explain more.

    The body is of usual proportions again but for the first few components: to reach from where it
    is to what it has found, a misplaced arm was drawn out or in, and would be held there.
    """
    if not _hands_off(ground, target, state, CLEARLY_DOUBTED):
        return None
    betas = state.betas.clone()
    betas[:, RESEED_MIDDLE.shapes:] = 0.0
    usual = State(state.rotations, state.transl, betas)
    tried = [arm for arm in arms_about(usual, ground.prior.mean.reshape(-1, 3))
             if not set(arm.joints) & set(ground.absent)]
    return _reseeded(ground, coarse, usual, tried, seed, _still(tick, 1.0))


def doubted_hands(ground: Ground, target: Target, state: State) -> tuple[str, ...]:
    """The names of the hands that are still clearly off, where the scan shows enough to tell."""
    wrists = {hand.at for hand in _hands_off(ground, target, state, STILL_DOUBTED, DENSE)}
    return tuple(limb.end for limb in limbs(ground.device) if wrists & set(limb.joints))


def _hands_off(ground: Ground, target: Target, state: State, times: float, least: int = 0,
               ) -> list[Extremity]:
    """The hands that are doubted so much, of so many points, with feet and head to compare them."""
    alone = ground.solver(ALONE_SPREAD, UNLIKELY)
    off = doubtful(alone, target, state, [*HANDS, *FEET_AND_HEAD], times, least)
    return [hand for hand in HANDS if hand in off]


def _with_fingers(solver: GaussNewton, target: Target, found: Candidates,
                  fingers: Sequence[Extremity], tick: Tick) -> Candidates:
    """Fingers that fit badly are tried again: moved on together, each alone, then with their hands.

    For wrist and neighbours stood still while each was alone.
    """
    single, end = replace(solver, schedule=FINGER), solver.schedule.steps
    wrists = {each.above for each in doubtful(single, target, found.state, fingers)}
    if not wrists:
        return found
    hands = [replace(each, turns=()) for each in hands_of(solver.model.body) if each.at in wrists]
    found = _with_hands(solver, single, target, found, hands, tick)
    found = _better(solver, single, target, found, fingers, end, FINGER_ROUNDS, tick)
    return _with_hands(solver, single, target, found, [replace(each, shifts=()) for each in hands],
                       tick)


def _with_hands(solver: GaussNewton, alone: GaussNewton, target: Target, found: Candidates,
                hands: Sequence[Extremity], tick: Tick) -> Candidates:
    """What was found with each hand tried again, as long as that is cheaper for the whole body."""
    for hand in hands:
        placed = settled(alone, target, found.state, [hand], tick)
        again = solver(target, placed, tick, solver.schedule.steps)
        found = min(found, again, key=lambda each: float(each.cost))
    return found


def _better(solver: GaussNewton, alone: GaussNewton, target: Target, found: Candidates,
            among: Sequence[Extremity], first: int, rounds: int, tick: Tick) -> Candidates:
    """What was found, as long as that is cheaper with those tried again that fit badly.

    At most `rounds` times; the solver's steps from `first` on follow where something moved.
    """
    for _ in range(rounds):
        left = doubtful(alone, target, found.state, among)
        placed = settled(alone, target, found.state, left, tick)
        if largest_turn(found.state.rotations, placed.rotations) < MOVED:
            break
        again = solver(target, placed, tick, first)
        if again.cost > found.cost:
            break
        found = again
    return found


def turn_to_front(model: BodyModel, state: State, ups: Ups) -> tuple[State, Float[Tensor, "4 4"]]:
    """Upright in that of `ups` in which the trunk stands best, and about y so that it faces +z.

    The state in that frame, and the transform (4, 4) to it.
    """
    up = max(ups, key=lambda each: float(each[1] @ state.rotations[0, 0, :, 1]))
    forward = up @ state.rotations[0, 0, :, 2]
    yaw = torch.atan2(forward[0], forward[2])
    frame = torch.eye(4, device=model.device)
    frame[:3, :3] = rotation_matrix(
        torch.stack((torch.zeros_like(yaw), -yaw, torch.zeros_like(yaw)))) @ up
    front = turned(model, state, frame[:3, :3])
    if up is not ups[0]:  # what were the feet's end of the scan is above the head now
        frame[1, 3] = -model.pose(front).vertices[0, :, 1].min()
        front = State(front.rotations, front.transl + frame[:3, 3], front.betas)
    return front, frame
