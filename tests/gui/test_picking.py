"""What lies under the mouse: nearest first, hidden things only on demand, clouds as well."""

from pathlib import Path

import numpy as np
import open3d
import pytest
import trimesh

from likeness.gui.picking import Picker
from likeness.gui.projection import Lens
from likeness.gui.scene import vertex_normals
from likeness.jobs.protocol import ScanView

WIDTH, HEIGHT, AWAY = 400, 300, 5.0


def lens(turned: float = 0.0) -> Lens:
    """An eye on the z axis, five metres off, that sees two metres from top to bottom."""
    focal = AWAY
    project = np.array([[focal * HEIGHT / WIDTH, 0, 0, 0], [0, focal, 0, 0],
                        [0, 0, -1.0, -0.1], [0, 0, -1, 0]])
    view = np.eye(4)
    view[2, 3] = -AWAY
    c, s = np.cos(turned), np.sin(turned)
    turn = np.array([[c, 0, -s, 0], [0, 1, 0, 0], [s, 0, c, 0], [0, 0, 0, 1]])
    eye = turn[:3, :3].T @ (0.0, 0.0, AWAY)
    return Lens(project @ view @ turn, WIDTH, HEIGHT, eye)


def view_of(vertices: np.ndarray, faces: np.ndarray) -> ScanView:
    points = vertices.astype(np.float32)
    triangles = faces.astype(np.int32).reshape(-1, 3)
    normals = vertex_normals(points, triangles) if len(triangles) else None
    return ScanView(Path("a.ply"), points, triangles, points, triangles,
                    np.zeros(0, np.int32), "m", "", "+y", "", 1.0, normals)


@pytest.fixture(scope="module")
def balls() -> ScanView:
    """One ball of 30 cm radius before another."""
    ball = trimesh.creation.icosphere(4, 0.3)
    count = len(ball.vertices)
    return view_of(np.concatenate((ball.vertices + (0, 0, 0.5), ball.vertices - (0, 0, 0.5))),
                   np.concatenate((ball.faces, ball.faces + count)))


def everything(scan: ScanView) -> np.ndarray:
    return np.ones(len(scan.faces) or len(scan.vertices), bool)


def square(half: int) -> np.ndarray:
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[HEIGHT // 2 - half:HEIGHT // 2 + half, WIDTH // 2 - half:WIDTH // 2 + half] = True
    return region


@pytest.mark.parametrize("turned", [0.0, 0.3])
def test_a_click_strikes_the_face_that_a_ray_strikes(balls: ScanView, turned: float):
    view = lens(turned)
    picker = Picker(balls)
    rays = open3d.t.geometry.RaycastingScene()
    rays.add_triangles(balls.vertices, balls.faces.astype(np.uint32))
    back = np.linalg.inv(view.clip_from_world)
    for x, y in ((203.3, 147.2), (170.0, 140.0), (215.5, 130.5), (240.0, 160.0)):
        ndc = np.array((2 * x / WIDTH - 1, 1 - 2 * y / HEIGHT, 0.5, 1.0))
        far = back @ ndc
        ray = far[:3] / far[3] - view.eye
        hit = rays.cast_rays(np.concatenate((view.eye, ray)).astype(np.float32)[None])
        struck = int(hit["primitive_ids"].numpy()[0])
        found = picker.at(x, y, view, everything(balls))
        assert found == (None if struck == rays.INVALID_ID else struck)


def test_a_click_beside_everything_strikes_nothing(balls: ScanView):
    assert Picker(balls).at(5.0, 5.0, lens(), everything(balls)) is None


def test_what_is_not_shown_is_not_struck(balls: ScanView):
    shown = everything(balls)
    shown[:len(shown) // 2] = False
    found = Picker(balls).at(200.0, 150.0, lens(), shown)
    assert found is not None
    assert found >= len(shown) // 2


def test_a_large_face_is_struck_far_from_its_middle():
    corners = np.array([[-0.9, -0.9, 0], [0.9, -0.9, 0], [0, 0.9, 0]])
    small = trimesh.creation.icosphere(3, 0.05).vertices - (0, 0, 3)
    faces = trimesh.creation.icosphere(3, 0.05).faces + 3
    scan = view_of(np.concatenate((corners, small)), np.concatenate(([[0, 1, 2]], faces)))
    assert Picker(scan).at(120.0, 275.0, lens(), everything(scan)) == 0


def test_a_region_takes_what_is_seen_and_through_all(balls: ScanView):
    picker, half = Picker(balls), len(balls.faces) // 2
    seen = picker.inside(square(20), lens(), everything(balls), through=False)
    through = picker.inside(square(20), lens(), everything(balls), through=True)
    assert seen.any()
    assert not seen[half:].any()
    centres = balls.vertices[balls.faces].mean(axis=1)
    assert (centres[seen, 2] > 0.5).all()
    assert through[half:].any()
    assert (through >= seen).all()
    # All of the front in the square, and only that, is seen.
    front = through & (centres[:, 2] > 0.5)
    assert (seen == front).mean() > 0.999


def test_all_that_faces_the_eye_is_seen_up_to_the_rim(balls: ScanView):
    whole = np.ones((HEIGHT, WIDTH), bool)
    seen = Picker(balls).inside(whole, lens(), everything(balls), through=False)
    half = len(balls.faces) // 2
    toward = trimesh.Trimesh(balls.vertices, balls.faces, process=False).face_normals[:half, 2]
    assert seen[:half][toward > 0.25].all()
    assert not seen[:half][toward < -0.05].any()


@pytest.mark.parametrize("subdivisions", [2, 4, 6])
@pytest.mark.parametrize("turned", [0.0, 0.7])
def test_skin_close_under_a_shell_is_hidden_by_it(subdivisions: int, turned: float):
    """The shell is 2 cm out, three pixels; its own faces are 1 to 20 pixels wide."""
    shell = trimesh.creation.icosphere(subdivisions, 0.3)
    nearest = np.linalg.norm(shell.triangles_center, axis=1).min()
    skin = trimesh.creation.icosphere(5, nearest - 0.02)
    scan = view_of(np.concatenate((shell.vertices, skin.vertices)),
                   np.concatenate((shell.faces, skin.faces + len(shell.vertices))))
    view, count, picker = lens(turned), len(shell.faces), Picker(scan)
    seen = picker.inside(square(30), view, everything(scan), through=False)
    front = picker.inside(square(30), view, everything(scan), through=True)[:count]
    front &= shell.triangles_center @ view.eye > 0
    assert front.any()
    np.testing.assert_array_equal(seen[:count], front)
    assert not seen[count:].any()


def test_points_of_a_cloud_are_picked_as_well():
    draw = np.random.default_rng(1)
    front = np.column_stack((draw.uniform(-0.3, 0.3, (5000, 2)), np.full(5000, 0.3)))
    scan = view_of(np.concatenate((front, front - (0, 0, 0.6))), np.zeros((0, 3)))
    picker = Picker(scan)
    found = picker.at(200.0, 150.0, lens(), everything(scan))
    assert found is not None
    assert found < 5000
    seen = picker.inside(square(15), lens(), everything(scan), through=False)
    assert seen[:5000].any()
    assert not seen[5000:].any()
    assert picker.inside(square(15), lens(), everything(scan), through=True)[5000:].any()
