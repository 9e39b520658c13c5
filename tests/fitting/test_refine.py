"""Where a finger was not scanned, the surface does not follow the scan of the next one."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from tests.fitting.conftest import Person, turned_at

from likeness.bodies.body import Body
from likeness.fitting.ground import Ground
from likeness.fitting.recipes import STIFFNESS
from likeness.fitting.refine import Refiner
from likeness.fitting.seen import see

CPU = torch.device("cpu")
MIDDLE, TOWARDS_RING, TOWARDS_INDEX = 25, (0.0, -0.25, 0.0), (0.0, 0.25, 0.0)  # of the left hand
THICK_M = 0.006  # half of a finger, whose neighbour's far side is twice as far


@pytest.mark.parametrize("turn", [TOWARDS_RING, TOWARDS_INDEX], ids=["ring", "index"])
@pytest.mark.parametrize("level", ["standard", "high"])
def test_a_finger_that_was_not_scanned_stays_as_it_is(
        open_body: Body, make_person: Callable[..., Person], level: str,
        turn: tuple[float, float, float]) -> None:
    ground, person = Ground.of(open_body, CPU), make_person(5, arms=0.8, points=200_000)
    right = ground.model.state(person.parameters)
    own = ground.model.following(MIDDLE).numpy()
    scan = see(person.scan)[1].fine
    finger = ground.model.pose(right).vertices[0].numpy()[own]
    lacking = scan.taking(np.flatnonzero(cKDTree(finger).query(scan.points)[0] > 0.004))
    refine = Refiner(ground, STIFFNESS[level])
    moved = refine(lacking, turned_at(right, MIDDLE, turn), lambda _: None)
    assert np.linalg.norm(moved[own], axis=1).max() < THICK_M
