"""The copy for motion is small, keeps the shape and the colours, and refers to nothing missing."""

import numpy as np
import pytest
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


def test_noise_does_not_roughen_the_copy() -> None:
    """Noise as long as the sides of triangles, of which it multiplies the area."""
    ball = trimesh.creation.icosphere(subdivisions=7)
    draw = np.random.default_rng(0)
    noisy = (ball.vertices + draw.normal(0.0, 0.01, ball.vertices.shape)).astype(np.float32)
    rough = trimesh.Trimesh(noisy, ball.faces, process=False).area / ball.area
    proxy = decimated(noisy, ball.faces.astype(np.int32), None, 6_000)
    copy = trimesh.Trimesh(proxy.vertices, proxy.faces, process=False)
    assert 3_000 < len(proxy.faces) < 12_000
    assert rough > 4.0
    assert copy.area < 2.5 * ball.area
    assert (copy.face_normals * proxy.normals[proxy.faces].sum(axis=1)).sum(axis=1).min() > -1e-3
    assert ((proxy.normals * proxy.vertices).sum(axis=1) > 0.9).mean() > 0.85


@pytest.mark.parametrize("seed", [0, 1])
def test_both_sides_of_a_sheet_stay(seed: int) -> None:
    """Of one that is nowhere thicker than a cell."""
    ball = trimesh.creation.icosphere(subdivisions=6)
    faces = np.concatenate((ball.faces, ball.faces[:, ::-1]))
    faces = np.random.default_rng(seed).permutation(faces).astype(np.int32)
    proxy = decimated(ball.vertices.astype(np.float32), faces, None, 5_000)
    copy = trimesh.Trimesh(proxy.vertices, proxy.faces, process=False)
    assert abs(copy.area / ball.area - 1.0) < 0.1
    lit = np.linalg.norm(proxy.normals[np.unique(proxy.faces)], axis=1)
    np.testing.assert_allclose(lit, 1.0, atol=1e-5)


@pytest.mark.parametrize("strays", ["none", "crumbs", "points", "one far off", "one farther off"])
@pytest.mark.parametrize(("finer", "target"), [(5, 6_000), (6, 6_000), (6, 50_000), (7, 50_000)])
def test_about_as_many_as_asked_whatever_lies_around(finer: int, target: int, strays: str) -> None:
    ball = trimesh.creation.icosphere(subdivisions=finer)
    draw = np.random.default_rng(0)
    count, few = len(ball.vertices), len(ball.vertices) // 60
    far = draw.uniform(-50.0, 50.0, (few, 1, 3)) + draw.normal(0.0, 0.01, (few, 3, 3))
    vertices, faces = ball.vertices, ball.faces
    if strays in ("crumbs", "points"):
        vertices = np.concatenate((vertices, far.reshape(-1, 3)))
        if strays == "crumbs":
            faces = np.concatenate((faces, count + np.arange(3 * few).reshape(-1, 3)))
    elif strays != "none":
        vertices = np.concatenate((vertices, [[-20.0 if strays == "one far off" else -2e4, 0, 0]]))
    proxy = decimated(vertices.astype(np.float32), faces.astype(np.int32), None, target)
    near = (np.linalg.norm(proxy.vertices[proxy.faces], axis=2) < 2).all(axis=1)
    assert min(0.3 * target, 0.5 * len(ball.faces)) < near.sum() < 1.5 * target


@pytest.mark.parametrize("places", [1, 3])
def test_vertices_that_coincide_come_to_an_end(places: int) -> None:
    vertices = np.eye(3, dtype=np.float32)[np.arange(30_000) % places]
    proxy = decimated(vertices, np.arange(30_000, dtype=np.int32).reshape(-1, 3), None, 1_000)
    assert len(proxy.faces) == (places == 3)


def test_a_fan_becomes_smaller_though_all_its_triangles_share_a_corner() -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 60_000)
    rim = np.column_stack((np.cos(turn), np.sin(turn), 0.0 * turn))
    vertices = np.concatenate((np.zeros((1, 3)), rim)).astype(np.float32)
    edge = np.arange(1, len(rim), dtype=np.int32)
    faces = np.column_stack((np.zeros_like(edge), edge, edge + 1))
    assert 500 < len(decimated(vertices, faces, None, 3_000).faces) < 9_000
