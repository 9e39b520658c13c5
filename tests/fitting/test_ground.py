"""What is prepared for a body serves its next fit and changes nothing of it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from tests.fitting.conftest import Person

from likeness.bodies.body import Body
from likeness.core.progress import silent
from likeness.fitting.fit import FitSettings
from likeness.fitting.ground import Ground
from likeness.fitting.pipeline import find_pose, solve
from likeness.fitting.seen import Seen, see

CPU = torch.device("cpu")


def _fitted(seen: Seen, body: Body) -> np.ndarray:
    settings = FitSettings("standard", "cpu")
    solved = solve(seen, find_pose(seen, body, settings, silent), settings, silent)
    return np.concatenate((solved.in_scan.betas, solved.displacements.ravel()))


def test_a_body_is_prepared_once_and_each_for_itself(open_body: Body) -> None:
    assert Ground.of(open_body, CPU) is Ground.of(open_body, CPU)
    assert Ground.of(replace(open_body), CPU) is not Ground.of(open_body, CPU)


def test_a_fit_finds_the_same_after_another_of_the_same_body(
        open_body: Body, make_person: Callable[..., Person]) -> None:
    one, other = (see(make_person(seed).scan)[1] for seed in (1, 2))
    body = replace(open_body)  # of which nothing is prepared yet
    first = _fitted(one, body)
    assert not np.array_equal(first, _fitted(other, body))
    np.testing.assert_array_equal(first, _fitted(one, body))
