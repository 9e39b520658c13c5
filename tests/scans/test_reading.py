"""A file becomes metres, y up, feet on the ground, without losing what the numbers held."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import scan_files
from tests.synthetic.shapes import box

from conftest import standing
from likeness.scans.placing import UPRIGHT
from likeness.scans.units import METRES, rescaled


def as_filed(vertices: np.ndarray, unit: str, up: str) -> np.ndarray:
    """Coordinates of a file in that unit with that axis up."""
    return vertices @ UPRIGHT[up] / METRES[unit]


@pytest.mark.parametrize("up", UPRIGHT)
@pytest.mark.parametrize("unit", METRES)
def test_unit_and_up_are_found(person, read, tmp_path: Path, unit: str, up: str) -> None:
    vertices = as_filed(person[0], unit, up)
    scan = read(scan_files.ply(tmp_path / "a.ply", vertices, person[1], kind="f8"))
    assert (scan.unit.value, scan.up.value) == (unit, up)
    assert not scan.unit.given
    assert scan.unit.reason.endswith(".")
    assert scan.up.reason.endswith(".")
    assert scan.height_m == pytest.approx(np.ptp(person[0][:, 1]), abs=1e-5)
    assert abs(scan.vertices[:, 1].min()) < 0.01
    assert np.abs(np.median(scan.vertices[:, (0, 2)], axis=0)).max() < 0.05


def test_what_the_user_says_wins(person, read, tmp_path: Path) -> None:
    path = scan_files.ply(tmp_path / "a.ply", as_filed(person[0], "cm", "+z"), person[1])
    scan = read(path, "in", "-x")
    assert (scan.unit.value, scan.unit.given) == ("in", True)
    assert (scan.up.value, scan.up.given) == ("-x", True)
    assert scan.vertices[:, 1].max() < 2 * 0.0254 * np.ptp(person[0][:, 0]) * 100


def test_the_transform_takes_the_file_to_the_scan(person, read, tmp_path: Path) -> None:
    filed = as_filed(person[0], "in", "-z") + np.array((70.0, -30.0, 11.0))
    scan = read(scan_files.ply(tmp_path / "a.ply", filed, person[1], kind="f8"))
    transform = scan.world_from_scan
    mapped = filed @ transform[:3, :3].T + transform[:3, 3]
    np.testing.assert_allclose(scan.vertices, mapped, atol=1e-6)
    assert np.linalg.det(transform[:3, :3]) == pytest.approx(0.0254**3)


def test_far_from_the_origin_nothing_is_lost(person, read, tmp_path: Path) -> None:
    near, far = person[0] * 1000, person[0] * 1000 + (20_000.0, 20_000.0, -20_000.0)
    scans = [read(scan_files.ply(tmp_path / "a.ply", each, person[1], kind="f8"), "mm", "+y")
             for each in (near, far)]
    # A micrometre: single precision alone would lose two at 20 m and more where it is computed.
    np.testing.assert_allclose(scans[0].vertices, scans[1].vertices, atol=1e-6)


def test_a_child_who_crouches_is_told_from_an_adult_by_the_surface(read, tmp_path: Path) -> None:
    folded = {joint: (turn, 0.0, 0.0) for joint, turn in ((1, -2.0), (2, -2.0), (4, 2.3), (5, 2.3))}
    vertices, faces = standing("a", bent=folded)
    child = 0.72 * vertices / METRES["cm"]
    assert 1.4 < np.ptp(child[:, 1]) * METRES["in"] < 2.3
    assert read(scan_files.ply(tmp_path / "a.ply", child, faces)).unit.value == "cm"


def test_a_broad_man_on_a_stand_is_not_taken_for_a_child(read, tmp_path: Path) -> None:
    """There is more surface than anybody has, and by the height alone both are likely."""
    vertices, faces = standing("a")
    broad = vertices * (1.45, 1.0, 1.45)
    stand = box((0.0, broad[:, 1].min() - 0.15, 0.0), (0.8, 0.3, 0.8), 0.02)
    filed = np.concatenate((broad, stand.vertices)) / METRES["in"]
    assert 0.5 < np.ptp(filed[:, 1]) * METRES["cm"] < 1.0
    both = np.concatenate((faces, stand.faces + len(broad)))
    assert read(scan_files.ply(tmp_path / "a.ply", filed, both)).unit.value == "in"


@pytest.mark.parametrize(("height_m", "unit", "rivals"), [
    (0.9, "cm", ("cm",)), (2.05, "in", ("cm",)), (1.7, "in", ("cm",)), (1.45, "in", ("cm",)),
    (1.7, "cm", ()), (0.9, "m", ()), (1.2, "cm", ())])
def test_a_unit_has_rivals_where_the_height_may_be_a_childs_or_an_adults(
        person, read, tmp_path: Path, height_m: float, unit: str, rivals: tuple) -> None:
    vertices = person[0] * height_m / np.ptp(person[0][:, 1])
    scan = read(scan_files.ply(tmp_path / "a.ply", vertices / METRES[unit], person[1]))
    assert scan.unit.value == ("in" if rivals else unit)
    assert scan.unit.rivals == rivals


def test_a_scan_rescaled_is_as_if_read_in_that_unit(person, read, tmp_path: Path) -> None:
    path = scan_files.ply(tmp_path / "a.ply", 0.55 * person[0] / METRES["cm"], person[1])
    found, given = read(path), read(path, "cm")
    again = rescaled(found, "cm")
    assert found.unit.value == "in"
    np.testing.assert_allclose(again.vertices, given.vertices, atol=1e-6)
    np.testing.assert_allclose(again.world_from_scan, given.world_from_scan, atol=1e-9)


@pytest.mark.parametrize("unit", ["m", "mm"])
def test_head_and_shoulders_are_as_tall_as_a_sensor_says(person, read, tmp_path: Path,
                                                         unit: str) -> None:
    vertices, faces = person
    top = vertices[vertices[:, 1].argmax()]
    near = (vertices[:, 1] > top[1] - 0.4) & (np.abs(vertices[:, 0] - top[0]) < 0.2)
    bust = faces[near[faces].all(axis=1)]
    scan = read(scan_files.ply(tmp_path / "a.ply", vertices / METRES[unit], bust))
    assert scan.unit.value == unit
    assert "head and shoulders" in scan.unit.reason


def test_two_metres_of_height_and_no_unit_known_are_told(person, read, tmp_path: Path) -> None:
    scan = read(scan_files.ply(tmp_path / "a.ply", person[0] * 3.6, person[1]))
    assert scan.unit.value == "scaled"
    assert "1.70" in scan.unit.reason
    assert scan.height_m == pytest.approx(1.70, abs=0.02)


def test_normals_of_a_mesh_point_outwards_even_inside_out(person, read, sphere,
                                                         tmp_path: Path) -> None:
    for faces in (person[1], person[1][:, ::-1]):
        scan = read(scan_files.ply(tmp_path / "a.ply", person[0], faces), "m", "+y")
        assert scan.normals is not None
        level = (scan.vertices[:, 1] > 0.55 * scan.height_m) & (
            scan.vertices[:, 1] < 0.7 * scan.height_m)
        torso = level & (np.abs(scan.vertices[:, 0]) < 0.15)
        outward = scan.vertices[torso] - scan.vertices[torso].mean(axis=0)
        facing = (outward[:, (0, 2)] * scan.normals[torso][:, (0, 2)]).sum(axis=1)
        assert (facing > 0).mean() > 0.9


def test_normals_of_a_cloud_turn_with_it(person, read, tmp_path: Path) -> None:
    points = person[0].astype(np.float32)
    normals = np.tile((0.0, 0.0, 1.0), (len(points), 1)).astype(np.float32)
    turned = points @ UPRIGHT["+z"].astype(np.float32)
    path = scan_files.ply(tmp_path / "a.ply", turned, normals=normals @ UPRIGHT["+z"])
    scan = read(path)
    assert scan.up.value == "+z"
    np.testing.assert_allclose(scan.normals, normals, atol=1e-6)


def test_points_that_are_nowhere_are_left_out(person, read, tmp_path: Path) -> None:
    points = person[0].astype(np.float32)
    colors = np.arange(3 * len(points)).reshape(-1, 3).astype(np.uint8)
    broken = points.copy()
    broken[::7] = np.nan
    scan = read(scan_files.ply(tmp_path / "a.ply", broken, colors=colors), "m", "+y")
    whole = np.isfinite(broken).all(axis=1)
    assert len(scan.vertices) == whole.sum()
    np.testing.assert_array_equal(scan.colors, colors[whole])


def test_the_source_identifies_the_file(person, read, tmp_path: Path) -> None:
    path = scan_files.ply(tmp_path / "a.ply", *person)
    source = read(path).source
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (source.vertices, source.faces) == (len(person[0]), len(person[1]))


def test_progress_may_cancel(person, tmp_path: Path) -> None:
    from likeness.core.errors import Cancelled
    from likeness.scans.reading import ReadSettings, read_scan

    def stop(stage: str, fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_scan(scan_files.ply(tmp_path / "a.ply", *person), ReadSettings(), stop)


@pytest.mark.parametrize(("name", "unit", "up", "height"), [
    ("kinect_robe.ply", "m", "+y", 1.61), ("vtk_human.ply", "cm", "+z", 1.68),
    ("makehuman_base_helpers.obj", "dm", "+y", 1.69), ("doorman.obj", "scaled", "+y", 1.70)])
def test_real_files(shared_scan, read, name: str, unit: str, up: str, height: float) -> None:
    scan = read(shared_scan(name))
    assert (scan.unit.value, scan.up.value) == (unit, up)
    assert scan.height_m == pytest.approx(height, abs=0.02)
    assert (scan.texture is not None) == (name == "doorman.obj")


def test_the_reason_of_a_unit_speaks_of_the_person_and_not_of_what_is_around(
        person, read, tmp_path: Path) -> None:
    from scan_files import ply

    vertices, faces = person
    dust = np.array([(0.3, vertices[:, 1].max() + 0.4, 0.2)])
    scan = read(ply(tmp_path / "a.ply", np.concatenate((vertices, dust)), faces))
    height = np.ptp(vertices[:, 1])
    assert f"the person in it is about {height:.1f} m tall" in scan.unit.reason
