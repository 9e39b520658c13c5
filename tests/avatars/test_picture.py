"""The picture shows the scan where it is, the avatar, and the distances in their colours."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy.spatial.transform import Rotation

from likeness.avatars.heat import MOST_MM, SILENT, heat_colours
from likeness.avatars.picture import draw_picture, smoothed_normals, write_picture

RED = (200, 46, 52)


def share_near(image: np.ndarray, colour, within: float = 30) -> float:
    """Share of the pixels whose hue is near a colour, whatever the shade."""
    flat = image.reshape(-1, 3).astype(float)
    flat = flat[flat.sum(axis=1) > 60]
    shade = (flat @ np.float64(colour)) / (np.float64(colour) @ np.float64(colour))
    return float((np.abs(flat - shade[:, None] * np.float64(colour)).max(axis=1) < within).mean())


@pytest.fixture(scope="module")
def drawn(make_scan, fit, avatar):
    return draw_picture(make_scan(), fit, avatar)


def panels(image: np.ndarray) -> list[np.ndarray]:
    """The three cards, without the title above."""
    third = image.shape[1] // 3
    return [image[image.shape[0] // 5:, k * third:(k + 1) * third] for k in range(3)]


def test_it_is_written_as_drawn_each_time_the_same(drawn, make_scan, fit, avatar, tmp_path) -> None:
    write_picture(make_scan(), fit, avatar, tmp_path / "report.png")
    assert np.array_equal(np.array(Image.open(tmp_path / "report.png")), drawn)


def test_every_panel_shows_something_between_paper_and_ink(drawn) -> None:
    for panel in panels(drawn):
        dark = (panel.max(axis=2) < 235) & (panel.max(axis=2) > 60)
        assert 0.05 < dark.mean() < 0.6


def test_large_distances_are_red_and_only_in_their_panel(drawn, make_scan, fit, avatar) -> None:
    far = replace(fit, surface_mm=np.full_like(fit.surface_mm, 30))
    image = draw_picture(make_scan(), far, avatar)
    differs = (image != drawn).any(axis=2)
    width = image.shape[1]
    assert differs[:, : width * 2 // 3].sum() == 0
    assert share_near(image[differs], RED) > 0.9


def test_where_the_scan_is_silent_the_heat_map_is_grey(make_scan, fit, avatar, drawn) -> None:
    silent = replace(fit, confidence=np.zeros_like(fit.confidence))
    image = draw_picture(make_scan(), silent, avatar)
    differs = (image != drawn).any(axis=2)
    assert share_near(image[differs], SILENT) > 0.9


def test_a_scan_is_drawn_turned_into_the_fits_frame(drawn, make_scan, fit, avatar) -> None:
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_rotvec([0, 2.0, 0]).as_matrix()
    turn[:3, 3] = 0.2, 0, 0.1
    back = np.linalg.inv(turn)
    scan = make_scan()
    moved = replace(scan, vertices=np.float32(scan.vertices @ back[:3, :3].T + back[:3, 3]))
    image = draw_picture(moved, replace(fit, world_from_scan=turn), avatar)
    assert image.shape == drawn.shape
    assert np.abs(image.astype(int) - drawn).mean() < 0.5


def test_points_and_triangles_of_one_person_look_alike(drawn, make_scan, fit, avatar) -> None:
    cloud = draw_picture(make_scan(cloud=True), fit, avatar)
    mesh_part, cloud_part = panels(drawn)[0], panels(cloud)[0]
    height = min(len(mesh_part), len(cloud_part))
    covered = [part[-height:].max(axis=2) < 235 for part in (mesh_part, cloud_part)]
    assert covered[1].sum() == pytest.approx(covered[0].sum(), rel=0.1)


def test_stray_points_do_not_shrink_the_person(drawn, make_scan, fit, avatar) -> None:
    scan = make_scan(cloud=True)
    stray = np.concatenate((scan.vertices, np.float32([[40, 0, 0], [0, 40, 0], [0, 0, -40]])))
    with_stray = draw_picture(replace(scan, vertices=stray), fit, avatar)
    assert np.abs(np.array(with_stray.shape) - drawn.shape).max() <= 30


def test_the_verdict_and_its_reasons_are_on_the_page(drawn, make_scan, fit, avatar) -> None:
    poor = replace(fit, verdict=replace(fit.verdict, level="poor"))
    image = draw_picture(make_scan(), poor, avatar)
    differs = np.nonzero((image != drawn).any(axis=2))[0]
    assert differs.max() < image.shape[0] // 5
    longer = replace(fit, verdict=replace(fit.verdict, reasons=("Something is missing. " * 30,)))
    assert len(draw_picture(make_scan(), longer, avatar)) > len(drawn)


def test_heat_runs_from_blue_to_red_and_stays_there() -> None:
    colours = heat_colours(np.array([0.0, MOST_MM, 5 * MOST_MM, np.nan]))
    assert colours[0].argmax() == 2
    assert colours[1].argmax() == 0
    assert np.array_equal(colours[1], colours[2])
    assert tuple(colours[3]) == SILENT


def scanned_sheet(make_scan, thickness_m: float, noise_m: float):
    """Both sides of a sheet across z, finely meshed, with noise."""
    sheet = trimesh.creation.box((0.5, 0.5, thickness_m)).subdivide_to_size(0.0025)
    noise = np.random.default_rng(0).normal(0, noise_m, sheet.vertices.shape)
    scan = make_scan(vertices=np.float32(sheet.vertices + noise), faces=np.int32(sheet.faces))
    inner = (np.abs(sheet.vertices[:, :2]) < 0.24).all(axis=1)
    return scan, inner


def test_noise_of_a_fine_mesh_does_not_show(make_scan) -> None:
    scan, inner = scanned_sheet(make_scan, 0.1, 0.0005)
    assert len(scan.faces) > 160_000
    rough, smooth = (np.abs(normals[inner, 2]) for normals in
                     (trimesh.Trimesh(scan.vertices, scan.faces, process=False).vertex_normals,
                      smoothed_normals(scan)))
    assert (1 - smooth).mean() < 0.2 * (1 - rough).mean()


def test_two_sides_in_one_place_keep_their_own_light(make_scan) -> None:
    scan, inner = scanned_sheet(make_scan, 0.003, 0.0001)
    assert (np.abs(smoothed_normals(scan)[inner, 2]) > 0.8).mean() > 0.99
