"""Simple things have the size, the sides and the outside they are asked for."""

import numpy as np
import pytest
from tests.synthetic.posing import vertex_normals
from tests.synthetic.scanner import Surface, face_areas
from tests.synthetic.shapes import (
    ball,
    blended,
    box,
    joined,
    moved,
    radial_extent,
    restricted,
    rod,
    sampled,
    sheet,
)


def _volume(surface: Surface) -> float:
    """Signed: positive where the faces look outwards."""
    a, b, c = (surface.vertices[surface.faces[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def test_closed_things_enclose_their_volume_with_the_outside_out() -> None:
    path = np.array([(0, y, 0) for y in (0, 0, 1, 1)], float) + [(0, 1e-9 * k, 0) for k in range(4)]
    for made, volume in (
            (box((1, 2, 3), (0.5, 1.0, 2.0), 0.1), 1.0),
            (ball((0, 1, 0), (1.0, 2.0, 3.0), 200), 4 / 3 * np.pi * 6),
            (rod(path, (0, 0.2, 0.2, 0), 200), np.pi * 0.04),
            (blended([((0, 0, 0), (0, 1, 0), 0.2, 0.2)], 0.01, 0.01),
             np.pi * (0.04 + 4 / 3 * 0.008))):
        assert _volume(moved(made, shift=(5, -4, 3))) == pytest.approx(volume, rel=0.02)


def test_a_sheet_faces_along_the_cross_product_of_its_sides() -> None:
    made = sheet((0, 0, 0), (0, 0, 2), (3, 0, 0), 0.1)
    assert face_areas(made.vertices, made.faces).sum() == pytest.approx(6.0)
    np.testing.assert_allclose(vertex_normals(made.vertices, made.faces).mean(axis=0), (0, 1, 0),
                               atol=1e-9)


def test_joined_and_taken_apart_again() -> None:
    first, second = box((0, 0, 0), (1, 1, 1), 0.5), ball((5, 0, 0), (1, 1, 1))
    both = joined((first, second))
    of_first = np.arange(len(both.faces)) < len(first.faces)
    again = restricted(both, of_first)
    assert _volume(again) == pytest.approx(1.0)
    assert _volume(both) == pytest.approx(1.0 + _volume(second))


def test_samples_lie_evenly_on_the_surface() -> None:
    points = sampled(sheet((0, 0, 0), (2, 0, 0), (0, 1, 0), 0.3), 20_000, np.random.default_rng(1))
    assert np.abs(points[:, 2]).max() < 1e-12
    assert (points[:, 0] < 0.5).mean() == pytest.approx(0.25, abs=0.02)


def test_the_extent_of_a_square_is_its_edge_ahead_and_its_corner_aslant() -> None:
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (0.2, 0.1)], float) + 7
    reach = radial_extent(square, np.array((7.0, 7.0)), np.radians([0.0, 45.0, 90.0]))
    assert reach == pytest.approx([1, np.sqrt(2), 1])
