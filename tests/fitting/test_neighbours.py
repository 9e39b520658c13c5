"""The nearest both ways, however it is found."""

import torch

from likeness.fitting.neighbours import by_distances, by_trees


def test_trees_and_distances_find_the_same() -> None:
    draw = torch.Generator().manual_seed(3)
    bodies, scan = torch.rand(4, 150, 6, generator=draw), torch.rand(230, 6, generator=draw)
    for found in (by_trees(bodies, scan), by_distances(bodies, scan)):
        for row, body in enumerate(bodies):
            apart = (body[:, None] - scan).square().sum(-1)
            assert torch.equal(found[0][row], apart.argmin(1))
            assert torch.equal(found[1][row], apart.argmin(0))


def test_one_candidate_is_searched_as_several_are() -> None:
    draw = torch.Generator().manual_seed(4)
    bodies, scan = torch.rand(2, 90, 6, generator=draw), torch.rand(70, 6, generator=draw)
    near, back = by_trees(bodies[:1], scan)
    both = by_trees(bodies, scan)
    assert torch.equal(near[0], both[0][0])
    assert torch.equal(back[0], both[1][0])
