"""Fingers do not lie in each other: told where they do, and pushed out again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from scipy.spatial import cKDTree
from tests.fitting.conftest import Person, turned_at

from likeness.bodies.body import Body
from likeness.fitting.contact import Contact
from likeness.fitting.correspondence import Pull
from likeness.fitting.ground import Ground
from likeness.fitting.model import State
from likeness.fitting.recipes import ALONE_SPREAD, FINGER
from likeness.fitting.seen import see
from likeness.fitting.solver import GaussNewton
from likeness.fitting.target import Target

CPU = torch.device("cpu")
WRIST, INDEX, MIDDLE = 20, 22, 25  # of the left hand
CURLED = (0.0, 0.0, -0.9)


@pytest.fixture
def solver(open_body: Body) -> GaussNewton:
    """One of the whole body that moves single fingers."""
    return Ground.of(open_body, CPU).solver(ALONE_SPREAD, FINGER)


@pytest.fixture
def contact(solver: GaussNewton) -> Contact:
    """Its contact."""
    assert solver.contact is not None
    return solver.contact


@pytest.fixture
def person(make_person: Callable) -> Person:
    """Somebody with lowered arms."""
    return make_person(5, arms=0.8)


def _index_in_middle(state: State) -> State:
    return turned_at(state, INDEX, (0.0, 0.7, 0.0))


def _deepest_mm(solver: GaussNewton, contact: Contact, state: State) -> float:
    return 1000 * float(contact.depths(solver.model.pose(state))[0].max())


@pytest.mark.parametrize("curled", [(), (INDEX, MIDDLE, 28, 31), tuple(range(22, 34))],
                         ids=["flat", "at the knuckles", "a fist"])
@pytest.mark.parametrize("seed", [5, 6, 7])
def test_hands_as_people_have_them_touch_at_most(
        solver: GaussNewton, contact: Contact, make_person: Callable[..., Person], seed: int,
        curled: tuple[int, ...]) -> None:
    hands = solver.model.state(make_person(seed).parameters)
    for joint in curled:
        hands = turned_at(hands, joint, CURLED)
    assert _deepest_mm(solver, contact, hands) < 1


@pytest.mark.parametrize(("joint", "turn"), [
    (INDEX, (0.0, 0.7, 0.0)), (INDEX, (0.0, 0.0, -2.6))],
    ids=["in its neighbour", "in the palm"])
def test_what_is_in_other_flesh_is_told(solver: GaussNewton, contact: Contact, person: Person,
                                        joint: int, turn: tuple[float, float, float]) -> None:
    right = solver.model.state(person.parameters)
    assert _deepest_mm(solver, contact, turned_at(right, joint, turn)) > 2


@pytest.mark.parametrize("finger", [INDEX, MIDDLE, 28, 31],
                         ids=["index", "middle", "pinky", "ring"])
def test_a_finger_that_was_not_scanned_does_not_lie_in_its_neighbour(
        solver: GaussNewton, contact: Contact, person: Person, finger: int) -> None:
    right = solver.model.state(person.parameters)
    own = solver.model.pose(right).vertices[0].numpy()[solver.model.following(finger).numpy()]
    scan: Target = see(person.scan)[1].fine
    lacking = scan.taking(cKDTree(own).query(scan.points)[0] > 0.012)
    _, hand = solver.beyond(WRIST)
    left = []
    for weight in (0.0, FINGER.contact):
        schedule = replace(FINGER, joints=tuple(range(22, 37)), contact=weight)
        found = replace(hand, schedule=schedule)(lacking, right, lambda _: None)
        left.append(_deepest_mm(solver, contact, found.state))
    assert left[0] > 8
    assert left[1] < left[0] / 2


def test_what_is_pushed_gets_cheaper_as_told(solver: GaussNewton, contact: Contact,
                                             person: Person) -> None:
    """Each side goes half of the way: once there, a vertex whose capsule stood still has half left.
    """
    posed = solver.model.pose(_index_in_middle(solver.model.state(person.parameters)))
    none = torch.zeros_like(posed.vertices)
    nothing = Pull(none[..., None].expand(-1, -1, -1, 3), none, torch.zeros(1), torch.zeros(1))
    weight = torch.linspace(0.5, 1.5, posed.vertices.shape[1])
    pull = contact.added(nothing, posed, weight)
    moved = replace(posed, vertices=posed.vertices - pull.gradient / weight[:, None])
    assert float(contact.added(nothing, moved, weight).cost) == pytest.approx(
        float(pull.cost) / 4, rel=0.15)
    drawn = (pull.hessian @ pull.gradient[..., None])[..., 0]
    assert torch.allclose(drawn, weight[:, None] * pull.gradient, atol=1e-6)


def test_a_part_of_the_body_is_as_deep_as_in_the_whole(solver: GaussNewton, contact: Contact,
                                                       person: Person) -> None:
    state = _index_in_middle(solver.model.state(person.parameters))
    own, part = solver.beyond(INDEX)
    assert part.contact is not None
    whole, _ = contact.depths(solver.model.pose(state))
    alone, _ = part.contact.depths(part.model.pose(state))
    assert torch.equal(alone, whole[:, own[contact.rows.numpy()]])
    assert alone.max() > 0
    assert solver.beyond(7)[1].contact is None


def test_a_body_without_fingers_has_none(random_body: Body) -> None:
    assert Contact.of(random_body, CPU) is None
