"""The batched skinning and its analytic Jacobian, against finite differences."""

import numpy as np
import torch

from likeness.bodies.body import Body
from likeness.fitting.correspondence import Pull
from likeness.fitting.model import BodyModel, State
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.solver import Schedule, normal_equations

CPU = torch.device("cpu")


def _state(body: Body, candidates: int = 3) -> State:
    draw = torch.Generator().manual_seed(5)
    turns = 0.8 * torch.randn(candidates, body.joint_count, 3, generator=draw)
    return State(rotation_matrix(turns), torch.randn(candidates, 3, generator=draw),
                 torch.randn(candidates, body.shape_count, generator=draw))


def test_jacobian_matches_finite_differences(random_body: Body) -> None:
    model = BodyModel(random_body, np.arange(len(random_body.template)), CPU)
    joints, shapes = torch.tensor([0, 1, 2, 4, 5]), 4
    state = _state(random_body)
    analytic = model.jacobian(model.pose(state), joints, shapes)
    width = 3 * len(joints) + 3 + shapes
    assert analytic.shape[-1] == width
    size = 1e-2
    for column in range(width):
        step = torch.zeros(3, width)
        step[:, column] = size
        ahead = model.pose(state.stepped(step, joints, shapes)).vertices
        behind = model.pose(state.stepped(-step, joints, shapes)).vertices
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
    """Hands apart or not: J' H J and J' g are those of the whole Jacobian."""
    model = BodyModel(open_body, np.arange(0, len(open_body.template), 40), CPU)
    schedule = Schedule(1, tuple(range(open_body.joint_count)), 6, reach=(1.0, 1.0),
                        normal_scale=(1.0, 1.0), trust=(1.0, 1.0))
    posed = model.pose(_state(open_body, candidates=2))
    draw = torch.Generator().manual_seed(7)
    half = torch.randn(*posed.vertices.shape, 3, generator=draw)
    pull = Pull(half @ half.mT, torch.randn(posed.vertices.shape, generator=draw),
                torch.zeros(2), torch.zeros(2))
    hessian, gradient = normal_equations(model, posed, pull, schedule)
    assert len(model.blocks(schedule.joints, schedule.shapes)) == 3
    jacobian = model.jacobian(posed, model.index(schedule.joints), schedule.shapes)
    whole = torch.einsum("mncp,mncd,mndq->mpq", jacobian, pull.hessian, jacobian)
    np.testing.assert_allclose(hessian, whole, rtol=1e-3, atol=1e-4 * float(whole.abs().max()))
    whole = torch.einsum("mncp,mnc->mp", jacobian, pull.gradient)
    np.testing.assert_allclose(gradient, whole, rtol=1e-3, atol=1e-4 * float(whole.abs().max()))
