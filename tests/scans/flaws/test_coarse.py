"""A coarser copy keeps apart what is apart, together what is together, and its findings fit."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from likeness.core.progress import silent
from likeness.scans import inspection
from likeness.scans.flaws.coarse import coarser, light
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
    monkeypatch.setattr(inspection, "MOST_FACES", 100_000)
    monkeypatch.setattr(inspection, "coarser", lambda scan: coarser(scan, 60_000))
    told = inspect_scan(scan, silent)
    assert [(each.kind, each.name) for each in told if each.action == "remove"] == [
        (each.kind, each.name) for each in usual if each.action == "remove"]
    assert any("nothing smaller" in each.sentence for each in told)
    assert not any("nothing smaller" in each.sentence for each in usual)


def test_of_crumbs_it_is_said_that_they_do_not_hang_together(
        person, as_scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_FACES", 100_000)
    told = inspect_scan(as_scan(*crumbs(*fine(person))), silent)
    assert any("hardly hang together" in each.sentence for each in told)
    assert not [each for each in told if each.action == "remove"]


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
    coarse = coarser(as_scan(vertices + noise, faces), 60_000)
    pieces = find_pieces(coarse.scan)
    assert len(pieces.area) == len(find_pieces(as_scan(vertices, faces)).area)
    assert len(pieces.edges.crowded()) < 0.001 * pieces.scan.faces.size  # folds are gone
    assert (np.bincount(coarse.vertex) == 1).mean() < 0.02  # and so are crumbs at the cells' walls


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
    assert light(whole) is whole
    monkeypatch.setattr("likeness.scans.flaws.coarse.MOST_FACES", 100_000)
    monkeypatch.setattr("likeness.scans.flaws.coarse._FACES", 60_000)
    copy = light(whole)
    assert len(copy.faces) < 0.25 * len(faces)
    assert len(copy.colors) == len(copy.vertices)
    assert light(whole) is copy
    soup = as_scan(*crumbs(vertices, faces))
    assert light(soup) is soup
    drawn_on = replace(whole, texture=np.zeros((2, 2, 3), np.uint8),
                       uv=np.zeros((len(vertices), 2), np.float32))
    assert light(drawn_on) is drawn_on
