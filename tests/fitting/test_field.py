"""Smooth fields over the skin: their energy, and how fast they are solved for."""

import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.bodies.body import Body
from likeness.fitting.field import FieldEnergy
from likeness.fitting.ground import Ground
from likeness.fitting.recipes import STIFFNESS
from likeness.fitting.sampling import skin_vertices

CPU = torch.device("cpu")


def _energy(body: Body, level: str) -> FieldEnergy:
    return Ground.of(body, CPU).energy(STIFFNESS[level].weights)


def _pull(energy: FieldEnergy) -> Float[Tensor, "N 3 3"]:
    """As a scan has it: mostly along one direction at each vertex."""
    draw = torch.Generator().manual_seed(3)
    along = torch.nn.functional.normalize(
        torch.randn(len(energy.area), 3, generator=draw), dim=1)
    plane = along[:, :, None] * along[:, None]
    return energy.area[..., None] * (plane + 0.02 * torch.eye(3))


@pytest.mark.parametrize(("level", "part"), [("low", 0.12), ("standard", 0.05), ("high", 0.02)])
def test_a_field_is_solved_for_however_stiff_it_is(open_body: Body, level: str, part: float,
                                                   ) -> None:
    """Where each vertex is solved for alone, two thirds of the field and more are missing."""
    energy = _energy(open_body, level)
    hessian = _pull(energy)
    place = torch.as_tensor(open_body.template[skin_vertices(open_body)])
    field = 0.01 * torch.cat((5 * place, 20 * place), 1).sin()[:, ::2]
    right = (hessian @ field[..., None])[..., 0] + energy @ field
    found = energy.solve(hessian, right)
    assert (found - field).norm() < part * field.norm()


def test_the_energy_is_symmetric_and_its_diagonal_is_its_own(open_body: Body) -> None:
    energy = _energy(open_body, "high")
    draw = torch.Generator().manual_seed(5)
    a, b = torch.randn(2, len(energy.area), 3, generator=draw)
    torch.testing.assert_close((a * (energy @ b)).sum(), (b * (energy @ a)).sum(), rtol=1e-3,
                               atol=0.0)
    for vertex in (0, 1000, len(energy.area) - 1):
        unit = torch.zeros_like(energy.area).expand(-1, 3).clone()
        unit[vertex, 1] = 1.0
        torch.testing.assert_close((energy @ unit)[vertex, 1], energy.diagonal[vertex, 0])


def test_tents_of_a_level_add_up_to_one(open_body: Body) -> None:
    for level in _energy(open_body, "standard").levels:
        tops = torch.ones(len(level.stiffness), 1)
        np.testing.assert_allclose(level.up @ tops, 1.0, atol=1e-5)
        np.testing.assert_allclose((level.down @ (level.up @ tops)).sum(), len(level.up.starts),
                                   rtol=1e-5)
