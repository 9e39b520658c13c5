"""Inspection finds what was planted and nothing else, wherever the scan stands and in any unit."""

import numpy as np
import pytest

from likeness.core.errors import Cancelled
from likeness.core.progress import silent
from likeness.scans.cleanup import RemoveFindings, RemoveFloaters
from likeness.scans.finding import KINDS
from likeness.scans.flaws.pieces import face_areas, find_pieces
from likeness.scans.inspection import inspect_scan
from likeness.scans.normals import mesh_normals
from likeness.scans.sampling import surface_points


def joined(*meshes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    counts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (np.concatenate([vertices for vertices, _ in meshes]),
            np.concatenate([faces + start for (_, faces), start in zip(meshes, counts,
                                                                       strict=False)]))


def found(scan, kind: str) -> list:
    return [each for each in inspect_scan(scan, silent) if each.kind == kind]


@pytest.fixture(scope="module")
def head(person) -> np.ndarray:
    """The middle of the head between the ears."""
    vertices = person[0]
    top = vertices[:, 1].max()
    return (0.0, top - 0.11, float(np.median(vertices[vertices[:, 1] > top - 0.15, 2])))


@pytest.fixture(scope="module")
def planted(person, sphere, head) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A person with eyeballs and a tongue inside the head, dust in the air and a shell outside."""
    _, y, z = head
    return {"left eyeball": sphere((0.03, y, z + 0.03), 0.012),
            "right eyeball": sphere((-0.03, y, z + 0.03), 0.012),
            "part of the mouth": sphere((0.0, y - 0.05, z + 0.01), 0.02),
            "dust": sphere((0.9, 1.9, 0.5), 0.01)}


def test_a_clean_person_has_nothing_to_remove(person, as_scan) -> None:
    findings = inspect_scan(as_scan(*person), silent)
    assert [each for each in findings if each.action == "remove"] == []
    assert {each.kind for each in findings} <= {"hole"}  # the open body's eyes and mouth are open
    assert {each.kind for each in findings} <= set(KINDS)


def test_what_was_planted_is_found_by_name(person, planted, as_scan) -> None:
    scan = as_scan(*joined(person, *planted.values()))
    sizes = np.cumsum([len(person[1]), *(len(faces) for _, faces in planted.values())])
    inside = {each.name: each for each in found(scan, "internal")}
    assert set(inside) == set(planted) - {"dust"}
    for k, name in enumerate(planted):
        finding = found(scan, "floater")[0] if name == "dust" else inside[name]
        np.testing.assert_array_equal(np.sort(finding.faces), np.arange(sizes[k], sizes[k + 1]))
        assert finding.action == "remove"
        assert finding.confidence >= 0.9


def test_cleaning_takes_all_that_and_only_that(person, planted, as_scan) -> None:
    scan = as_scan(*joined(person, *planted.values()))
    cleaned = RemoveFindings(inspect_scan(scan, silent))(scan)
    np.testing.assert_array_equal(
        cleaned.scan.vertices[cleaned.scan.faces], scan.vertices[person[1]])
    assert len(cleaned.removed) == 4


@pytest.fixture(scope="module")
def gap(person) -> tuple[np.ndarray, np.ndarray]:
    """Which faces are those of fingers scanned apart, and those between them and the hand."""
    vertices, faces = person
    tip = vertices[vertices[:, 0].argmax()]
    away = np.linalg.norm(vertices[faces].mean(axis=1) - tip, axis=1)
    return away < 0.045, (away >= 0.045) & (away < 0.07)


def test_fingers_that_were_scanned_apart_stay(person, gap, sphere, as_scan) -> None:
    """What is closed is no part of a skin that was seen here and there."""
    vertices, faces = person
    apart, between = gap
    bead = sphere(vertices[faces[apart]].mean(axis=(0, 1)) + (0.05, 0.0, 0.0), 0.005)
    scan = as_scan(*joined((vertices, faces[~between]), bead))
    told = {each.action: each for each in found(scan, "floater")}
    np.testing.assert_array_equal(np.sort(told["keep"].faces), np.flatnonzero(apart[~between]))
    np.testing.assert_array_equal(
        np.sort(told["remove"].faces), np.arange((~between).sum(), len(scan.faces)))
    for clean in (RemoveFindings(inspect_scan(scan, silent)), RemoveFloaters()):
        assert clean(scan).removed == ("floating bit",)


def test_in_dust_all_that_hangs_in_the_air_goes(person, gap, as_scan) -> None:
    vertices, faces = person
    apart, between = gap
    draw = np.random.default_rng(3)
    corners = draw.uniform((-1, 0, -1), (1, 2, 1), (200, 1, 3)) + draw.normal(0, 0.01, (200, 3, 3))
    scan = as_scan(*joined((vertices, faces[~between]),
                           (corners.reshape(-1, 3), np.arange(600).reshape(-1, 3))))
    assert [each.action for each in found(scan, "floater")] == ["remove"]
    left = {*np.flatnonzero(apart[~between])} - {*found(scan, "floater")[0].faces}
    assert not left


def test_cleaning_twice_equals_once(person, planted, as_scan) -> None:
    scan = as_scan(*joined(person, *planted.values()))
    once = RemoveFindings(inspect_scan(scan, silent))(scan).scan
    twice = RemoveFindings(inspect_scan(once, silent))(once)
    assert twice.removed == ()
    np.testing.assert_array_equal(twice.scan.vertices, once.vertices)
    np.testing.assert_array_equal(twice.scan.faces, once.faces)


@pytest.mark.parametrize("yaw", [0.7, 2.9])
def test_findings_stay_the_same_when_the_scan_turns_and_its_faces_are_shuffled(
        person, planted, as_scan, yaw: float) -> None:
    vertices, faces = joined(person, *planted.values())
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    order = np.random.default_rng(0).permutation(len(faces))
    plain = inspect_scan(as_scan(vertices, faces), silent)
    moved = inspect_scan(as_scan(vertices @ turn.T + (3.0, 0, -2), faces[order]), silent)
    told = [{(each.kind, each.name, tuple(np.sort(place[each.faces]).tolist())) for each in side
             if each.action == "remove"}
            for side, place in ((plain, np.arange(len(faces))), (moved, order))]
    assert told[0] == told[1]
    assert len(told[0]) == 4


def test_unit_and_axes_of_the_file_change_no_finding(person, planted, read, tmp_path) -> None:
    from scan_files import ply

    from likeness.scans.placing import UPRIGHT

    vertices, faces = joined(person, *planted.values())
    told = []
    for unit, up in ((1.0, "+y"), (1000.0, "-z"), (1 / 0.0254, "+x")):
        path = ply(tmp_path / "a.ply", vertices @ UPRIGHT[up] * unit, faces, kind="f8")
        told.append({(each.kind, each.name, len(each.faces))
                     for each in inspect_scan(read(path), silent)})
    assert told[0] == told[1] == told[2]


def test_a_shell_over_the_skin_is_a_layer_and_stays(person, as_scan) -> None:
    vertices, faces = person
    low, high = np.quantile(vertices[:, 1], (0.3, 0.55))
    around = (vertices[:, 1] > low) & (vertices[:, 1] < high) & (np.abs(vertices[:, 0]) < 0.25)
    band = faces[around[faces].all(axis=1)]
    used, band = np.unique(band, return_inverse=True)
    middle = np.array((0.0, 0.0, np.median(vertices[used, 2])))
    shell = (vertices[used] - middle) * (1.25, 1.0, 1.25) + middle, band.reshape(-1, 3)
    scan = as_scan(*joined(person, shell))
    layers = found(scan, "extra-layer")
    own = np.arange(len(faces), len(faces) + len(shell[1]))
    assert np.isin(own, np.concatenate([each.faces for each in layers])).mean() > 0.9
    assert {each.action for each in layers} == {"keep"}
    assert found(scan, "internal") == []


def test_what_should_go_is_told_before_larger_things_that_stay(person, as_scan, sphere) -> None:
    vertices, faces = person
    middle = np.median(vertices[np.abs(vertices[:, 0]) < 0.05], axis=0)
    shirt = np.abs(vertices[:, 0]) < 0.25
    shirt &= np.abs(vertices[:, 1] - middle[1]) < 0.25
    shell = (vertices - middle) * (1.25, 1.0, 1.25) + middle, faces[shirt[faces].all(axis=1)]
    scan = as_scan(*joined(person, sphere(tuple(middle), 0.04), shell))
    findings = [each for each in inspect_scan(scan, silent) if each.severity == "minor"]
    ball, layer = (next(k for k, each in enumerate(findings) if each.kind == kind)
                   for kind in ("internal", "extra-layer"))
    assert ball < layer
    assert findings[ball].area_m2 < findings[layer].area_m2


def test_looking_at_all_faces_can_be_cancelled_on_the_way(person, as_scan) -> None:
    told: list[float] = []

    def stop(_: str, fraction: float) -> None:
        told.append(fraction)
        if told.count(fraction) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        inspect_scan(as_scan(*person), stop)
    assert 0 < told[-1] < 1
    assert told == sorted(told)


def test_a_hole_is_measured(person, as_scan) -> None:
    vertices, faces = person
    before = found(as_scan(*person), "hole")
    middles = vertices[faces].mean(axis=1)
    back = (middles[:, 2] < np.median(vertices[:, 2])) & (np.abs(middles[:, 0]) < 0.06)
    level = vertices[:, 1].min() + 0.7 * np.ptp(vertices[:, 1])
    gone = back & (np.abs(middles[:, 1] - level) < 0.06)
    a, b, c = (vertices[faces[gone]][:, k] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    after = found(as_scan(vertices, faces[~gone]), "hole")
    assert len(after) == len(before) + 1
    assert after[0].area_m2 == pytest.approx(area, rel=0.1)
    assert len(after[0].faces) > 0
    assert " m above the feet." in after[0].sentence


def test_a_hole_in_the_soles_is_at_the_feet(person, as_scan) -> None:
    vertices, faces = person
    low = vertices[:, 1].min()
    sole = (vertices[faces][..., 1] < low + 0.02).all(axis=1)
    holes = [each for each in found(as_scan(vertices, faces[~sole]), "hole")
             if each.place == "at the feet"]
    assert len(holes) == 2
    assert all(each.sentence.endswith(", at the feet.") for each in holes)


def test_flat_and_double_faces_are_found(person, as_scan) -> None:
    vertices, faces = person
    extra = np.array([[5, 5, 9], faces[3], faces[10][[1, 0, 2]]], np.int32)
    degenerate = found(as_scan(vertices, np.concatenate((faces, extra))), "degenerate")
    members = sorted(np.concatenate([each.faces for each in degenerate]).tolist())
    assert members == [len(faces), len(faces) + 1, len(faces) + 2]


def test_flipped_faces_are_found(person, as_scan) -> None:
    vertices, faces = person
    turned = faces.copy()
    turned[::7] = turned[::7, ::-1]
    assert found(as_scan(vertices, faces), "orientation") == []
    assert len(found(as_scan(vertices, turned), "orientation")) == 1


def cloud_of(person, count: int = 60_000) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.001, (count, 3))
    return surface_points(*person, count) + noise


def test_a_clean_cloud_has_nothing_to_remove(person, as_scan) -> None:
    assert inspect_scan(as_scan(cloud_of(person)), silent) == ()


@pytest.mark.parametrize("lean", [0.0, 6.0])
def test_floor_and_dust_leave_a_cloud(person, as_scan, lean: float) -> None:
    points = cloud_of(person)
    draw = np.random.default_rng(1)
    ground = draw.uniform(-0.9, 0.9, (20_000, 3)) * (1, 0, 1) + (0, points[:, 1].min(), 0)
    ground[:, 1] += draw.normal(0, 0.002, len(ground)) + np.tan(np.radians(lean)) * ground[:, 0]
    if lean:
        ground[:, 1] -= 0.12  # under the feet on both sides
    dust = np.array((1.5, 1.2, 0.9)) + draw.normal(0, 0.01, (60, 3))
    scan = as_scan(np.concatenate((points, ground, dust)))
    cleaned = RemoveFindings(inspect_scan(scan, silent))(scan)
    assert set(cleaned.removed) == {"floor", "60 floating points"}
    left = len(cleaned.scan.vertices)
    assert abs(left - len(points)) < 0.06 * len(points)
    again = RemoveFindings(inspect_scan(cleaned.scan, silent))(cleaned.scan)
    assert len(again.scan.vertices) == left


def test_a_floor_leaves_a_mesh(person, as_scan) -> None:
    vertices, faces = person
    x, z = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41), indexing="ij")
    ground = np.stack((x, np.full_like(x, vertices[:, 1].min() - 0.001), z), axis=2).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(40), np.arange(40), indexing="ij")
    corner = (i * 41 + j).ravel()
    squares = np.concatenate((np.stack((corner, corner + 1, corner + 41), 1),
                              np.stack((corner + 1, corner + 42, corner + 41), 1)))
    scan = as_scan(*joined(person, (ground, squares)))
    floor = found(scan, "floor")[0]
    own = np.arange(len(faces), len(faces) + len(squares))
    assert np.isin(own, floor.faces).all()
    assert floor.area_m2 == pytest.approx(4.0, rel=0.05)
    soles = scan.vertices[scan.faces[floor.faces[floor.faces < len(faces)]]]
    assert np.ptp(soles[..., 1]) < 0.02


def test_two_layers_of_points_are_told(person, as_scan) -> None:
    points = cloud_of(person)
    assert found(as_scan(points), "extra-layer") == []
    twice = np.concatenate((points, points + np.array((0.009, 0.0, 0.009))))
    assert len(found(as_scan(twice), "extra-layer")) == 1


def test_a_layer_well_over_a_part_of_the_first_is_told_with_its_distance(person, as_scan) -> None:
    vertices, faces = person
    out = vertices + 0.02 * mesh_normals(vertices.astype(np.float32), faces)
    over = cloud_of((out, faces))
    over = over[over[:, 1] > np.median(over[:, 1])]
    layers = found(as_scan(np.concatenate((cloud_of(person), over))), "extra-layer")
    assert len(layers) == 1
    apart = int(layers[0].sentence.split("some ")[1].split(" mm")[0])
    assert apart == pytest.approx(20, abs=3)


def test_a_view_from_one_side_is_partial(person, as_scan) -> None:
    points = cloud_of(person)
    column = np.floor(points[:, :2] / 0.02).astype(int) @ (1000, 1)
    order = np.lexsort((points[:, 2], column))
    last = np.append(np.diff(column[order]) != 0, True)
    front = dict(zip(column[order][last].tolist(), points[order][last, 2], strict=True))
    nearest = np.array([front[each] for each in column.tolist()])
    seen = points[points[:, 2] > nearest - 0.03]
    assert found(as_scan(points), "partial") == []
    assert len(found(as_scan(seen), "partial")) == 1


def test_two_people_are_told(person, as_scan) -> None:
    points = cloud_of(person)
    assert found(as_scan(points), "several-people") == []
    both = np.concatenate((points, points * 0.9 + (1.6, 0.0, 0.3)))
    assert len(found(as_scan(both), "several-people")) == 1


def seen_from_outside(scan) -> np.ndarray:
    """In how many pixels cameras all around see each face; no part of the inspection."""
    import open3d.core
    import open3d.t.geometry

    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(open3d.core.Tensor(scan.vertices),
                        open3d.core.Tensor(scan.faces.astype(np.uint32)))
    seen = np.zeros(len(scan.faces), np.int64)
    middle = scan.vertices.mean(axis=0)
    for height in (-1.5, 0.0, 1.5):
        for yaw in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            eye = middle + np.array((2.5 * np.sin(yaw), height, 2.5 * np.cos(yaw)))
            rays = scene.create_rays_pinhole(fov_deg=45, center=middle.astype(np.float32),
                                             eye=eye.astype(np.float32), up=[0, 1, 0],
                                             width_px=400, height_px=400)
            hit = scene.cast_rays(rays)["primitive_ids"].numpy().ravel()
            seen += np.bincount(hit[hit < len(scan.faces)], minlength=len(scan.faces))
    return seen


def removed_by(scan) -> np.ndarray:
    mask = np.zeros(len(scan.faces), bool)
    for each in inspect_scan(scan, silent):
        if each.action == "remove" and each.confidence >= 0.9:
            mask[each.faces] = True
    return mask


@pytest.mark.parametrize("name", ["vtk_human.ply", "doorman.obj"])
def test_what_people_see_of_an_artist_s_figure_stays(shared_scan, read, name: str) -> None:
    scan = read(shared_scan(name))
    removed, area = removed_by(scan), face_areas(scan)
    seen = seen_from_outside(scan)
    assert seen[removed].sum() < 0.003 * seen.sum()  # glimpses between parts, as under a coat
    assert area[removed].sum() > 0.02 * area.sum()


def test_eyes_and_caps_of_the_artist_s_woman_are_found(shared_scan, read) -> None:
    scan = read(shared_scan("vtk_human.ply"))
    findings = inspect_scan(scan, silent)
    names = [each.name for each in findings if each.kind == "internal"]
    # Two shells an eye.
    assert [names.count(f"{side} eyeball") for side in ("left", "right")] == [2, 2]
    assert sorted(each.name for each in findings if each.kind == "internal-connected") == [
        "left eye socket", "mouth bag", "right eye socket"]
    assert [each.name for each in findings if each.area_m2 > 0.05] == ["layer over the skin"] * 3


def test_helper_shells_are_layers_and_inner_pieces_internal(shared_scan, read) -> None:
    scan = read(shared_scan("makehuman_base_helpers.obj"))
    pieces = find_pieces(scan)
    findings = inspect_scan(scan, silent)
    of_kind = {kind: {int(piece) for each in findings if each.kind == kind
                      for piece in np.unique(pieces.of_face[each.faces])} for kind in KINDS}
    assert 0 not in set().union(*(of_kind[kind] for kind in ("internal", "extra-layer")))
    assert {1, 2} <= of_kind["extra-layer"]  # tights and skirt
    names = [each.name for each in findings if each.kind == "internal"]
    assert names.count("left eyeball") == names.count("right eyeball") == 1
    # Tongue, teeth, joint cubes of the jaw, told as one.
    assert any(name.startswith("part of the mouth (") for name in names)
    assert len(of_kind["internal"]) > 60  # joint cubes


def test_the_doorman_loses_eyes_and_mouth(shared_scan, read) -> None:
    scan = read(shared_scan("doorman.obj"))
    removed = RemoveFindings(inspect_scan(scan, silent))(scan).removed
    assert {"left eyeball", "right eyeball", "part of the mouth", "mouth bag"} <= set(removed)


def test_a_soup_of_loose_triangles_is_inspected(person, as_scan):
    """Thousands of pieces, each of them a shell to nobody."""
    vertices, faces = person
    corners = vertices[faces]
    middles = corners.mean(axis=1, keepdims=True)
    soup = (middles + 0.9 * (corners - middles)).reshape(-1, 3).astype(np.float32)
    scan = as_scan(soup, np.arange(len(soup)).reshape(-1, 3))
    findings = inspect_scan(scan, silent)
    assert all(each.kind in KINDS for each in findings)
    assert len(RemoveFindings(findings)(scan).scan.faces) > 0.5 * len(faces)
