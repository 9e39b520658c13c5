"""Views have the right size, side and shading, whether of triangles or of points."""

import numpy as np
import pytest
import trimesh

from likeness.avatars.views import (
    SUPERSAMPLING,
    VIEWS,
    CloudViews,
    Frame,
    SurfaceViews,
    View,
    shaded,
)

RADIUS, SCALE = 0.5, 200.0


@pytest.fixture(scope="module")
def ball() -> trimesh.Trimesh:
    return trimesh.creation.icosphere(4, RADIUS)


def framed() -> Frame:
    return Frame(np.full(3, -0.6), np.full(3, 0.6), SCALE)


def looks(ball, kind):
    if kind == "mesh":
        return SurfaceViews(ball.vertices.astype(np.float32), ball.faces)
    points = np.random.default_rng(0).normal(size=(60_000, 3))
    points *= RADIUS / np.linalg.norm(points, axis=1, keepdims=True)
    return CloudViews(points.astype(np.float32))


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_ball_covers_its_disc(ball, kind, view: View) -> None:
    pixels = looks(ball, kind).seen(view, framed())
    disc = np.pi * (RADIUS * SCALE * SUPERSAMPLING) ** 2
    assert pixels.seen.sum() == pytest.approx(disc, rel=0.03)


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
def test_normals_of_a_ball_point_from_its_middle(ball, kind) -> None:
    pixels = looks(ball, kind).seen(VIEWS[0], framed())
    row, column = np.nonzero(pixels.seen)
    middle = pixels.seen.shape[0] / 2
    expected = np.stack((column + 0.5 - middle, middle - row - 0.5), axis=1)
    expected /= RADIUS * SCALE * SUPERSAMPLING
    inner = np.linalg.norm(expected, axis=1) < 0.7
    error = np.abs(pixels.normals[inner, :2] - expected[inner])
    assert np.median(error) < 0.03


def test_a_surface_inside_out_is_lit_as_from_outside(ball) -> None:
    points = ball.vertices.astype(np.float32)
    outside = SurfaceViews(points, ball.faces).seen(VIEWS[0], framed())
    inside_out = SurfaceViews(points, np.ascontiguousarray(ball.faces[:, ::-1])).seen(
        VIEWS[0], framed())
    assert (inside_out.normals[:, 2] >= 0).all()
    assert np.abs(inside_out.normals - outside.normals).max() < 1e-3


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_mesh_in_another_frame_is_seen_as_if_moved(view: View) -> None:
    box = trimesh.creation.box((0.3, 0.6, 0.9)).subdivide()
    turn = trimesh.transformations.rotation_matrix(0.7, (1, 2, 3), (0.1, 0.2, 0.3))
    moved = SurfaceViews(trimesh.transform_points(box.vertices, turn).astype(np.float32),
                         box.faces).seen(view, framed())
    seen = SurfaceViews(box.vertices.astype(np.float32), box.faces, turn=turn).seen(view, framed())
    assert (seen.seen == moved.seen).mean() > 0.999
    both = (seen.seen & moved.seen)
    assert np.median(np.abs(seen.normals[both[seen.seen]] - moved.normals[both[moved.seen]])) < 1e-4


@pytest.mark.parametrize(("view", "side"), list(zip(VIEWS, (1, 0, -1), strict=True)))
def test_the_persons_left_is_right_in_front_and_left_behind(view: View, side: int) -> None:
    # y up and facing +z: the person's left hand is at +x.
    hand = trimesh.creation.icosphere(2, 0.05)
    seen = SurfaceViews(np.float32(hand.vertices + np.array([0.4, 0, 0])), hand.faces).seen(
        view, framed()).seen
    column = np.nonzero(seen)[1].mean() / seen.shape[1] - 0.5
    assert np.sign(round(column, 2)) == side


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
def test_what_is_nearer_hides_what_is_behind(kind) -> None:
    grid = np.linspace(-0.5, 0.5, 150)
    x, y = (g.ravel() for g in np.meshgrid(grid, grid))
    near, far = (np.stack((x, y, np.full_like(x, z)), axis=1) for z in (0.3, -0.3))
    points = np.concatenate((near, far)).astype(np.float32)
    if kind == "cloud":
        pixels = CloudViews(points).seen(VIEWS[0], framed())
        assert (pixels.point < len(near)).all()
        assert (CloudViews(points).seen(VIEWS[2], framed()).point >= len(near)).all()
        return
    corners = np.array([0, 149, 149 * 150, 150 * 150 - 1])
    faces = np.array([(0, 1, 2), (1, 3, 2)])
    vertices = points[np.concatenate((corners, corners + len(near)))]
    views = SurfaceViews(vertices, np.concatenate((faces, faces + 4)))
    assert (views.seen(VIEWS[0], framed()).face < 2).all()
    assert (views.seen(VIEWS[2], framed()).face >= 2).all()


def test_edges_are_smooth_and_the_light_comes_from_above(ball) -> None:
    pixels = looks(ball, "mesh").seen(VIEWS[0], framed())
    image = shaded(pixels, np.full((len(pixels.normals), 3), 200.0))
    assert len(np.unique(image[..., 3])) > 2
    middle = image.shape[1] // 2
    assert image[60, middle, 0] > 1.2 * image[-60, middle, 0]
