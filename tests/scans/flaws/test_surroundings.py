"""Noise, missing parts, stands and odd edges are told, and of a good scan nothing is."""

import numpy as np
import pytest
import trimesh
from tests.synthetic.shapes import box

from likeness.core.progress import silent
from likeness.scans.flaws.noise import noise_mm
from likeness.scans.inspection import inspect_scan
from likeness.scans.sampling import surface_points


def names(scan) -> set[str]:
    return {each.name for each in inspect_scan(scan, silent)}


@pytest.mark.parametrize("noise", [0.0005, 0.001, 0.003])
def test_noise_is_measured(person, as_scan, noise: float) -> None:
    vertices, faces = person
    points = surface_points(vertices, faces, 150_000)
    draw = np.random.default_rng(0)
    shaken = as_scan(points + draw.normal(0.0, noise, points.shape))
    assert noise_mm(shaken) == pytest.approx(1000 * noise, rel=0.2)
    assert ("noisy surface" in names(shaken)) == (noise > 0.0015)
    assert noise_mm(as_scan(points)) < 0.25


@pytest.mark.parametrize(("below", "name"), [(0.07, "no feet"), (0.2, "no lower legs"),
                                             (0.6, "no legs")])
def test_what_is_cut_off_below_is_missed(person, as_scan, below: float, name: str) -> None:
    vertices, faces = person
    level = vertices[:, 1].min() + below * np.ptp(vertices[:, 1])
    kept = faces[(vertices[faces][..., 1] > level).all(axis=1)]
    cut = vertices.copy()
    # Arms that would hang below a cut waist are cut with it.
    cut[:, 1] = np.maximum(cut[:, 1], level)
    used, kept = np.unique(kept, return_inverse=True)
    assert name in names(as_scan(cut[used], kept.reshape(-1, 3)))


def test_a_head_is_missed_at_the_neck_and_not_at_the_crown(person, as_scan) -> None:
    vertices, faces = person
    top, tall = vertices[:, 1].max(), np.ptp(vertices[:, 1])
    neck = faces[(vertices[faces][..., 1] < top - 0.15 * tall).all(axis=1)]
    assert "no head" in names(as_scan(vertices, neck))
    crown = faces[(vertices[faces][..., 1] < top - 0.03 * tall).all(axis=1)]
    bald = names(as_scan(vertices, crown))
    assert "hole" in bald
    assert "no head" not in bald


def test_of_a_whole_person_nothing_is_missed(person, as_scan) -> None:
    assert not any(each.startswith("no ") for each in names(as_scan(*person)))


def test_soles_that_no_scanner_saw_are_no_missing_feet(person, as_scan) -> None:
    vertices, faces = person
    level = vertices[:, 1].min() + 0.012
    standing = as_scan(vertices, faces[(vertices[faces][..., 1] > level).any(axis=1)])
    assert not any(each.startswith("no ") for each in names(standing))


def test_a_turntable_is_a_stand_and_nothing_else(person, as_scan) -> None:
    vertices, faces = person
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    rim = np.stack((0.35 * np.cos(turn), np.zeros(48), 0.35 * np.sin(turn)), axis=1)
    feet = vertices[:, 1].min()
    disc = np.concatenate((rim + (0, feet - 0.001, 0), rim + (0, feet - 0.04, 0),
                           [(0, feet - 0.001, 0), (0, feet - 0.04, 0)]))
    i, j = np.arange(48), (np.arange(48) + 1) % 48
    sides = np.concatenate((np.stack((i, i + 48, j), 1), np.stack((j, i + 48, j + 48), 1)))
    caps = np.concatenate((np.stack((np.full(48, 96), j, i), 1),
                           np.stack((np.full(48, 97), i + 48, j + 48), 1)))
    table = np.concatenate((sides, caps)) + len(vertices)
    scan = as_scan(np.concatenate((vertices, disc)), np.concatenate((faces, table)))
    own = np.arange(len(faces), len(faces) + len(table))
    holders = [each for each in inspect_scan(scan, silent)
               if np.isin(own, each.faces).any() and each.kind != "hole"]
    assert [each.kind for each in holders] == ["floor"]
    assert np.isin(own, holders[0].faces).all()
    assert holders[0].action == "remove"


def with_others(person, *others: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces = person
    for places, corners in others:
        vertices, faces = (np.concatenate((vertices, places)),
                           np.concatenate((faces, corners + len(vertices))))
    return vertices, faces


def test_a_pole_beside_the_person_goes_and_is_no_second_one(person, as_scan) -> None:
    feet, tall = person[0][:, 1].min(), 0.9 * np.ptp(person[0][:, 1])
    pole = trimesh.creation.cylinder(0.02, segment=((0.2, feet, 0.8), (0.2, feet + tall, 0.8)))
    pole = pole.subdivide_to_size(0.02)
    vertices, faces = with_others(person, (pole.vertices, pole.faces))
    findings = inspect_scan(as_scan(vertices, faces), silent)
    assert not any(each.kind == "several-people" for each in findings)
    removed = [each for each in findings if each.action == "remove"]
    assert [each.name for each in removed] == ["pole"]
    assert np.array_equal(removed[0].faces, np.arange(len(person[1]), len(faces)))


def test_what_lies_under_a_floor_is_part_of_it(person, as_scan) -> None:
    """The underside of a high pedestal, as far as it was seen."""
    feet = person[0][:, 1].min()
    pedestal = box(np.array((0.0, feet - 0.135, 0.0)), (1.3, 0.27, 1.3), 0.02)
    corners = pedestal.vertices[pedestal.faces]
    seen = (corners[..., 1] > feet - 0.26).any(axis=1) | (corners[..., 0] > 0.2).all(axis=1)
    vertices, faces = with_others(person, (pedestal.vertices, pedestal.faces[seen]))
    floors = [each for each in inspect_scan(as_scan(vertices, faces), silent)
              if each.name == "floor"]
    under = np.flatnonzero((vertices[faces][..., 1] < feet - 0.26).all(axis=1))
    assert len(under) > 1000
    assert np.isin(under, floors[0].faces).all()


def test_who_stands_below_their_own_head_is_no_stand(person, as_scan) -> None:
    """Noise and holes at the neck leave a head that is a piece of its own."""
    vertices, faces = person
    top, tall = vertices[:, 1].max(), np.ptp(vertices[:, 1])
    heights = vertices[faces][..., 1]
    apart = faces[(heights < top - 0.15 * tall).all(axis=1) | (heights > top - 0.14 * tall).all(
        axis=1)]
    turn = np.radians(45)
    level = np.array(((np.cos(turn), 0, np.sin(turn)), (0, 1, 0), (-np.sin(turn), 0, np.cos(turn))))
    scan = as_scan(vertices @ level.T, apart)
    assert "stand" not in names(scan)
    assert not any(each.action == "remove" for each in inspect_scan(scan, silent))


def test_edges_of_three_faces_are_told(person, as_scan) -> None:
    vertices, faces = person
    fin = np.concatenate((vertices, [vertices[faces[100, 0]] + (0.0, 0.0, 0.05)]))
    extra = np.array([[faces[100, 0], faces[100, 1], len(vertices)]])
    assert "edges of more than two triangles" in names(as_scan(fin, np.concatenate((faces, extra))))
    assert "edges of more than two triangles" not in names(as_scan(*person))


def _sheet(corner, along, up, step: float = 0.02):
    """A flat rectangle of triangles."""
    counts = [max(2, round(np.linalg.norm(each) / step)) for each in (along, up)]
    u, v = np.meshgrid(*(np.linspace(0, 1, n) for n in counts), indexing="ij")
    points = np.asarray(corner) + u[..., None] * along + v[..., None] * np.asarray(up)
    own = np.arange(u.size).reshape(u.shape)
    a, b, c, d = own[:-1, :-1], own[1:, :-1], own[1:, 1:], own[:-1, 1:]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    return points.reshape(-1, 3), faces


def _beside(person, sheet):
    vertices, faces = person
    points, more = sheet
    return np.vstack((vertices, points)), np.vstack((faces, more + len(vertices)))


@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_a_wall_is_found_and_only_the_wall(person, as_scan, turn: float) -> None:
    vertices, faces = person
    along = np.array((np.cos(turn), 0, np.sin(turn)))
    out = np.array((-np.sin(turn), 0, np.cos(turn)))
    back = (vertices @ out).min() - 0.3
    low = np.array((0, vertices[:, 1].min(), 0))
    whole = _beside(person, _sheet(low + back * out - along, 2 * along, (0, 1.9, 0)))
    findings = {each.name: each for each in inspect_scan(as_scan(*whole), silent)}
    assert "wall" in findings
    assert np.array_equal(findings["wall"].faces, np.arange(len(faces), len(whole[1])))
    assert "hole" not in findings  # the edge of a wall is none of the skin's
    assert "several people" not in findings


def test_the_sides_of_a_box_are_no_walls(as_scan) -> None:
    corners = [((-0.3, 0, z), (0.6, 0, 0), (0, 1.8, 0)) for z in (-0.25, 0.25)]
    corners += [((x, 0, -0.25), (0, 0, 0.5), (0, 1.8, 0)) for x in (-0.3, 0.3)]
    corners += [((-0.3, y, -0.25), (0.6, 0, 0), (0, 0, 0.5)) for y in (0, 1.8)]
    box = (np.zeros((0, 3)), np.zeros((0, 3), int))
    for each in corners:
        box = _beside(box, _sheet(each[0], np.array(each[1]), each[2]))
    assert "wall" not in names(as_scan(*box))


def test_many_pieces_of_one_name_are_told_once(person, as_scan) -> None:
    vertices, faces = person
    chest = vertices.mean(axis=0)
    whole = (vertices, faces)
    ball = 0.01 * np.array([(x, 0, 0) for x in (1, -1)] + [(0, y, 0) for y in (1, -1)]
                           + [(0, 0, z) for z in (1, -1)])
    for k in range(6):
        sides = np.array([(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4),
                          (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)])
        whole = _beside(whole, (chest + ball + (0, 0.03 * k, 0), sides))
    inner = [each for each in inspect_scan(as_scan(*whole), silent) if each.kind == "internal"]
    assert sum(len(each.faces) for each in inner) >= 48
    assert len(inner) < 6
