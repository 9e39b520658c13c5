"""Toes of the body that ships stand apart, in people of any shape."""

import numpy as np
import pytest
from tests.synthetic.closeness import crossing

from likeness.bodies.body import PARTS, Body
from likeness.fitting.sampling import rest_normals

PEOPLE, SEED = 6, 2024  # others than the toes were parted with
FEET = [PARTS.index(f"{side}_foot") for side in ("left", "right")]


@pytest.fixture(scope="module")
def parting(installer):
    """The part of the builder that changes the template."""
    from open_body import parting
    return parting


def _feet(body: Body) -> np.ndarray:
    return np.isin(body.parts, FEET)


def test_hardly_anybodys_toes_stand_one_in_the_other(body: Body) -> None:
    """Of Anny's people most do, by 40 triangles."""
    shapes = np.random.default_rng(SEED).normal(size=(PEOPLE, body.shape_count)).clip(-2.5, 2.5)
    faces = body.skin_faces[_feet(body)[body.skin_faces].all(axis=1)]
    assert not crossing(body.template, faces).any()
    crossed = [crossing(body.template + body.shape_directions @ shape, faces).sum()
               for shape in shapes]
    assert np.mean(crossed) < 5
    assert np.count_nonzero(crossed) <= 1


def test_the_template_stays_symmetric(body: Body) -> None:
    twins = body.template[body.mirror] * (-1, 1, 1)
    np.testing.assert_allclose(body.template, twins, atol=2e-6)


def test_swollen_toes_come_apart_and_nothing_else_moves(parting, body: Body) -> None:
    from open_body.space import ShapeSpace

    feet = _feet(body)
    faces = body.skin_faces[feet[body.skin_faces].all(axis=1)]
    swollen = body.template.astype(np.float64)
    swollen[feet] += 0.001 * rest_normals(body)[feet]
    assert crossing(swollen, faces).sum() > 10
    mean = parting.parted(ShapeSpace(swollen, 0.1 * body.shape_directions), body.skin_faces,
                          body.mirror, feet)
    assert crossing(mean, faces).sum() == 0
    np.testing.assert_array_equal(mean[~feet], swollen[~feet])
    assert np.abs(mean - swollen).max() < 0.01
