"""What a scan does not show is left out, stands as people do, and draws nothing with it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from tests.fitting.conftest import Person

from likeness.bodies.body import PARTS, Body
from likeness.core.progress import silent
from likeness.fitting import stages
from likeness.fitting.absent import _Rest, absent_joints, as_usual
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.ground import Ground
from likeness.fitting.model import State
from likeness.fitting.pipeline import fit_body
from likeness.fitting.recipes import MIDDLE, MIDDLE_POINTS, MIDDLE_SPREAD
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.seen import see
from likeness.fitting.solver import GaussNewton
from likeness.scans.scan import Scan

CPU = torch.device("cpu")
LEFT_ARM, RIGHT_LEG = ("left_arm", "left_hand"), ("right_leg", "right_foot")
LEGS = ("left_leg", "left_foot", *RIGHT_LEG)


def _cut(person: Person, keep: np.ndarray) -> Scan:
    return replace(person.scan, vertices=person.scan.vertices[keep],
                   normals=person.scan.normals[keep])


def _errors_mm(fit: Fit, person: Person, names: tuple[str, ...], body: Body) -> np.ndarray:
    frame = fit.world_from_scan
    truth = person.vertices @ frame[:3, :3].T + frame[:3, 3]
    own = np.isin(body.parts, [PARTS.index(name) for name in names]) & ~body.interior
    return 1000 * np.linalg.norm(fit.vertices - truth, axis=1)[own]


def _true_state(solver: GaussNewton, person: Person) -> State:
    given, turns = person.parameters, np.zeros((solver.model.body.joint_count, 3))
    turns[0], turns[1:22] = given.global_orient, given.pose["body_pose"].reshape(21, 3)
    betas, transl = (torch.as_tensor(each[None], dtype=torch.float32)
                     for each in (given.betas, given.transl))
    return State(rotation_matrix(torch.as_tensor(turns, dtype=torch.float32))[None], transl, betas)


@pytest.mark.parametrize(("without", "absent"), [
    ((), set()), (("left_hand",), set()), (LEFT_ARM, {18, 16}), (("right_foot",), set()),
    (LEGS, {4, 5}), (("head",), {12})])
def test_what_is_not_there_is_known(open_body: Body, make_person: Callable[..., Person],
                                    without: tuple[str, ...], absent: set[int]) -> None:
    """Even where the pose is the true one; thighs begin above the hips, so of those some is seen.
    """
    solver = Ground.of(open_body, CPU).solver(MIDDLE_SPREAD, MIDDLE)
    person = make_person(3, without=without)
    target = see(person.scan)[1].coarse.thinned(MIDDLE_POINTS, 0)
    with torch.inference_mode():
        found = set(absent_joints(solver, target, _true_state(solver, person)))
    assert found - {1, 2} == absent


def test_an_arm_held_to_the_body_is_there(open_body: Body,
                                          make_person: Callable[..., Person]) -> None:
    solver = Ground.of(open_body, CPU).solver(MIDDLE_SPREAD, MIDDLE)
    person = make_person(4, arms=1.5)
    target = see(person.scan)[1].coarse.thinned(MIDDLE_POINTS, 0)
    with torch.inference_mode():
        assert not absent_joints(solver, target, _true_state(solver, person))


def test_a_forearm_alone_may_be_hidden_by_the_body(open_body: Body,
                                                   make_person: Callable[..., Person]) -> None:
    solver = Ground.of(open_body, CPU).solver(MIDDLE_SPREAD, MIDDLE)
    person = make_person(3)
    forearm = open_body.skin_weights[:, [18, 20, *range(22, 37)]].sum(axis=1) > 0.5
    _, near = cKDTree(person.vertices).query(person.scan.vertices)
    target = see(_cut(person, ~forearm[near]))[1].coarse.thinned(MIDDLE_POINTS, 0)
    with torch.inference_mode():
        state = _true_state(solver, person)
        assert _Rest(solver, target, state).need_of(18) == 0.0
        assert not absent_joints(solver, target, state)


def test_absent_limbs_are_not_folded_into_the_scan(
        open_body: Body, make_person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make_person(5, arms=0.9)
    half = _cut(person, person.scan.vertices @ _leftwards(person) > _middle(person))
    hidden = ("right_arm", "right_hand", *RIGHT_LEG)
    fit = fit_body(half, open_body, FitSettings("standard"), silent)
    assert _errors_mm(fit, person, (*LEFT_ARM, "left_leg", "left_foot"), open_body).mean() < 8
    with_it = _errors_mm(fit, person, hidden, open_body).mean()
    assert fit.verdict.level == "check"
    monkeypatch.setattr(stages, "absent_joints", lambda *_: [])
    drawn = fit_body(half, open_body, FitSettings("standard"), silent)
    assert with_it < 0.5 * _errors_mm(drawn, person, hidden, open_body).mean()


@pytest.mark.parametrize("seed", [6, 7])
def test_head_and_shoulders_are_found_whatever_is_up(
        open_body: Body, make_person: Callable[..., Person], seed: int) -> None:
    """In the place of the whole body; a child would be small enough to be all of it."""
    person = make_person(seed, yaw=0.0)
    height = person.scan.vertices[:, 1]
    bust = _cut(person, (height > height.max() - 0.45) & (np.abs(
        person.scan.vertices[:, 0] - person.vertices[:, 0].mean()) < 0.25))
    lying = np.array([(0, -1, 0), (1, 0, 0), (0, 0, 1)], np.float32)
    scan = replace(bust, vertices=bust.vertices @ lying.T, normals=bust.normals @ lying.T)
    fit = fit_body(scan, open_body, FitSettings("standard"), silent)
    turned = replace(person, vertices=person.vertices @ lying.T)
    assert _errors_mm(fit, turned, ("head",), open_body).mean() < 8
    assert fit.verdict.level != "good"


def test_the_rest_stays_as_it_is(open_body: Body, make_person: Callable[..., Person]) -> None:
    solver = Ground.of(open_body, CPU).solver(MIDDLE_SPREAD, MIDDLE)
    before = _true_state(solver, make_person(3, bent={18: (0.0, -1.9, 0.0)}))
    with torch.inference_mode():
        after = as_usual(solver, before, [18])
    moved = (after.rotations - before.rotations).abs().amax(dim=(0, 2, 3)) > 1e-4
    assert moved[18]
    assert not moved[:18].any()


def test_what_is_absent_meets_no_scan(open_body: Body) -> None:
    ground = Ground.of(open_body, CPU)
    rest = ground.without([16])
    arm = open_body.skin_weights[:, 16] > 0.99
    assert not rest.shown[arm].any()
    assert rest.shown[open_body.parts == PARTS.index("head")].all()
    left = rest.solver(MIDDLE_SPREAD, MIDDLE).model.chosen
    assert set(left) < set(ground.solver(MIDDLE_SPREAD, MIDDLE).model.chosen)
    assert not arm[left].any()


def _leftwards(person: Person) -> np.ndarray:
    yaw = person.parameters.global_orient[1]
    return np.array([np.cos(yaw), 0.0, -np.sin(yaw)], np.float32)


def _middle(person: Person) -> float:
    return float(np.mean(person.vertices @ _leftwards(person)))
