"""The pull of a scan on a body: its gradient is that of the weighted distances."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.correspondence import Matcher, Matching, Pull, Sheet
from likeness.fitting.laplacian import Triangles
from likeness.fitting.target import Target, cell_averages


def _plane(count: int, height: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(2)
    points = np.column_stack((draw.random((count, 2)), np.full(count, height))).astype(np.float32)
    return points, np.tile(np.float32([0, 0, 1]), (count, 1))


def _pull(target: Target, matching: Matching, vertices: Float[Tensor, "M N 3"],
          normals: Float[Tensor, "M N 3"]) -> Pull:
    """Where all vertices stand for the same area."""
    cpu = torch.device("cpu")
    matcher = Matcher.of(np.ones(vertices.shape[1]), cpu)
    return matcher.found_pull(matching, Sheet.of(target, cpu), vertices, normals)


def test_pull_moves_a_plane_onto_a_plane() -> None:
    points, normals = _plane(4000, 0.02)
    target = Target(points, normals, np.ones(len(points), np.float32))
    body, up = _plane(300, 0.0)
    pull = _pull(target, Matching(reach=10.0, normal_scale=0.05, sliding=0.0),
                 torch.as_tensor(body)[None], torch.as_tensor(up)[None])
    total = pull.hessian.sum((0, 1))
    step = -pull.gradient.sum((0, 1))[2] / total[2, 2]
    np.testing.assert_allclose(step, 0.02, rtol=1e-3)
    np.testing.assert_allclose(total[:2], 0.0, atol=1e-6)


def test_candidates_do_not_touch_each_other() -> None:
    points, normals = _plane(800, 0.02)
    matching = Matching(reach=0.1, normal_scale=0.05)
    target = Target(points, normals, np.ones(len(points), np.float32))
    body, up = (torch.as_tensor(each)[None] for each in _plane(300, 0.0))
    others = torch.cat((body, body.flip(1) + 0.05, 0.5 * body)), up.expand(3, -1, -1)
    together = _pull(target, matching, *others)
    for row in range(3):
        alone = _pull(target, matching, others[0][row:row + 1], others[1][row:row + 1])
        for name in ("hessian", "gradient", "cost", "residual"):
            torch.testing.assert_close(getattr(together, name)[row], getattr(alone, name)[0])


def test_what_lies_on_other_skin_already_is_not_followed() -> None:
    """Of two layers 8 mm apart the scan shows one, a little outside of it."""
    points, normals = _plane(4000, 0.001)
    target = Target(points, normals, np.ones(len(points), np.float32))
    layer, up = _plane(300, 0.0)
    both = np.vstack((layer, layer - np.float32([0, 0, 0.008]))), np.vstack((up, up))
    body, facing = (torch.as_tensor(each)[None] for each in both)
    one_sided, mutual = (
        _pull(target, Matching(reach=0.02, normal_scale=0.05, explain=0.0, mutual=each), body,
              facing).hessian[0, :, 2, 2] for each in (0.0, 0.003))
    shown, hidden = (mutual / one_sided).split(300)
    assert shown.min() > 0.99
    assert hidden.max() < 0.2
    assert one_sided[300:].min() > 0.5 * one_sided[:300].max()


def test_opposed_normals_do_not_meet() -> None:
    points, normals = _plane(2000, 0.01)
    both = Target(np.vstack((points, points + [0, 0, 0.05])).astype(np.float32),
                  np.vstack((-normals, normals)), np.ones(4000, np.float32))
    body, up = _plane(200, 0.0)
    pull = _pull(both, Matching(reach=0.5, normal_scale=0.2, sliding=0.0, explain=0.0),
                 torch.as_tensor(body)[None], torch.as_tensor(up)[None])
    gap = -(pull.gradient[0, :, 2] / pull.hessian[0, :, 2, 2]).median()
    np.testing.assert_allclose(gap, 0.06, rtol=1e-3)


def _drawn_up(height: float) -> float:
    """The pull on a plane towards another `height` above it, against that of a plain matching."""
    points, normals = _plane(2000, height)
    target = Target(points, normals, np.ones(len(points), np.float32))
    body, up = (torch.as_tensor(each)[None] for each in _plane(200, 0.0))
    plain = Matching(reach=1.0, normal_scale=0.05, sliding=0.0, explain=0.0)
    totals = [_pull(target, each, body, up).hessian.sum()
              for each in (plain, replace(plain, outwards=0.15, clinging=0.006))]
    return float(totals[1] / totals[0])


def test_what_draws_the_body_out_counts_in_full_only_where_it_clings() -> None:
    assert _drawn_up(-0.03) == pytest.approx(1.0)
    assert _drawn_up(0.0005) > 0.95
    assert 0.15 < _drawn_up(0.006) < 0.6
    assert _drawn_up(0.03) == pytest.approx(0.15, abs=0.01)


def test_what_lies_aside_of_the_scan_is_hardly_told_of() -> None:
    """In front of the middle of a plane a vertex counts in full, half so far beside its end."""
    points, normals = _plane(4000, 0.0)
    target = Target(points, normals, np.ones(len(points), np.float32))
    weights = []
    for place in ((0.5, 0.5, 0.2), (1.2, 0.5, 0.0), (3.0, 0.5, 0.0)):
        vertex, up = torch.tensor([[place]]), torch.tensor([[[0.0, 0.0, 1.0]]])
        told, all_told = (_pull(target, Matching(reach=10.0, normal_scale=0.05, explain=0.0,
                                                 aside=aside), vertex, up).cost.item()
                          for aside in (0.2, 0.0))
        weights.append(told / all_told)
    assert weights[0] == pytest.approx(1.0, abs=0.1)
    assert weights[1] == pytest.approx(0.5, abs=0.1)
    assert weights[2] < 0.02


def test_vertex_normals_of_a_tetrahedron_point_outwards() -> None:
    corners = torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    faces = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])
    normals = Triangles.of(faces, 4, torch.device("cpu")).normals(corners)
    np.testing.assert_allclose(normals, corners / corners.norm(dim=-1, keepdim=True), atol=1e-6)


def test_cell_averages_take_out_noise_and_keep_both_sides_of_a_sheet() -> None:
    draw = np.random.default_rng(4)
    points, normals = _plane(60_000, 0.0)
    points = points + draw.normal(0.0, 0.001, points.shape).astype(np.float32)
    sheet = np.vstack((points, points - [0, 0, 0.002])).astype(np.float32)
    target = cell_averages(sheet, np.vstack((normals, -normals)), 0.02)
    above = target.normals[:, 2] > 0
    assert 0.4 < above.mean() < 0.6
    assert np.abs(target.normals[:, 2]).min() > 0.9
    assert target.points[above, 2].std() < 0.0006
    np.testing.assert_allclose(target.points[above, 2].mean(), 0.0, atol=2e-4)


def test_normals_that_noise_turns_anywhere_are_no_second_side() -> None:
    """As in scans whose triangles are smaller than their noise."""
    draw = np.random.default_rng(4)
    points, normals = _plane(60_000, 0.0)
    noisy = normals + draw.normal(0.0, 1.5, normals.shape)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    assert np.linalg.norm(noisy.mean(axis=0)) < 0.4
    target, clean = (cell_averages(points, each.astype(np.float32), 0.02)
                     for each in (noisy, normals))
    assert len(target.points) < 1.05 * len(clean.points)
    assert np.median(target.normals[:, 2]) > 0.9
