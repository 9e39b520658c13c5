"""What is met among several neighbours: by shares, without a jump, and all of it handed on."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.correspondence import Matcher, Matching, Sheet
from likeness.fitting.meeting import Meeting
from likeness.fitting.neighbours import ByDistances, by_trees
from likeness.fitting.target import Target

CPU = torch.device("cpu")


def _others(seed: int) -> Float[Tensor, "N 3"]:
    return torch.rand(60, 3, generator=torch.Generator().manual_seed(seed))


def _meeting(points: Float[Tensor, "K 3"], others: Float[Tensor, "N 3"], count: int) -> Meeting:
    return Meeting.of(by_trees(points[None], others, count)[0])


def _largest_jump(count: int) -> float:
    """Of what a point meets that goes straight through many others, in steps of a ten-thousandth.
    """
    others = _others(1)
    way = torch.linspace(0, 1, 20_001)[:, None].expand(-1, 3)
    met = _meeting(way, others, count).mean(others)[0]
    return float((met[1:] - met[:-1]).norm(dim=1).max())


@pytest.mark.parametrize("count", [3, 4])
def test_what_is_met_does_not_jump(count: int) -> None:
    assert _largest_jump(count) < 0.01
    assert _largest_jump(1) > 0.1  # the nearest alone does


def test_where_another_is_touched_it_alone_is_met() -> None:
    others = _others(2)
    met = _meeting(others[7:8] + 1e-7, others, 4).mean(others)
    np.testing.assert_allclose(met[0, 0], others[7], atol=1e-5)


def test_points_that_are_all_as_near_meet_all_but_the_last() -> None:
    others = torch.tensor([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]])
    meeting = _meeting(torch.zeros(1, 3), others, 4)
    assert meeting.share is not None
    np.testing.assert_allclose(meeting.share, 1 / 3, rtol=1e-5)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("exact", [False, True])
def test_sums_hand_on_what_means_take(count: int, exact: bool) -> None:
    """Adjoint to each other, for several candidates, and nothing is lost."""
    draw = torch.Generator().manual_seed(5)
    bodies, points = torch.rand(3, 40, 3, generator=draw), torch.rand(25, 3, generator=draw)
    meeting = Meeting.of(by_trees(bodies, points, count)[1])
    at_others = torch.randn(3, 40, 2, generator=draw)
    at_points = torch.randn(3, 25, 2, generator=draw)
    handed = meeting.sums(at_points, 40, exact=exact)
    torch.testing.assert_close((meeting.mean(at_others) * at_points).sum(),
                               (at_others * handed).sum(), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(handed.sum(1), at_points.sum(1), rtol=1e-4, atol=1e-4)


def test_exact_sums_are_the_same_in_any_order() -> None:
    draw = torch.Generator().manual_seed(6)
    index = torch.zeros(1, 5000, 1, dtype=torch.long)
    values = torch.randn(1, 5000, 1, generator=draw) * 1e-5
    order = torch.randperm(5000, generator=draw)
    meeting = Meeting(index, None)
    assert torch.equal(meeting.sums(values, 1, exact=True),
                       meeting.sums(values[:, order], 1, exact=True))


def test_the_pull_is_the_same_however_neighbours_are_found() -> None:
    draw = torch.Generator().manual_seed(7)
    normals = torch.nn.functional.normalize(torch.randn(4_200, 3, generator=draw), dim=1)
    target = Target((0.9 * normals).numpy(), normals.numpy(), np.ones(4_200, np.float32))
    body = torch.nn.functional.normalize(torch.randn(1, 4_100, 3, generator=draw), dim=-1)
    matching = Matching(reach=0.1, normal_scale=0.05, blend=3)
    matcher, sheet = Matcher.of(np.ones(4_100), CPU), Sheet.of(target, CPU)
    pulls = [matcher.found_pull(matching, replace(sheet, neighbours=way), body, body)
             for way in (by_trees, ByDistances())]
    for name in ("hessian", "gradient", "cost", "residual"):
        torch.testing.assert_close(getattr(pulls[0], name), getattr(pulls[1], name), rtol=1e-3,
                                   atol=1e-7)
