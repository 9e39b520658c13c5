"""The copy for motion is small, keeps the shape and the colours, and refers to nothing missing."""

import numpy as np

from likeness.scans.proxy import decimated


def test_a_mesh_becomes_about_as_small_as_asked(person) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    colors = np.arange(3 * len(vertices)).reshape(-1, 3).astype(np.uint8)
    fewer, coarse, tinted = decimated(vertices, faces, colors, 6_000)
    assert 2_000 < len(coarse) < 9_000
    assert coarse.max() < len(fewer)
    assert (np.sort(coarse, axis=1)[:, 1:] != np.sort(coarse, axis=1)[:, :-1]).all()
    np.testing.assert_allclose(np.ptp(fewer, axis=0), np.ptp(vertices, axis=0), atol=0.03)
    place = {tuple(row): k for k, row in enumerate(vertices.tolist())}
    origin = [place[tuple(row)] for row in fewer.tolist()]
    np.testing.assert_array_equal(tinted, colors[origin])


def test_what_is_small_enough_stays(person) -> None:
    vertices = person[0].astype(np.float32)
    same = decimated(vertices, person[1], None, len(person[1]))
    assert same[0] is vertices
    assert same[1] is person[1]


def test_a_cloud_is_thinned(person) -> None:
    vertices = person[0].astype(np.float32)
    fewer, faces, colors = decimated(vertices, np.zeros((0, 3), np.int32), None, 1_000)
    assert 500 < len(fewer) <= 1_000
    assert len(faces) == 0
    assert colors is None
