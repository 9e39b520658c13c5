"""The copy for motion is small, keeps the shape and the colours, and refers to nothing missing."""

import numpy as np

from likeness.scans.proxy import decimated


def test_a_mesh_becomes_about_as_small_as_asked(person) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    colors = np.arange(3 * len(vertices)).reshape(-1, 3).astype(np.uint8)
    proxy = decimated(vertices, faces, colors, 6_000)
    fewer, coarse, tinted = proxy.vertices, proxy.faces, proxy.colors
    assert 2_000 < len(coarse) < 9_000
    assert coarse.max() < len(fewer)
    assert (np.sort(coarse, axis=1)[:, 1:] != np.sort(coarse, axis=1)[:, :-1]).all()
    np.testing.assert_allclose(np.ptp(fewer, axis=0), np.ptp(vertices, axis=0), atol=0.03)
    place = {tuple(row): k for k, row in enumerate(vertices.tolist())}
    origin = [place[tuple(row)] for row in fewer.tolist()]
    np.testing.assert_array_equal(tinted, colors[origin])
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
