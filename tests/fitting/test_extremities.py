"""Hands, feet and head that are turned the wrong way are found again; right ones stay."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from tests.fitting.conftest import Person, turned_at

from likeness.bodies.body import PARTS, Body
from likeness.core.errors import Cancelled
from likeness.core.progress import silent
from likeness.fitting.extremities import (
    FEET_AND_HEAD,
    HANDS,
    HEAD,
    Extremity,
    doubtful,
    fingers_of,
    hands_of,
    settled,
)
from likeness.fitting.fit import FitSettings
from likeness.fitting.ground import Ground
from likeness.fitting.model import BodyModel, State
from likeness.fitting.pipeline import fit_body
from likeness.fitting.recipes import (
    ALONE_SPREAD,
    FINE_STEPS,
    FINGER,
    FINGER_ROUNDS,
    SETTLING,
    UNLIKELY,
    fine,
)
from likeness.fitting.rotations import largest_turn
from likeness.fitting.seen import see
from likeness.fitting.solver import GaussNewton, Schedule
from likeness.fitting.stages import _with_fingers
from likeness.fitting.target import Target

ALL = (*HANDS, *FEET_AND_HEAD)
CPU = torch.device("cpu")
LEFT_WRIST, RIGHT_WRIST, LEFT_ANKLE, NECK = 20, 21, 7, 12
TRUNK = (0, 3, 6, 9, NECK)
WRONG = {
    "palm over": (LEFT_WRIST, (np.pi, 0, 0), "left_hand"),
    "one finger on": (LEFT_WRIST, (0, 0.3, 0), "left_hand"),
    "foot turned in": (LEFT_ANKLE, (0, 1.2, 0), "left_foot"),
    "chin up": (HEAD.at, (-0.8, 0, 0), "head"),
}


@pytest.fixture
def solver(open_body: Body) -> GaussNewton:
    """One of the whole body, as the stages make it."""
    return _alone(open_body, UNLIKELY)


@pytest.fixture
def person(make_person: Callable) -> Person:
    """Somebody with lowered arms."""
    return make_person(5, arms=0.8)


@pytest.fixture
def right(solver: GaussNewton, person: Person) -> State:
    """The state that the person was made from."""
    return solver.model.state(person.parameters)


@pytest.fixture
def target(person: Person) -> Target:
    """The scan as the last steps see it."""
    return see(person.scan)[1].fine


def _alone(body: Body, schedule: Schedule) -> GaussNewton:
    return Ground.of(body, CPU).solver(ALONE_SPREAD, schedule)


def _error_mm(body: Body, person: Person, state: State, part: str) -> float:
    found = BodyModel(body, np.arange(len(body.template)), CPU).pose(state).vertices[0].numpy()
    own = body.parts == PARTS.index(part)
    return float(1000 * np.linalg.norm(found - person.vertices, axis=1)[own].mean())


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_turned_wrong_is_found_again(open_body: Body, solver: GaussNewton, person: Person,
                                             target: Target, right: State, wrong: str) -> None:
    joint, turn, part = WRONG[wrong]
    turned = turned_at(right, joint, turn)
    found = settled(solver, target, turned, ALL, lambda _: None)
    assert _error_mm(open_body, person, turned, part) > 20
    # Feet come near enough for the steps that follow.
    assert _error_mm(open_body, person, found, part) < (12 if joint == LEFT_ANKLE else 6)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_head_thrown_back_is_found_though_the_neck_has_grown_to_another(
        open_body: Body, solver: GaussNewton, make_person: Callable, seed: int) -> None:
    person = make_person(seed, arms=0.8, bent={NECK: (-0.4, 0.0, 0.0), HEAD.at: (-0.8, 0.0, 0.0)})
    target, right = see(person.scan)[1].fine, solver.model.state(person.parameters)
    shaped = replace(fine(open_body.joint_count, open_body.shape_count, False), joints=TRUNK)
    wrong = replace(solver, schedule=shaped).run(
        target, turned_at(right, HEAD.at, (1.5, 0.0, 0.0)), lambda _: None, 0, shaped.steps)

    def off(head: Extremity) -> float:
        found = settled(solver, target, wrong, [head], lambda _: None)
        return float(largest_turn(found.rotations[:, [HEAD.at]], right.rotations[:, [HEAD.at]]))

    assert off(HEAD) < 0.6
    assert off(replace(HEAD, shapes=0)) > 0.9


def test_what_is_right_stays(open_body: Body, solver: GaussNewton, person: Person, target: Target,
                             right: State) -> None:
    found = settled(solver, target, right, ALL, lambda _: None)
    for part in ("left_hand", "right_hand", "left_foot", "right_foot", "head"):
        assert _error_mm(open_body, person, found, part) < 6
    assert torch.equal(found.transl, right.transl)
    assert torch.equal(found.betas, right.betas)


def test_only_what_fits_badly_is_doubted(solver: GaussNewton, target: Target, right: State) -> None:
    assert doubtful(solver, target, right, ALL) == []
    turned = turned_at(right, LEFT_WRIST, (np.pi, 0, 0))
    assert doubtful(solver, target, turned, ALL) == [HANDS[0]]
    assert doubtful(solver, target, turned, FEET_AND_HEAD) == []


def test_where_most_fit_badly_those_are_doubted_that_fit_worse(
        solver: GaussNewton, target: Target, right: State) -> None:
    turned = turned_at(turned_at(right, LEFT_WRIST, (np.pi, 0, 0)), LEFT_ANKLE, (0, 1.2, 0))
    turned = turned_at(turned, HEAD.at, (-0.8, 0, 0))
    assert [each.at for each in doubtful(solver, target, turned, ALL)] == [20, 7, 15]
    turned = turned_at(turned, RIGHT_WRIST, (np.pi, 0, 0))
    doubted = doubtful(solver, target, turned, ALL)
    assert len(doubted) == 2
    assert {each.at for each in doubted} < {20, 21, 7, 15}


def test_what_the_scan_hardly_shows_does_not_keep_the_rest_from_being_doubted(
        solver: GaussNewton, target: Target, right: State) -> None:
    posed = solver.model.pose(right).vertices[0].numpy()
    feet = (solver.model.weights @ solver.model.below[:, [7, 8]] > 0.5).any(dim=1).numpy()
    at_feet = feet[cKDTree(posed).query(target.points)[1]]
    strays = np.random.default_rng(0).choice(np.flatnonzero(at_feet), 6, replace=False)
    points, normals = target.points.copy(), target.normals
    points[strays] += np.float32(0.04) * normals[strays]
    shown = ~at_feet
    shown[strays] = True
    cropped = Target(points[shown], normals[shown], target.area[shown])
    wrong = turned_at(right, HEAD.at, (-0.8, 0, 0))
    assert HEAD in doubtful(solver, cropped, wrong, FEET_AND_HEAD)


def test_of_what_is_no_person_none_is_doubted(solver: GaussNewton, target: Target, right: State,
                                              ) -> None:
    turned = turned_at(right, LEFT_WRIST, (np.pi, 0, 0))
    points = target.points.copy()
    body = np.linalg.norm(points - points.mean(axis=0), axis=1) < 0.6
    points[body] += np.float32(0.1) * target.normals[body]
    bloated = Target(points, target.normals, target.area)
    assert doubtful(solver, target, turned, ALL) == [HANDS[0]]
    assert doubtful(solver, bloated, turned, ALL) == []


def test_fingers_curled_wrong_are_found_again(open_body: Body, person: Person, target: Target,
                                              right: State) -> None:
    """Also those of which others have taken nearly all points, once these are back."""
    solver, fingers = _alone(open_body, FINGER), fingers_of(open_body)
    assert doubtful(solver, target, right, fingers) == []
    for finger in fingers:
        hand = "left_hand" if finger.above == LEFT_WRIST else "right_hand"
        better = turned_at(right, finger.at, (0.0, 0.0, -1.2))
        assert _error_mm(open_body, person, better, hand) > 3
        assert finger in doubtful(solver, target, better, fingers)
        for _ in range(FINGER_ROUNDS):
            doubted = doubtful(solver, target, better, fingers)
            better = settled(solver, target, better, doubted, lambda _: None)
        assert _error_mm(open_body, person, better, hand) < 1


def test_a_finger_in_the_place_of_another_is_found_once_that_is_back(
        open_body: Body, person: Person, target: Target, right: State) -> None:
    """The index lies where the middle finger is, and that is curled."""
    schedule = fine(open_body.joint_count, open_body.shape_count, False)
    whole, fingers = _alone(open_body, schedule), fingers_of(open_body)
    index, middle = (each.at for each in fingers[:2])
    wrong = turned_at(turned_at(right, index, (0.0, -0.35, 0.0)), middle, (0.0, 0.0, -1.2))
    with torch.inference_mode():
        begun = whole(target, wrong, lambda _: None, FINE_STEPS)
        found = _with_fingers(whole, target, begun, fingers, lambda _: None)
    assert _error_mm(open_body, person, begun.state, "left_hand") > 10
    assert _error_mm(open_body, person, found.state, "left_hand") < 1
    assert found.cost < begun.cost


def test_right_hands_stay(open_body: Body, person: Person, target: Target, right: State) -> None:
    whole = _alone(open_body, fine(open_body.joint_count, open_body.shape_count, False))
    with torch.inference_mode():
        begun = whole(target, right, lambda _: None, FINE_STEPS)
        found = _with_fingers(whole, target, begun, fingers_of(open_body), lambda _: None)
    assert found.cost <= begun.cost
    for hand in ("left_hand", "right_hand"):
        assert _error_mm(open_body, person, found.state, hand) < 1


@pytest.mark.parametrize("finger", [1, 3], ids=["middle", "ring"])
def test_a_finger_whose_end_was_not_scanned_does_not_hide(
        open_body: Body, person: Person, target: Target, right: State, finger: int) -> None:
    solver, fingers = _alone(open_body, FINGER), fingers_of(open_body)
    lost = fingers[finger]
    end = solver.model.following(lost.at + 1).numpy()
    posed = solver.model.pose(right).vertices[0].numpy()[end]
    lacking = target.taking(cKDTree(posed).query(target.points)[0] > 0.007)
    for begun in (right, turned_at(right, lost.at, (0.0, 0.0, -1.3))):
        found = settled(solver, lacking, begun, [lost], lambda _: None)
        assert _error_mm(open_body, person, found, "left_hand") < 3


def test_loose_fists_come_back(open_body: Body, make_person: Callable[..., Person]) -> None:
    """All fingers about one axis, which is not quite that of each as the prior has it."""
    turns = np.array((0.7, 1.1, 0.7))
    curled = {22 + 15 * k + 3 * finger + joint: (0.0, 0.0, -side * turns[joint])
              for k, side in enumerate((1, -1)) for finger in range(4) for joint in range(3)}
    person = make_person(9, arms=0.6, points=150_000, bent=curled)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    frame = fit.world_from_scan
    errors = np.linalg.norm(fit.vertices - person.vertices @ frame[:3, :3].T - frame[:3, 3], axis=1)
    hands = np.isin(open_body.parts, [PARTS.index(f"{side}_hand") for side in ("left", "right")])
    assert 1000 * errors[hands].mean() < 4.5


def test_a_body_without_fingers_has_none_to_try(random_body: Body) -> None:
    assert fingers_of(random_body) == []


def test_an_extremity_the_scan_lacks_is_left_alone(solver: GaussNewton, target: Target,
                                                   right: State) -> None:
    posed = solver.model.pose(right).vertices[0].numpy()
    arm = posed[(solver.model.weights @ solver.model.below[:, 18] > 0.5).numpy()]
    near = np.linalg.norm(target.points[:, None] - arm[None, ::5], axis=2).min(axis=1) < 0.1
    rest = target.taking(~near)
    found = settled(solver, rest, right, HANDS[:1], lambda _: None)
    assert torch.equal(found.rotations, right.rotations)


def test_trying_can_be_cancelled(solver: GaussNewton, target: Target, right: State) -> None:
    def stop(_: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        settled(solver, target, right, HANDS, stop)


@pytest.mark.parametrize(("shifted", "turn"), [((25, 28, 31), -0.4), ((22, 25, 31), 0.4)],
                         ids=["all but the first", "all but the last"])
def test_fingers_that_lie_where_their_neighbours_are_move_on_together(
        open_body: Body, solver: GaussNewton, person: Person, target: Target, right: State,
        shifted: tuple[int, ...], turn: float) -> None:
    """Two in the scan of one, so that none has its own."""
    whole = _alone(open_body, fine(open_body.joint_count, open_body.shape_count, False))
    wrong = right
    for joint in shifted:
        wrong = turned_at(wrong, joint, (0.0, turn, 0.0))
    with torch.inference_mode():
        wrong = whole(target, wrong, lambda _: None, SETTLING).state
    hand = hands_of(open_body)[0]
    before, found = (_error_mm(open_body, person, settled(solver, target, wrong, [each],
                                                          lambda _: None), "left_hand")
                     for each in (replace(hand, shifts=()), hand))
    assert found < 4
    assert found < 0.6 * before
