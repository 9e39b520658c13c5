"""Noise, missing parts, stands and odd edges are told, and of a good scan nothing is."""

import numpy as np
import pytest

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


def test_edges_of_three_faces_are_told(person, as_scan) -> None:
    vertices, faces = person
    fin = np.concatenate((vertices, [vertices[faces[100, 0]] + (0.0, 0.0, 0.05)]))
    extra = np.array([[faces[100, 0], faces[100, 1], len(vertices)]])
    assert "edges of more than two triangles" in names(as_scan(fin, np.concatenate((faces, extra))))
    assert "edges of more than two triangles" not in names(as_scan(*person))
