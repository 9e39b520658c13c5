"""The shape space is changed where shapes would turn the skin over, and hardly anywhere else."""

import numpy as np
import pytest

PEOPLE, SEED = 100, 2024  # others than the directions were changed with
SIDE, SIZE_M = 12, 0.05


@pytest.fixture(scope="module")
def unfolding(installer):
    """The part of the builder that changes directions."""
    from open_body import unfolding
    return unfolding


def _shapes(count: int) -> np.ndarray:
    return np.random.default_rng(SEED).normal(size=(PEOPLE, count)).clip(-2.5, 2.5)


def test_hardly_a_shape_of_the_body_that_ships_turns_its_skin_over(unfolding, body) -> None:
    space = unfolding.ShapeSpace(body.template, body.shape_directions)
    turned = unfolding.turned_over(space, body.skin_faces, _shapes(body.shape_count))
    assert turned.any(axis=1).mean() < 0.25
    assert turned.sum(axis=1).mean() < 2.0


@pytest.fixture(scope="module")
def sheet(unfolding) -> tuple:
    """A square of 5 cm, symmetric in x, that one direction narrows, another folds, and a third
    shears to one side, antisymmetric in x.
    """
    x, z = (each.ravel() for each in np.meshgrid(np.linspace(-0.5, 0.5, SIDE) * SIZE_M,
                                                 np.linspace(0.0, SIZE_M, SIDE)))
    mean = np.column_stack((x, np.zeros(SIDE**2), z)).astype(np.float32)
    corner = (np.arange(SIDE - 1) + SIDE * np.arange(SIDE - 1)[:, None]).ravel()
    faces = np.concatenate((np.column_stack((corner, corner + SIDE, corner + 1)),
                            np.column_stack((corner + 1, corner + SIDE, corner + SIDE + 1))))
    narrow, fold, shear = np.zeros((3, SIDE**2, 3), np.float32)
    narrow[:, 0] = 0.1 * x
    row = np.isclose(z, z[SIDE * (SIDE // 2)])
    fold[row, 2] = SIZE_M / SIDE  # one sigma moves a row of vertices onto the next
    shear[row, 0] = 0.5 * SIZE_M / SIDE
    mirror = np.arange(SIDE**2).reshape(SIDE, SIDE)[:, ::-1].ravel()
    return unfolding.ShapeSpace(mean, np.stack((narrow, fold, shear), axis=-1)), faces, mirror


def test_what_folds_is_unfolded_and_the_rest_stays(unfolding, sheet) -> None:
    space, faces, mirror = sheet
    better = unfolding.unfolded(space, faces, mirror)
    before, after = (unfolding.turned_over(each, faces, _shapes(3)) for each in (space, better))
    assert before.any(axis=1).mean() > 0.1
    assert after.sum() < 0.2 * before.sum()
    change = np.abs(better.directions - space.directions).max(axis=(1, 2))
    row = np.arange(SIDE**2) // SIDE
    assert change[(row < SIDE // 2 - 4) | (row > SIDE // 2 + 4)].max() == 0.0
    np.testing.assert_array_equal(better.mean, space.mean)


def test_directions_stay_symmetric(unfolding, sheet) -> None:
    space, faces, mirror = sheet
    directions = unfolding.unfolded(space, faces, mirror).directions
    twins = directions[mirror] * np.array((-1.0, 1.0, 1.0))[None, :, None]
    np.testing.assert_allclose(twins, directions * (1.0, 1.0, -1.0), atol=1e-7)
    assert np.abs(directions).max(axis=(0, 1)).min() > 0.001


def test_a_space_in_which_nothing_folds_stays(unfolding, sheet) -> None:
    space, faces, mirror = sheet
    calm = unfolding.ShapeSpace(space.mean, 0.01 * space.directions)
    assert unfolding.unfolded(calm, faces, mirror) is calm
