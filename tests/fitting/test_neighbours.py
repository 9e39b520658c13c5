"""The nearest both ways, however they are found."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from likeness.fitting.neighbours import ByDistances, Neighbours, by_trees

WAYS = pytest.mark.parametrize("search", [lambda: by_trees, ByDistances])


def _sphere(count: int, seed: int) -> Tensor:
    """Points near a sphere with their normals, as a scan has them."""
    draw = torch.Generator().manual_seed(seed)
    normals = torch.nn.functional.normalize(torch.randn(count, 3, generator=draw), dim=1)
    points = normals + 0.01 * torch.randn(count, 3, generator=draw)
    return torch.cat((points, 0.05 * normals), 1)


def _found(search: Neighbours, bodies: Tensor, scan: Tensor, count: int = 1,
           ) -> tuple[Tensor, Tensor]:
    near, back = search(bodies, scan, count)
    return near.index, back.index


def _assert_nearest(found: Tensor, points: Tensor, others: Tensor) -> None:
    """As near as the truly nearest, from near to far; of two as near either will do."""
    apart = torch.cdist(points.double(), others.double(),
                        compute_mode="donot_use_mm_for_euclid_dist")
    true = apart.topk(found.shape[1], largest=False).values
    torch.testing.assert_close(apart.gather(1, found), true, rtol=0.0, atol=1e-7)


@WAYS
def test_the_nearest_of_several_candidates(search: Callable[[], Neighbours]) -> None:
    draw = torch.Generator().manual_seed(3)
    bodies, scan = torch.rand(4, 150, 6, generator=draw), torch.rand(230, 6, generator=draw)
    near, back = _found(search(), bodies, scan, 2)
    for row, body in enumerate(bodies):
        _assert_nearest(near[row], body, scan)
        _assert_nearest(back[row], scan, body)


@WAYS
@pytest.mark.parametrize("count", [1, 3])
def test_the_nearest_of_many(search: Callable[[], Neighbours], count: int) -> None:
    """So many that a GPU rules out blocks; 4,101 and 4,099 fill none to the last."""
    body, scan = _sphere(4_101, 1), _sphere(4_099, 2)
    near, back = _found(search(), body[None], scan, count)
    _assert_nearest(near[0], body, scan)
    _assert_nearest(back[0], scan, body)


def test_blocks_may_be_of_where_the_body_was() -> None:
    """The order is kept from call to call while the body moves."""
    body, scan, search = _sphere(4_500, 1), _sphere(4_500, 2), ByDistances()
    search(body[None], scan, 1)
    moved = body + 0.2 * torch.tensor([1.0, 0, 0, 0, 0, 0])
    near, back = _found(search, moved[None], scan)
    _assert_nearest(near[0], moved, scan)
    _assert_nearest(back[0], scan, moved)


def test_blocks_are_made_anew_for_other_points() -> None:
    search = ByDistances()
    search(_sphere(4_500, 1)[None], _sphere(4_500, 2), 1)
    body, scan = _sphere(4_200, 3), _sphere(5_000, 4)
    near, back = _found(search, body[None], scan)
    _assert_nearest(near[0], body, scan)
    _assert_nearest(back[0], scan, body)


@WAYS
def test_no_more_than_there_are(search: Callable[[], Neighbours]) -> None:
    near, back = _found(search(), torch.rand(1, 7, 6), torch.rand(3, 6), 4)
    assert near.shape == (1, 7, 3)
    assert back.shape == (1, 3, 4)
    assert np.array_equal(np.sort(near[0, 0]), [0, 1, 2])


def test_one_candidate_is_searched_as_several_are() -> None:
    draw = torch.Generator().manual_seed(4)
    bodies, scan = torch.rand(2, 90, 6, generator=draw), torch.rand(70, 6, generator=draw)
    near, back = _found(by_trees, bodies[:1], scan)
    both = _found(by_trees, bodies, scan)
    assert torch.equal(near[0], both[0][0])
    assert torch.equal(back[0], both[1][0])
