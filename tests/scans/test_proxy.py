"""The copy for motion is small, keeps the shape and the colours, and refers to nothing missing."""

import numpy as np
import trimesh

from likeness.scans.proxy import decimated


def test_a_mesh_becomes_about_as_small_as_asked(person) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    number = np.arange(len(vertices))
    colors = np.stack((number % 256, number // 256, 0 * number), axis=1).astype(np.uint8)
    proxy = decimated(vertices, faces, colors, 6_000)
    fewer, coarse, tinted = proxy.vertices, proxy.faces, proxy.colors
    assert 2_000 < len(coarse) < 9_000
    assert coarse.max() < len(fewer)
    assert (np.sort(coarse, axis=1)[:, 1:] != np.sort(coarse, axis=1)[:, :-1]).all()
    np.testing.assert_allclose(np.ptp(fewer, axis=0), np.ptp(vertices, axis=0), atol=0.03)
    # A cell has the colour of one of its vertices, which is not far.
    place = {tuple(row): k for k, row in enumerate(colors.tolist())}
    origin = [place[tuple(row)] for row in tinted.tolist()]
    assert np.linalg.norm(fewer - vertices[origin], axis=1).max() < 0.06
    # Each triangle lies where the face that it stands for lies, as far as its cells allow.
    apart = fewer[coarse].mean(axis=1) - vertices[faces[proxy.rows]].mean(axis=1)
    assert np.linalg.norm(apart, axis=1).max() < 0.06


def test_what_is_small_enough_stays(person) -> None:
    vertices = person[0].astype(np.float32)
    same = decimated(vertices, person[1], None, len(person[1]))
    assert same.vertices is vertices
    assert same.faces is person[1]
    np.testing.assert_array_equal(same.rows, np.arange(len(person[1])))


def test_a_cloud_is_thinned(person) -> None:
    vertices = person[0].astype(np.float32)
    proxy = decimated(vertices, np.zeros((0, 3), np.int32), None, 1_000)
    assert 500 < len(proxy.vertices) <= 1_000
    assert len(proxy.faces) == 0
    assert proxy.colors is None
    np.testing.assert_array_equal(proxy.vertices, vertices[proxy.rows])


def test_noise_neither_folds_nor_roughens_the_copy() -> None:
    """Noise as long as the sides of triangles, of which it multiplies the area."""
    ball = trimesh.creation.icosphere(subdivisions=7)
    draw = np.random.default_rng(0)
    noisy = (ball.vertices + draw.normal(0.0, 0.01, ball.vertices.shape)).astype(np.float32)
    rough = trimesh.Trimesh(noisy, ball.faces, process=False).area / ball.area
    proxy = decimated(noisy, ball.faces.astype(np.int32), None, 6_000)
    copy = trimesh.Trimesh(proxy.vertices, proxy.faces, process=False)
    assert 4_000 < len(proxy.faces) < 9_000
    assert rough > 4.0
    assert copy.area < 1.6 * ball.area
    assert abs(copy.volume / ball.volume - 1.0) < 0.1


def test_surface_folded_back_onto_itself_vanishes() -> None:
    """Both sides of a thin sheet, and of the same sheet once more its upper side alone."""
    first = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0)], np.float32)
    corners = np.concatenate((first, first + np.float32(3)))
    sheet, other = np.array([(0, 1, 2), (2, 1, 0)]), np.array([(3, 4, 5)])
    filler = np.tile((0, 0, 1), (100, 1))  # more than asked for, so that something is done
    proxy = decimated(corners, np.concatenate((sheet, other, filler)).astype(np.int32), None, 50)
    np.testing.assert_array_equal(proxy.rows, [2])
    a, b, c = proxy.vertices[proxy.faces[0]]
    np.testing.assert_array_equal(np.cross(b - a, c - a), (0, 0, 1))
