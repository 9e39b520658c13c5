"""Scans: as dense and as exact as asked, on the surface, with holes only where told."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree
from tests.synthetic.conftest import RADIUS
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.scanner import Scanner, Surface, face_areas, scan_person, tessellated
from tests.synthetic.subjects import Anatomy, Subject

from likeness.bodies.body import PARTS

Tube = tuple[Anatomy, Subject]


def _scanned(tube: Tube, scanner: Scanner) -> Surface:
    anatomy, subject = tube
    posed = Posed(subject.vertices.astype(np.float64), np.zeros((52, 3)))
    return scan_person(anatomy, posed, scanner, np.random.default_rng(1))


def test_about_as_many_points_as_asked_for(tube: Tube) -> None:
    for points in (20_000, 80_000):
        count = len(_scanned(tube, Scanner(points, 0.0, 0.0)).vertices)
        assert count == pytest.approx(points, rel=0.2)


def test_noise_has_the_size_asked_for(tube: Tube) -> None:
    clean, noisy = (_scanned(tube, Scanner(30_000, noise, 0.0)) for noise in (0.0, 0.001))
    normals = vertex_normals(clean.vertices, clean.faces)
    moved = noisy.vertices - clean.vertices
    along = (moved * normals).sum(axis=1)
    assert along.std() == pytest.approx(0.001, rel=0.05)
    sideways = np.linalg.norm(moved - along[:, None] * normals, axis=1)
    assert np.sqrt((sideways ** 2).mean() / 2) == pytest.approx(0.0005, rel=0.05)


def test_points_lie_evenly_on_the_round_surface(tube: Tube) -> None:
    vertices = _scanned(tube, Scanner(30_000, 0.0, 0.0)).vertices
    middle = vertices[(vertices[:, 1] > 0.1) & (vertices[:, 1] < 0.9)]
    # Flat facets of 16 sides would sink 1.9 mm below the circle.
    assert np.hypot(middle[:, 0], middle[:, 2]).min() > RADIUS - 0.001
    near = cKDTree(vertices).query(middle, k=2)[0][:, 1]
    assert np.percentile(near, 95) < 3 * np.percentile(near, 5)


def test_tessellation_keeps_the_corners_and_the_area(tube: Tube) -> None:
    anatomy, subject = tube
    vertices = subject.vertices.astype(np.float64)
    fine = tessellated(vertices, vertex_normals(vertices, anatomy.faces), anatomy.faces, 4)
    assert len(fine.faces) == 16 * len(anatomy.faces)
    assert cKDTree(fine.vertices).query(vertices)[0].max() < 1e-12
    round_area = 2 * np.pi * RADIUS * 1.0
    assert face_areas(fine.vertices, fine.faces).sum() == pytest.approx(round_area, rel=0.01)


def test_a_scan_without_holes_is_whole_and_joined(tube: Tube) -> None:
    surface = _scanned(tube, Scanner(30_000, 0.0, 0.0))
    area = face_areas(surface.vertices, surface.faces).sum()
    assert area == pytest.approx(2 * np.pi * RADIUS, rel=0.03)
    edges = np.sort(surface.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    count = np.unique(edges, axis=0, return_counts=True)[1]
    assert (count >= 2).mean() > 0.98  # all but the two rims


def test_what_no_camera_sees_is_missing(tube: Tube) -> None:
    anatomy, subject = tube
    vertices = subject.vertices.astype(np.float64)
    half = len(vertices)
    inner = (vertices - (0, 0.5, 0)) * (0.5, 0.9, 0.5) + (0, 0.5, 0)
    faces = np.vstack((anatomy.faces, anatomy.faces + half)).astype(np.int32)
    doubled = replace(anatomy, faces=faces, interior=np.zeros(2 * half, bool),
                      eyes=np.zeros(2 * half, bool), parts=np.ones(2 * half, np.int8))
    posed = Posed(np.vstack((vertices, inner)), np.full((52, 3), 10.0))
    seen = scan_person(doubled, posed, Scanner(30_000, 0.0, 1.0), np.random.default_rng(1))
    radius = np.hypot(seen.vertices[:, 0], seen.vertices[:, 2])
    deep = (radius < 0.7 * RADIUS) & (np.abs(seen.vertices[:, 1] - 0.5) < 0.3)
    assert not deep.any()
    assert (radius > 0.9 * RADIUS).sum() > 5_000


def test_a_finer_head_hangs_together_with_the_rest(tube: Tube) -> None:
    anatomy, subject = tube
    upper = subject.vertices[:, 1] > 0.5
    headed = replace(anatomy, parts=np.where(upper, PARTS.index("head"), 1).astype(np.int8))
    surface = _scanned((headed, subject), Scanner(30_000, 0.0, 0.0, head_detail=2.0))
    height = surface.vertices[:, 1]
    dense, sparse = (height > 0.6).sum(), (height < 0.4).sum()
    assert dense == pytest.approx(4 * sparse, rel=0.15)
    edges = np.sort(surface.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges, count = np.unique(edges, axis=0, return_counts=True)
    rims = height[edges[count == 1]]
    assert not ((rims > 0.05) & (rims < 0.95)).any()
