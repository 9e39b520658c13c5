"""The batched skinning and its analytic Jacobian, against finite differences."""

import numpy as np
import torch

from likeness.bodies.body import Body
from likeness.fitting.correspondence import Pull
from likeness.fitting.jacobian import Jacobian, grouped
from likeness.fitting.model import BodyModel, State
from likeness.fitting.rotations import rotation_matrix

CPU = torch.device("cpu")


def _state(body: Body, candidates: int = 3) -> State:
    draw = torch.Generator().manual_seed(5)
    turns = 0.8 * torch.randn(candidates, body.joint_count, 3, generator=draw)
    return State(rotation_matrix(turns), torch.randn(candidates, 3, generator=draw),
                 torch.randn(candidates, body.shape_count, generator=draw))


def test_jacobian_matches_finite_differences(random_body: Body) -> None:
    model = BodyModel(random_body, np.arange(len(random_body.template)), CPU)
    joints, shapes = (0, 1, 2, 4, 5), 4
    state = _state(random_body)
    analytic = Jacobian(model, joints, shapes).of(model.pose(state))
    width = 3 * len(joints) + 3 + shapes
    assert analytic.shape[-1] == width
    size = 1e-2
    for column in range(width):
        step = torch.zeros(3, width)
        step[:, column] = size
        ahead = model.pose(state.stepped(step, model.index(joints), shapes)).vertices
        behind = model.pose(state.stepped(-step, model.index(joints), shapes)).vertices
        np.testing.assert_allclose(analytic[..., column], (ahead - behind) / (2 * size), atol=2e-3)


def test_candidates_do_not_mix(random_body: Body) -> None:
    model = BodyModel(random_body, np.arange(len(random_body.template)), CPU)
    state = _state(random_body)
    together = model.pose(state).vertices
    alone = model.pose(state.select(torch.tensor([1]))).vertices
    np.testing.assert_allclose(together[1], alone[0], atol=1e-6)


def test_parameters_come_back(random_body: Body) -> None:
    model = BodyModel(random_body, np.arange(len(random_body.template)), CPU)
    state = _state(random_body, candidates=1)
    again = model.state(model.parameters(state))
    np.testing.assert_allclose(model.pose(again).vertices, model.pose(state).vertices, atol=1e-5)


def test_blocks_add_up_to_the_whole(open_body: Body) -> None:
    """J' H J and J' g are those of the whole Jacobian, in however many blocks they are summed."""
    model = BodyModel(open_body, np.arange(0, len(open_body.template), 20), CPU)
    posed = model.pose(_state(open_body, candidates=2))
    draw = torch.Generator().manual_seed(7)
    half = torch.randn(*posed.vertices.shape, 3, generator=draw)
    pull = Pull(half @ half.mT, torch.randn(posed.vertices.shape, generator=draw),
                torch.zeros(2), torch.zeros(2))
    counts = set()
    for candidates in (1, 20, 10_000):
        jacobian = Jacobian(model, tuple(range(open_body.joint_count)), 6, candidates)
        counts.add(len(jacobian.blocks))
        hessian, gradient = jacobian.normal_equations(posed, pull)
        columns = jacobian.of(posed)
        whole = torch.einsum("mncp,mncd,mndq->mpq", columns, pull.hessian, columns)
        np.testing.assert_allclose(hessian, whole, rtol=1e-3, atol=1e-4 * float(whole.abs().max()))
        whole = torch.einsum("mncp,mnc->mp", columns, pull.gradient)
        np.testing.assert_allclose(gradient, whole, rtol=1e-3, atol=1e-4 * float(whole.abs().max()))
    assert len(counts) == 3


def test_rows_that_the_same_joints_move_go_together() -> None:
    limb = np.random.default_rng(3).permutation(np.repeat((0, 1, 2), 1000))
    moved = np.repeat(np.eye(3, dtype=bool)[limb], 2, axis=1)
    moved[np.flatnonzero(limb == 1)[0], 1] = True  # one that hangs on a second limb as well
    groups = grouped(moved, 4, block=4e5)
    assert [len(each) for each in groups] == [1000, 1000, 1000]
    assert np.array_equal(np.sort(np.concatenate(groups)), np.arange(3000))
    assert all(len(np.unique(limb[each])) == 1 for each in groups)
    assert [len(each) for each in grouped(moved, 4, block=1e9)] == [3000]
