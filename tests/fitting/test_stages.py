"""Of many starts most are given up on the way, and the one that wins is not among them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.fitting.conftest import Person

from likeness.bodies.body import Body
from likeness.fitting.ground import Ground
from likeness.fitting.recipes import COARSE, COARSE_POINTS, COARSE_SPREAD
from likeness.fitting.seen import see
from likeness.fitting.solver import Candidates, GaussNewton
from likeness.fitting.stages import _facing_away, guess_pose
from likeness.fitting.start import starts
from likeness.fitting.target import Target

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def coarse(open_body: Body, make_person: Callable[..., Person]) -> tuple[GaussNewton, Target]:
    seen = see(make_person(5, arms=1.1, yaw=2.6).scan)[1]
    return Ground.of(open_body, CPU).solver(COARSE_SPREAD, COARSE), seen.coarse


def _found(solver: GaussNewton, target: Target, halving: tuple[int, ...]) -> Candidates:
    begun = starts(solver.model, target, [torch.eye(3)])
    own = replace(solver, schedule=replace(COARSE, halving=halving))
    with torch.inference_mode():
        return own(target.thinned(COARSE_POINTS, 0), begun, lambda _: None)


def test_halving_keeps_the_cheapest(coarse: tuple[GaussNewton, Target]) -> None:
    every, few = (_found(*coarse, halving) for halving in ((), (3, 5)))
    assert len(few.cost) == -(-len(every.cost) // 4)
    assert float(few.cost.min()) == pytest.approx(float(every.cost.min()), rel=0.01)  # or its like
    assert float(few.cost.max()) < float(every.cost.median())


def test_who_faces_the_other_way_is_found_among_those_given_up(
        coarse: tuple[GaussNewton, Target]) -> None:
    solver, target = coarse
    few = _found(*coarse, COARSE.halving)
    cheapest = few.state.select(few.cost.argmin()[None])
    begun = starts(solver.model, target, [torch.eye(3)])
    with torch.inference_mode():
        away = list(_facing_away(solver, target.thinned(COARSE_POINTS, 0), begun, cheapest,
                                 lambda _: None))
    assert len(away) == 1
    ahead, back = (state.rotations[0, 0, :, 2] for state in (cheapest, away[0]))
    assert float(ahead @ back) < -0.5


@pytest.mark.parametrize(("seed", "up"), [(10, 1.0), (30, -1.0)])
def test_starts_that_all_turn_round_leave_nobody_to_try(
        open_body: Body, make_person: Callable[..., Person], seed: int, up: float) -> None:
    """A person who lies, while nobody doubts that the other axis is up."""
    scan = make_person(seed, arms=0.9, yaw=0.0).scan
    lying = np.array([(1, 0, 0), (0, 0, -up), (0, up, 0)], np.float32)
    vertices = scan.vertices @ lying.T
    vertices[:, 1] -= vertices[:, 1].min()
    seen = see(replace(scan, vertices=vertices, normals=scan.normals @ lying.T))[1]
    with torch.inference_mode():
        found = guess_pose(Ground.of(open_body, CPU), seen.coarse, [torch.eye(3)], 0,
                           lambda _: None)
    assert len(found.transl) > 1
