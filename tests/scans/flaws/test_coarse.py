"""A coarser copy keeps apart what is apart, together what is together, and its findings fit."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from likeness.core.progress import silent
from likeness.scans import inspection
from likeness.scans.flaws import doubts
from likeness.scans.flaws.coarse import coarser, light
from likeness.scans.flaws.doubts import find_doubts
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.inspection import inspect_scan


def fine(person) -> tuple[np.ndarray, np.ndarray]:
    """The person in sixteen times as many faces."""
    return trimesh.remesh.subdivide(*trimesh.remesh.subdivide(*person))


def crumbs(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The triangles a little smaller, so that none touches another."""
    corners = vertices[faces]
    middle = corners.mean(axis=1, keepdims=True)
    return (middle + 0.8 * (corners - middle)).reshape(-1, 3), np.arange(faces.size).reshape(-1, 3)


@pytest.fixture
def swallowed(person, as_scan, sphere):
    """A finely meshed person with a ball in the belly; the faces of the ball are the last."""
    vertices, faces = fine(person)
    middle = (0.0, float(np.median(vertices[:, 1])), float(np.median(vertices[:, 2])))
    ball_vertices, ball = sphere(middle, 0.04, 40, 60)
    return as_scan(np.concatenate((vertices, ball_vertices)),
                   np.concatenate((faces, ball + len(vertices)))), len(faces)


def test_findings_of_the_copy_have_the_faces_of_the_whole(swallowed) -> None:
    scan, skin = swallowed
    coarse = coarser(scan, 60_000)
    assert len(coarse.scan.faces) < 0.25 * len(scan.faces)
    found = [each for each in coarse.of_whole(inspect_scan(coarse.scan, silent))
             if each.action == "remove"]
    assert [each.kind for each in found] == ["internal"]
    np.testing.assert_array_equal(found[0].faces, np.arange(skin, len(scan.faces)))


def test_a_huge_mesh_is_inspected_on_its_copy(swallowed, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, _ = swallowed
    usual = inspect_scan(scan, silent)
    monkeypatch.setattr(inspection, "INSPECTED_FACES", 100_000)
    monkeypatch.setattr(inspection, "coarser", lambda scan: coarser(scan, 60_000))
    told = inspect_scan(scan, silent)
    assert [(each.kind, each.name) for each in told if each.action == "remove"] == [
        (each.kind, each.name) for each in usual if each.action == "remove"]


def test_of_a_huge_mesh_it_is_said_how_finely_it_was_inspected(
        swallowed, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, _ = swallowed
    assert not any("nothing smaller" in each.sentence for each in find_doubts(scan))
    monkeypatch.setattr(doubts, "MANY_POINTS", 50_000)
    assert not any("nothing smaller" in each.sentence for each in find_doubts(scan))
    monkeypatch.setattr(doubts, "INSPECTED_FACES", 100_000)
    assert any("nothing smaller" in each.sentence for each in find_doubts(scan))


def test_a_part_that_faces_inwards_is_told_on_a_copy(
        person, as_scan, monkeypatch: pytest.MonkeyPatch) -> None:
    vertices, faces = fine(person)
    aside = vertices[faces[:, 0], 0]
    inward = aside > 0.25  # most of an arm
    faces[inward] = faces[inward, ::-1]
    monkeypatch.setattr(inspection, "INSPECTED_FACES", 100_000)
    monkeypatch.setattr(inspection, "coarser", lambda scan: coarser(scan, 60_000))
    told, = (each for each in inspect_scan(as_scan(vertices, faces), silent)
             if each.action == "outwards")
    assert len(np.setxor1d(told.faces, np.flatnonzero(inward))) < 0.1 * inward.sum()


def test_of_crumbs_it_is_said_that_they_do_not_hang_together(
        person, as_scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the floor that they stand on goes whole, though only some of them are looked at."""
    vertices, faces = fine(person)
    ground = trimesh.creation.box((4.0, 0.001, 4.0)).subdivide_to_size(0.02)
    ground.apply_translation((0.0, float(vertices[:, 1].min()) - 0.002, 0.0))
    scan = as_scan(*crumbs(np.concatenate((vertices, ground.vertices)),
                           np.concatenate((faces, ground.faces + len(vertices)))))
    usual = inspect_scan(scan, silent)
    monkeypatch.setattr(inspection, "INSPECTED_FACES", 100_000)
    monkeypatch.setattr(inspection, "coarser", lambda scan: coarser(scan, 60_000))
    told = inspect_scan(scan, silent)
    assert any("hardly hang together" in each.sentence for each in told)
    floor, expected = (next(each.faces for each in findings if each.kind == "floor")
                       for findings in (told, usual))
    assert len(np.setxor1d(floor, expected)) < 0.02 * len(expected)


def test_islands_of_a_texture_hang_together(person, as_scan) -> None:
    """Each 5 cm cube of the person has vertices of its own, as charts of a texture do."""
    vertices, faces = fine(person)
    island = np.floor(vertices[faces].mean(axis=1) / 0.05).astype(np.int64) @ (1, 1_000, 1_000_000)
    island = np.unique(island, return_inverse=True)[1]
    used, cut = np.unique(faces + island[:, None] * len(vertices), return_inverse=True)
    scan = as_scan(vertices[used % len(vertices)], cut.reshape(-1, 3))
    copy, usual = (coarser(each, 60_000) for each in (scan, as_scan(vertices, faces)))
    pieces, expected = (find_pieces(each.scan) for each in (copy, usual))
    assert len(pieces.area) == len(expected.area)
    assert len(pieces.edges.open_sides) <= 1.1 * len(expected.edges.open_sides)
    findings = copy.of_whole(inspect_scan(copy.scan, silent))
    assert all(len(each.faces) for each in findings if each.action == "remove")


def test_a_sheet_with_both_of_its_sides_does_not_vanish(person, as_scan) -> None:
    vertices, faces = fine(person)
    upper = faces[vertices[faces[:, 0], 1] > np.quantile(vertices[:, 1], 0.7)]
    both = coarser(as_scan(vertices, np.concatenate((faces, upper[:, ::-1]))), 60_000)
    one = coarser(as_scan(vertices, faces), 60_000)
    np.testing.assert_array_equal(both.scan.faces, one.scan.faces)


def test_vertices_that_no_face_uses_are_no_crumbs(person, as_scan) -> None:
    vertices, faces = fine(person)
    unused = np.random.default_rng(2).uniform(-0.3, 0.3, (len(vertices) // 3, 3))
    scan = as_scan(np.concatenate((vertices, unused + vertices.mean(axis=0))), faces)
    copy, usual = (coarser(each, 60_000).scan for each in (scan, as_scan(vertices, faces)))
    assert len(copy.faces) == pytest.approx(len(usual.faces), rel=0.02)


def test_colours_are_those_of_the_places_around(person, as_scan) -> None:
    vertices, faces = fine(person)
    colors = np.full((len(vertices), 3), (200, 100, 50), np.uint8)
    colors[::2, 0] += 1
    tinted = coarser(replace(as_scan(vertices, faces), colors=colors), 60_000).scan.colors
    assert tinted[:, 0].mean() == pytest.approx(200.5, abs=0.15)
    assert (tinted[:, 1:] == (100, 50)).all()


def test_shells_closer_than_a_cell_stay_apart(as_scan, sphere) -> None:
    (outer, outer_faces), (inner, inner_faces) = (
        sphere((0, 1, 0), radius, 120, 180) for radius in (0.1, 0.099))
    scan = as_scan(np.concatenate((outer, inner)),
                   np.concatenate((outer_faces, inner_faces + len(outer))))
    coarse = coarser(scan, 4_000).scan
    assert len(coarse.faces) < 0.2 * len(scan.faces)
    assert len(find_pieces(coarse).area) == 2


def test_a_seam_whose_vertices_are_repeated_hardly_opens(person, as_scan) -> None:
    vertices, faces = fine(person)
    height = vertices[faces].mean(axis=1) @ (0.36, 0.8, 0.48)
    left = height > np.median(height)
    used, apart_faces = np.unique(np.where(left[:, None], faces, faces + len(vertices)),
                                  return_inverse=True)
    apart_faces = apart_faces.reshape(-1, 3)

    def open_sides(gap: float) -> int:
        moved = np.concatenate((vertices, vertices + (0, gap, 0)))[used]
        return len(find_pieces(coarser(as_scan(moved, apart_faces), 60_000).scan).edges.open_sides)

    together = len(find_pieces(coarser(as_scan(vertices, faces), 60_000).scan).edges.open_sides)
    assert open_sides(gap=0.0) - together < 0.25 * (open_sides(gap=0.001) - together)


def test_triangles_that_share_places_but_no_vertices_hang_together(person, as_scan) -> None:
    vertices, faces = fine(person)
    unjoined = as_scan(vertices[faces].reshape(-1, 3), np.arange(faces.size).reshape(-1, 3))
    copy, usual = (coarser(scan, 60_000).scan for scan in (unjoined, as_scan(vertices, faces)))
    assert len(copy.faces) == pytest.approx(len(usual.faces), rel=0.02)
    assert find_pieces(copy).area[0] == pytest.approx(find_pieces(usual).area[0], rel=0.01)


def test_noise_as_wide_as_the_triangles_leaves_one_whole_surface(person, as_scan) -> None:
    vertices, faces = fine(person)
    edges = np.linalg.norm(vertices[faces[:, 0]] - vertices[faces[:, 1]], axis=1)
    noise = np.random.default_rng(5).normal(0.0, 0.5 * np.median(edges), vertices.shape)
    coarse = coarser(as_scan(vertices + noise, faces), 80_000)
    pieces = find_pieces(coarse.scan)
    assert len(pieces.area) == len(find_pieces(as_scan(vertices, faces)).area)
    assert len(pieces.edges.crowded()) < 0.001 * pieces.scan.faces.size  # folds are gone
    assert (np.bincount(coarse.vertex) == 1).mean() < 0.02  # and so are crumbs at the cells' walls
    assert coarse.vertex.max() < len(coarse.scan.vertices)  # which went with what is beside them


def test_large_triangles_keep_their_corners(person, as_scan) -> None:
    vertices, faces = fine(person)
    wide = [(x, float(vertices[:, 1].min()), z) for x in (-1.5, 1.5) for z in (-1.5, 1.5)]
    square = np.array(((0, 1, 2), (1, 3, 2))) + len(vertices)
    copy = coarser(as_scan(np.concatenate((vertices, wide)), np.concatenate((faces, square))),
                   60_000).scan
    assert np.ptp(copy.vertices, axis=0)[[0, 2]] == pytest.approx(3.0, abs=0.05)


def test_two_sides_in_one_cell_stay_two_sides(as_scan) -> None:
    """A fold whose sides are a millimetre apart, meshed finely, in cells of a centimetre."""
    strip = trimesh.creation.box((0.4, 0.4, 0.001)).subdivide_to_size(0.004)
    coarse = coarser(as_scan(strip.vertices, strip.faces), 2_500).scan
    pieces = find_pieces(coarse)
    assert len(coarse.faces) < 0.2 * len(strip.faces)
    volume = (coarse.vertices[coarse.faces[:, 0]] * pieces.across).sum() / 6
    assert volume == pytest.approx(strip.volume, rel=0.2)


def test_a_copy_stands_for_a_huge_scan_where_it_shows_the_same(
        person, as_scan, monkeypatch: pytest.MonkeyPatch) -> None:
    vertices, faces = fine(person)
    whole = replace(as_scan(vertices, faces), colors=np.zeros((len(vertices), 3), np.uint8))
    assert light(whole, len(faces)) is whole
    monkeypatch.setattr("likeness.scans.flaws.coarse._FACES", 60_000)
    copy = light(whole, 100_000)
    assert len(copy.faces) < 0.25 * len(faces)
    assert len(copy.colors) == len(copy.vertices)
    assert light(whole, 100_000) is copy
    soup = as_scan(*crumbs(vertices, faces))
    assert light(soup, 100_000) is soup
    drawn_on = replace(whole, texture=np.zeros((2, 2, 3), np.uint8),
                       uv=np.zeros((len(vertices), 2), np.float32))
    assert light(drawn_on, 100_000) is drawn_on
