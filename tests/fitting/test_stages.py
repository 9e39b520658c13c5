"""Of many starts most are given up on the way, and the one that wins is not among them."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from tests.fitting.conftest import Person

from likeness.bodies.body import Body
from likeness.fitting import stages
from likeness.fitting.ground import Ground
from likeness.fitting.model import State
from likeness.fitting.recipes import APART, COARSE, COARSE_POINTS, COARSE_SPREAD, TRIED
from likeness.fitting.rotations import largest_turn, rotation_matrix
from likeness.fitting.seen import see
from likeness.fitting.solver import Candidates, GaussNewton
from likeness.fitting.stages import _anywhere, settle_pose
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


def test_starts_anywhere_stand_apart_and_the_right_way_up_is_among_them(
        open_body: Body, make_person: Callable[..., Person]) -> None:
    """Of somebody who kneels and lies on the side, while nobody doubts that the other axis is up.
    """
    person = make_person(3, arms=-1.3, yaw=0.7, bent={4: (1.6, 0.0, 0.0), 5: (1.6, 0.0, 0.0)})
    lying = np.array([(0, -1, 0), (1, 0, 0), (0, 0, 1)], np.float32)
    scan = replace(person.scan, vertices=person.scan.vertices @ lying.T,
                   normals=person.scan.normals @ lying.T)
    seen, solver = see(scan)[1], Ground.of(open_body, CPU).solver(COARSE_SPREAD, COARSE)
    with torch.inference_mode():
        found = list(_anywhere(solver, seen.coarse, seen.coarse.thinned(COARSE_POINTS, 0), 0,
                               lambda _: None))
    root = rotation_matrix(torch.as_tensor(person.parameters.global_orient[None]))[0]
    true = torch.as_tensor(lying) @ root.float()
    turns = [largest_turn(true[None, None], each.rotations[:, :1]) for each in found]
    assert 1 < len(found) <= TRIED
    assert min(turns) < 0.3
    apart = [largest_turn(a.rotations[:, :1], b.rotations[:, :1])
             for a, b in combinations(found, 2)]
    assert min(apart) > APART


STORK = {2: (-1.5, 0.0, -0.3), 5: (1.4, 0.0, 0.0)}  # on the left leg, the right knee up


def _both_legs_where_one_is(person: Person, ground: Ground) -> State:
    """As the person stands, but the right leg is where the left one is, which is in the air."""
    state = ground.model.state(person.parameters)
    rotations = state.rotations.clone()
    rotations[0, [1, 2, 5]] = rotation_matrix(torch.tensor(
        [(0.0, 0.0, 1.2), (0.0, 0.0, 0.22), (0.0, 0.0, 0.0)]))
    return State(rotations, state.transl, state.betas)


def test_a_leg_that_took_the_place_of_the_other_goes_on_to_its_own(
        open_body: Body, make_person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch,
        ) -> None:
    person, ground = make_person(4, bent=STORK), Ground.of(open_body, CPU)
    target, begun = see(person.scan)[1].coarse, _both_legs_where_one_is(person, ground)
    feet = [open_body.joint_names.index(name) for name in ("left_foot", "right_foot")]
    true = ground.model.pose(ground.model.state(person.parameters)).joints[0, feet]

    def off_m() -> list[float]:
        with torch.inference_mode():
            settled = settle_pose(ground, target, begun, 0, lambda _: None)
            return (ground.model.pose(settled).joints[0, feet] - true).norm(dim=-1).tolist()

    assert max(off_m()) < 0.06
    monkeypatch.setattr(stages, "has_strayed", lambda *_: False)
    left, right = off_m()
    assert left < 0.06
    assert right > 0.3
