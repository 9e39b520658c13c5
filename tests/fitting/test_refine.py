"""Fingers follow their own scan, and run through nothing."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from tests.fitting.conftest import Person, turned_at
from tests.synthetic.closeness import crossing

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters
from likeness.fitting.ground import Ground
from likeness.fitting.model import State
from likeness.fitting.recipes import STIFFNESS
from likeness.fitting.refine import Refiner, untangled
from likeness.fitting.seen import see
from likeness.fitting.unfolding import PosedSkin
from likeness.scans.scan import Scan

CPU = torch.device("cpu")
MIDDLE = 25  # of the left hand
POINTS = 200_000


@pytest.fixture
def ground(open_body: Body) -> Ground:
    """The open body on the CPU."""
    return Ground.of(open_body, CPU)


def _finger(ground: Ground, state: State, offsets: np.ndarray | None = None) -> np.ndarray:
    added = torch.zeros(ground.body.template.shape) if offsets is None else torch.tensor(offsets)
    own = ground.model.following(MIDDLE)
    return ground.model.pose(state, added).vertices[0, own].numpy()


def _refined(ground: Ground, level: str, scan: Scan, state: State) -> np.ndarray:
    moved = Refiner(ground, STIFFNESS[level])(see(scan)[1].fine, state, lambda _: None)
    return _finger(ground, state, moved)


@pytest.mark.parametrize("turn", [-0.15, 0.15], ids=["next to the ring", "next to the index"])
@pytest.mark.parametrize("level", ["standard", "high"])
def test_a_finger_that_was_not_scanned_stays_where_it_is(
        ground: Ground, make_person: Callable[..., Person], level: str, turn: float) -> None:
    person = make_person(5, arms=0.8, points=POINTS, bent={MIDDLE: (0.0, turn, 0.0)})
    right = ground.model.state(person.parameters)
    kept = cKDTree(_finger(ground, right)).query(person.scan.vertices)[0] > 0.004
    assert person.scan.normals is not None
    lacking = replace(person.scan, vertices=person.scan.vertices[kept],
                      normals=person.scan.normals[kept])
    moved = _refined(ground, level, lacking, right) - _finger(ground, right)
    assert np.linalg.norm(moved, axis=1).max() < 0.002


@pytest.mark.parametrize("level", ["standard", "high"])
def test_a_finger_that_was_scanned_comes_to_its_scan(
        ground: Ground, make_person: Callable[..., Person], level: str) -> None:
    person = make_person(5, arms=0.8, points=POINTS)
    right = ground.model.state(person.parameters)
    aside = turned_at(right, MIDDLE, (0.0, 0.06, 0.0))
    begun, ended = (np.linalg.norm(each - _finger(ground, right), axis=1) for each in (
        _finger(ground, aside), _refined(ground, level, person.scan, aside)))
    assert begun.max() > 0.005
    assert ended.mean() < begun.mean() / 2


def test_fists_neither_run_through_themselves_nor_are_folded(ground: Ground) -> None:
    """Parted, fingers fold, and unfolded, they run through each other again: less and less."""
    count = ground.body.shape_count
    state = ground.model.state(BodyParameters(np.zeros(count), np.zeros(3), np.zeros(3), {}))
    thumbs = [joints for _, joints in ground.body.fingers][4::5]
    for wrist, joints in ground.body.fingers:
        for joint in () if joints in thumbs else joints:
            state = turned_at(state, joint, (0.0, 0.0, -1.4 if wrist == 20 else 1.4))
    skin = PosedSkin.of(ground.skin, ground.skin.model.pose(state))
    assert crossing(skin.vertices, skin.faces).any()
    moved = torch.tensor(untangled(ground, state, lambda _: None)[ground.skin.rows])
    clean = ground.skin.model.pose(state, moved).vertices[0].numpy()
    assert not crossing(clean, skin.faces).any()
    assert not skin.folded(clean.astype(np.float64)).any()
