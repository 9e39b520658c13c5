"""What is drawn is what came: normals outwards, the avatar where the scan is, distances as RGB."""

from pathlib import Path

import numpy as np
import pytest

from likeness.avatars.heat import SILENT
from likeness.gui.scene import (
    drawn_avatar,
    drawn_proxy,
    drawn_scan,
    ground_grid,
    point_size,
    surface,
    vertex_normals,
)
from likeness.jobs.protocol import FitView, ScanView

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
TETRAHEDRON = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
NO_FACES = np.zeros((0, 3), np.int32)


def scan_view(**more: object) -> ScanView:
    return ScanView(Path("a.ply"), CORNERS, TETRAHEDRON, CORNERS,
                    TETRAHEDRON, np.arange(4, dtype=np.int32), "m", "", "+y", "", 1.0, **more)


def test_normals_point_away_from_the_middle():
    normals = vertex_normals(CORNERS, TETRAHEDRON)
    outwards = ((CORNERS - CORNERS.mean(axis=0)) * normals).sum(axis=1)
    assert (outwards > 0).all()
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_vertex_without_faces_has_no_normal():
    with_stray = np.vstack([CORNERS, np.float32([[9, 9, 9]])])
    assert (vertex_normals(with_stray, TETRAHEDRON)[-1] == 0).all()


def test_a_cloud_has_points_only():
    assert surface(CORNERS, NO_FACES).n_points == 4
    assert not drawn_scan(scan_view()).data.n_verts
    assert surface(CORNERS, NO_FACES).n_verts == 4


def test_colours_are_drawn_as_they_are():
    colors = np.array([[255, 0, 0]] * 4, np.uint8)
    drawn = drawn_scan(scan_view(colors=colors))
    assert drawn.colours
    assert (drawn.data.point_data[drawn.colours] == colors).all()


def test_a_texture_comes_with_its_coordinates_and_colours_the_proxy():
    uv = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    texture = np.full((16, 16, 3), (10, 200, 30), np.uint8)
    scan = scan_view(uv=uv, texture=texture)
    drawn = drawn_scan(scan)
    assert drawn.texture is not None
    assert np.allclose(drawn.data.active_texture_coordinates, uv)
    proxy, _ = drawn_proxy(scan)
    assert (proxy.data.point_data[proxy.colours] == (10, 200, 30)).all()


def test_the_avatar_stands_where_the_scan_is_shown():
    turned = np.array([[0.0, 0, 1, 0.5], [0, 1, 0, 0], [-1, 0, 0, 2], [0, 0, 0, 1]])
    in_fit = (CORNERS @ turned[:3, :3].T + turned[:3, 3]).astype(np.float32)
    far = np.array([0.0, 5.0, 20.0, np.nan], np.float32)
    spread = {"mean": 1.0, "median": 1.0, "p95": 1.0}
    fit = FitView(in_fit, TETRAHEDRON, far, np.ones(4, np.float32), turned, "good", (), (), spread,
                  spread, 1.0, 1.0, "none", "open")
    drawn = drawn_avatar(fit)
    assert np.allclose(drawn.data.points, CORNERS, atol=1e-6)
    heat = drawn.data.point_data[drawn.colours]
    assert tuple(heat[3]) == SILENT
    assert heat[2, 0] > heat[2, 2]
    assert heat[0, 2] > heat[0, 0]


def test_points_grow_as_they_are_looked_at_closely():
    person = np.random.default_rng(0).uniform((-0.3, 0, -0.2), (0.3, 1.8, 0.2), (20_000, 3))
    assert point_size(person, 400.0) < point_size(person, 900.0)
    assert point_size(person[::50], 400.0) > point_size(person, 400.0)


def test_the_ground_lies_under_the_feet_and_around_them():
    person = np.array([[3.0, -0.2, 1.0], [3.6, 1.5, 1.4]], np.float32)
    grid = ground_grid(person)
    assert np.allclose(grid.points[:, 1], -0.2)
    x_low, x_high, _, _, z_low, z_high = grid.bounds
    assert x_low < 3.0 < 3.6 < x_high
    assert z_low < 1.0 < 1.4 < z_high
