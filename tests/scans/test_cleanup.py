"""Every stage of a cleanup does what its name says, says so, and has nothing to do twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from likeness.core.errors import UserError
from likeness.core.progress import silent
from likeness.scans.cleanup import (
    STAGES,
    Decimate,
    FillHoles,
    FixOrientation,
    MergeLayers,
    RemoveChosen,
    RemoveFindings,
    RemoveFloaters,
    RemoveFloor,
    run_stages,
    save_scan,
)
from likeness.scans.finding import Finding
from likeness.scans.flaws.coverage import find_doubled
from likeness.scans.flaws.pieces import face_areas, find_pieces
from likeness.scans.inspection import inspect_scan
from likeness.scans.normals import with_normals
from likeness.scans.sampling import surface_points


def joined(*meshes: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    counts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (np.concatenate([vertices for vertices, _ in meshes]),
            np.concatenate([faces + start for (_, faces), start in zip(meshes, counts,
                                                                       strict=False)]))


def ground(level: float) -> tuple[np.ndarray, np.ndarray]:
    x, z = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41), indexing="ij")
    vertices = np.stack((x, np.full_like(x, level), z), axis=2).reshape(-1, 3)
    i, j = (each.ravel() for each in np.meshgrid(np.arange(40), np.arange(40), indexing="ij"))
    corner = i * 41 + j
    return vertices, np.concatenate((np.stack((corner, corner + 1, corner + 41), 1),
                                     np.stack((corner + 1, corner + 42, corner + 41), 1)))


@pytest.fixture
def messy(person, sphere, as_scan):
    """A person on a floor, dust in the air, a tenth of the faces flipped, a small hole."""
    vertices, faces = person
    middles = vertices[faces].mean(axis=1)
    belly = np.abs(middles[:, 0]) + np.abs(middles[:, 1] - np.median(vertices[:, 1]))
    torn = faces[np.linalg.norm(middles - middles[belly.argmin()], axis=1) > 0.025].copy()
    draw = np.random.default_rng(0)
    flip = draw.random(len(torn)) < 0.1
    torn[flip] = torn[flip][:, (0, 2, 1)]
    return as_scan(*joined((vertices, torn), sphere((0.9, 1.9, 0.5), 0.01),
                           ground(vertices[:, 1].min() - 0.002)))


def same(one, other) -> bool:
    return (np.array_equal(one.vertices, other.vertices)
            and np.array_equal(one.faces, other.faces))


@pytest.mark.parametrize("stage", [*(each.stage for each in STAGES.values()), Decimate(5_000)],
                         ids=lambda stage: type(stage).__name__)
def test_a_stage_has_nothing_to_do_twice_and_leaves_its_input_alone(messy, stage) -> None:
    before = replace(messy, vertices=messy.vertices.copy(), faces=messy.faces.copy())
    once = stage(messy)
    assert same(messy, before)
    twice = stage(once.scan)
    assert twice.removed == ()
    assert same(twice.scan, once.scan)
    assert (once.removed == ()) == same(once.scan, messy)


def test_all_stages_in_order_twice_equal_once(messy) -> None:
    stages = [each.stage for each in STAGES.values()]
    once = run_stages(messy, stages, silent)
    assert len(once.removed) >= 4
    twice = run_stages(once.scan, stages, silent)
    assert twice.removed == ()
    assert same(twice.scan, once.scan)


def test_the_floor_goes_and_the_person_stays(messy, person) -> None:
    cleaned = RemoveFloor()(messy)
    assert cleaned.removed == ("floor",)
    lost = face_areas(messy).sum() - face_areas(cleaned.scan).sum()
    assert lost == pytest.approx(4.0, abs=0.06)


def test_dust_goes(messy) -> None:
    bare = RemoveFloor()(messy).scan
    cleaned = RemoveFloaters()(bare)
    assert cleaned.removed == ("floating bit",)
    assert cleaned.scan.vertices[:, 1].max() < 1.85


def test_faces_are_turned_outwards(person, as_scan) -> None:
    vertices, faces = person
    draw = np.random.default_rng(1)
    flip = draw.random(len(faces)) < 0.4
    mixed = faces.copy()
    mixed[flip] = mixed[flip][:, (0, 2, 1)]
    cleaned = FixOrientation()(as_scan(vertices, mixed))
    np.testing.assert_array_equal(np.sort(cleaned.scan.faces), np.sort(faces))
    a, b, c = (vertices[cleaned.scan.faces[:, k]] for k in range(3))
    d, e, f = (vertices[faces[:, k]] for k in range(3))
    agree = (np.cross(b - a, c - a) * np.cross(e - d, f - d)).sum(axis=1)
    assert (agree > 0).mean() > 0.999
    assert cleaned.removed == (f"{int(flip.sum()):,} faces turned outwards",)


def test_a_small_hole_is_filled_and_a_large_one_is_not(messy, person, as_scan) -> None:
    bare = FixOrientation()(RemoveFloaters()(RemoveFloor()(messy).scan).scan).scan
    open_before = len(find_pieces(bare).edges.open_sides)
    nothing = FillHoles(0.00001)(bare)
    assert nothing.scan is bare
    filled = FillHoles(0.004)(bare)
    assert filled.removed
    assert len(find_pieces(filled.scan).edges.open_sides) < open_before
    new = filled.scan.faces[len(bare.faces):]
    assert (new >= len(bare.vertices)).any(axis=1).all()
    # The patch lies on the person it was cut from, and its faces agree with their neighbours.
    skin = surface_points(as_scan(*person).vertices, person[1], 200_000)
    patch = surface_points(filled.scan.vertices, new, 500)
    assert np.quantile(cKDTree(skin).query(patch)[0], 0.95) < 0.012
    assert FixOrientation()(filled.scan).removed == ()


def test_a_shell_over_the_skin_is_dropped(person, as_scan) -> None:
    vertices, faces = person
    low, high = np.quantile(vertices[:, 1], (0.3, 0.55))
    around = (vertices[:, 1] > low) & (vertices[:, 1] < high) & (np.abs(vertices[:, 0]) < 0.25)
    used, band = np.unique(faces[around[faces].all(axis=1)], return_inverse=True)
    middle = np.array((0.0, 0.0, np.median(vertices[used, 2])))
    shell = (vertices[used] - middle) * (1.25, 1.0, 1.25) + middle, band.reshape(-1, 3)
    cleaned = MergeLayers()(as_scan(*joined(person, shell)))
    assert cleaned.removed
    assert set(cleaned.removed) == {"layer over the skin"}
    assert abs(len(cleaned.scan.faces) - len(faces)) < 0.01 * len(faces)


def test_layers_of_points_are_drawn_together(person, as_scan) -> None:
    skin = surface_points(*person, 60_000)
    skin -= (0.0, skin[:, 1].min(), 0.0)
    aside = np.array((0.004, 0.0, 0.004))
    scan = replace(as_scan(skin), vertices=np.concatenate((skin - aside, skin + aside)).astype(
        np.float32))
    assert find_doubled(scan)
    cleaned = MergeLayers()(scan)
    assert cleaned.removed == ("several layers of points merged",)
    assert find_doubled(cleaned.scan) == []
    tree = cKDTree(skin)
    before, after = (tree.query(each.vertices)[0].mean() for each in (scan, cleaned.scan))
    assert after < 0.7 * before


def test_decimation_keeps_shape_and_colours(person, as_scan) -> None:
    vertices, faces = person
    colors = np.where(vertices[:, :1] > 0, (200, 30, 30), (30, 30, 200)).astype(np.uint8)
    scan = replace(as_scan(vertices, faces), colors=colors)
    cleaned = Decimate(6_000)(scan).scan
    assert 5_000 < len(cleaned.faces) <= 6_000
    skin = surface_points(scan.vertices, scan.faces, 100_000)
    assert cKDTree(skin).query(cleaned.vertices)[0].max() < 0.01
    red = cleaned.colors[:, 0] == 200
    assert (red == (cleaned.vertices[:, 0] > 0)).mean() > 0.98
    points = as_scan(vertices)
    assert len(Decimate(5_000)(points).scan.vertices) == 5_000


def test_decimation_opens_no_seams_where_a_texture_repeats_vertices(person, as_scan) -> None:
    vertices, faces = person
    left = vertices[faces].mean(axis=1)[:, 0] > 0
    apart = np.where(left[:, None], faces, faces + len(vertices))
    scan = as_scan(np.concatenate((vertices, vertices)), apart)
    count = rims(Decimate(100_000)(as_scan(*person)).scan)
    assert rims(Decimate(6_000)(scan).scan) <= count


def rims(scan) -> int:
    """Edges that only one face has."""
    sides = np.sort(np.concatenate([scan.faces[:, pair] for pair in ((0, 1), (1, 2), (2, 0))]))
    return int((np.unique(sides, axis=0, return_counts=True)[1] == 1).sum())


def test_decimation_far_below_what_one_pass_reaches_tears_nothing(person, as_scan) -> None:
    vertices, faces = trimesh.remesh.subdivide(*trimesh.remesh.subdivide(*person))
    once = Decimate(2_000)(as_scan(vertices, faces)).scan
    assert len(once.faces) <= 2_000
    assert rims(once) <= rims(as_scan(*person))


@pytest.mark.parametrize("soup", ["random", "a book"])
def test_triangles_that_no_decimation_can_handle_are_fewer_all_the_same(soup: str, as_scan) -> None:
    draw = np.random.default_rng(0)
    vertices = draw.normal(size=(20_002, 3))
    pages = np.arange(2, 20_002)
    faces = (np.stack((0 * pages, 0 * pages + 1, pages), axis=1) if soup == "a book" else
             np.array([draw.permutation(300)[:3] for _ in pages]))
    once = Decimate(5_000)(as_scan(vertices, faces))
    assert len(once.scan.faces) == 5_000
    assert Decimate(5_000)(once.scan).removed == ()


def test_only_certain_findings_for_removal_are_taken(person, as_scan) -> None:
    scan = as_scan(*person)
    some = np.arange(50, dtype=np.int32)
    sure, unsure, told = (Finding("a", "internal", name, "", 0.0, confidence, "minor", action,
                                  faces=some + start)
                          for name, confidence, action, start in (
                              ("sure", 0.95, "remove", 0), ("unsure", 0.5, "remove", 100),
                              ("told", 0.99, "keep", 200)))
    cleaned = RemoveFindings((sure, unsure, told))(scan)
    assert cleaned.removed == ("sure",)
    assert len(cleaned.scan.faces) == len(scan.faces) - 50
    both = RemoveFindings((sure, unsure, told), certain=0.0)(scan)
    assert both.removed == ("sure", "unsure")


def test_what_was_chosen_is_taken_and_named_where_a_finding_names_it(person, as_scan) -> None:
    scan = as_scan(*person)
    some = np.arange(50, dtype=np.int32)
    whole, part = (Finding("a", "internal", name, "", 0.0, 0.5, "minor", "keep",
                           faces=some + start) for name, start in (("eye", 0), ("tooth", 100)))
    chosen = np.zeros(len(scan.faces), bool)
    chosen[:50] = chosen[120:1320] = True
    cleaned = RemoveChosen(chosen, (whole, part))(scan)
    assert cleaned.removed == ("eye", "1,200 triangles chosen by hand")
    np.testing.assert_array_equal(cleaned.scan.vertices[cleaned.scan.faces],
                                  scan.vertices[scan.faces[~chosen]])
    nothing = RemoveChosen(~np.ones(len(chosen), bool), (whole, part))(scan)
    assert nothing.scan is scan
    assert nothing.removed == ()


def test_chosen_points_are_taken_from_a_cloud(person, as_scan) -> None:
    scan = as_scan(person[0])
    chosen = np.arange(len(scan.vertices)) < 70
    cleaned = RemoveChosen(chosen)(scan)
    assert cleaned.removed == ("70 points chosen by hand",)
    np.testing.assert_array_equal(cleaned.scan.vertices, scan.vertices[70:])


def test_a_person_is_never_removed_whole(person, as_scan) -> None:
    scan = as_scan(*person)
    everything = Finding("a", "floater", "all", "", 0.0, 1.0, "minor", "remove",
                         faces=np.arange(len(scan.faces), dtype=np.int32))
    with pytest.raises(UserError, match="Almost nothing"):
        RemoveFindings((everything,))(scan)


def test_a_cleaned_scan_is_saved_where_the_file_had_it(person, read, tmp_path) -> None:
    from scan_files import ply

    path = ply(tmp_path / "a.ply", person[0] * 100 + (50, 0, 20), person[1])
    scan = read(path, unit="cm", up="+y")
    save_scan(scan, tmp_path / "b.ply")
    again = read(tmp_path / "b.ply", unit="cm", up="+y")
    np.testing.assert_allclose(again.vertices, scan.vertices, atol=1e-5)
    np.testing.assert_array_equal(again.faces, scan.faces)
    with pytest.raises(UserError, match="never overwritten"):
        save_scan(scan, path)


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_the_scans_own_file_is_not_overwritten_by_another_of_its_names(
        person, as_scan, tmp_path: Path, link):
    own, other = tmp_path / "a.ply", tmp_path / "b.ply"
    own.write_bytes(b"what the scanner wrote")
    link(other, own)
    scan = as_scan(*person)
    with pytest.raises(UserError, match="never overwritten"):
        save_scan(replace(scan, source=replace(scan.source, path=str(own))), other)
    assert own.read_bytes() == b"what the scanner wrote"


def test_a_full_disk_costs_nobody_their_file(person, as_scan, tmp_path: Path, monkeypatch):
    path = tmp_path / "earlier.ply"
    path.write_bytes(b"an earlier one")
    write = Path.write_bytes

    def fill_up(file: Path, content: bytes) -> None:
        write(file, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.raises(UserError, match="No space left"):
        save_scan(as_scan(*person), path)
    assert path.read_bytes() == b"an earlier one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_left_of_a_body_with_eyes_and_mouth_needs_no_second_cleaning(as_scan) -> None:
    from likeness.bodies.library import find_body

    body = find_body("open")
    scan = as_scan(body.template - (0, body.template[:, 1].min(), 0), body.faces)
    once = run_stages(scan, [RemoveFindings(inspect_scan(scan, silent))], silent)
    assert len(once.removed) >= 4
    assert RemoveFindings(inspect_scan(once.scan, silent))(once.scan).removed == ()


@pytest.mark.parametrize("turn", [1, -1])
def test_without_its_floor_the_person_decides_which_way_is_out(person, as_scan, turn: int):
    """A wide floor encloses more than the person does, on whichever side it is wound."""
    level, flat = ground(float(person[0][:, 1].min()))
    scan = with_normals(as_scan(*joined(person, (level * (2, 1, 2), flat[:, ::turn]))))
    floor = Finding("floor-0", "floor", "floor", "A floor.", 16.0, 1.0, "minor", "remove",
                    faces=np.arange(len(person[1]), len(scan.faces), dtype=np.int32))
    cleaned = run_stages(scan, [RemoveFindings((floor,))], silent).scan
    alone = with_normals(as_scan(*person))
    used = np.unique(alone.faces)
    agree = (cleaned.normals * alone.normals[used]).sum(axis=1)
    assert np.median(agree) > 0.99
