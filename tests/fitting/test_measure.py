"""Distances to a scan: to its triangles, or to planes evenly drawn from one that is huge."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from likeness.fitting import measure
from likeness.fitting.measure import scan_surface
from likeness.fitting.surface import FineSurface, MeshSurface
from likeness.scans.flaws import coarse
from likeness.scans.normals import with_normals
from likeness.scans.scan import Choice, Scan, Source

RADIUS, OFF, CUT = 0.3, 0.004, 0.2


def _ball() -> Scan:
    ball = trimesh.creation.icosphere(subdivisions=6, radius=RADIUS)
    return with_normals(Scan(
        ball.vertices.astype(np.float32), ball.faces.astype(np.int32), Choice("m", "given"),
        Choice("+y", "given"), Source("ball.ply", "", len(ball.vertices), len(ball.faces)),
        np.eye(4)))


@pytest.mark.parametrize("most", [10**9, 20_000])
def test_points_off_a_scan_are_as_far_from_it_however_large_it_counts(
        most: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measure, "MOST_FACES", most)
    monkeypatch.setattr(measure, "_MOST_POINTS", 20_000)
    directions = np.random.default_rng(0).normal(size=(500, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    surface = scan_surface(_ball())
    for radius in (RADIUS - OFF, RADIUS + OFF):
        np.testing.assert_allclose(surface.distance(radius * directions), OFF, atol=2e-4)
    drawn = surface.samples(1000, 0)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), RADIUS, atol=1e-4)
    assert np.abs(drawn.mean(axis=0)).max() < 0.03


def test_of_millions_of_triangles_the_nearest_are_found_large_ones_too(
        monkeypatch: pytest.MonkeyPatch):
    """A rough ball of 80,000 triangles with a lid of a few counts as huge, and is held against
    all of it.
    """
    scan = _lidded()
    monkeypatch.setattr(measure, "INSPECTED_FACES", 20_000)
    monkeypatch.setattr(coarse, "_FACES", 20_000)
    surface, exact = scan_surface(scan), MeshSurface(scan.vertices, scan.faces)
    assert isinstance(surface, FineSurface)
    draw = np.random.default_rng(1)
    near = exact.samples(3000, 2) + draw.normal(scale=0.002, size=(3000, 3))
    wrong = surface.distance(near) - exact.distance(near)
    assert wrong.min() > -1e-5
    assert wrong.max() < 0.001
    assert (wrong > 1e-5).mean() < 0.01
    below_lid = np.column_stack((draw.uniform(-0.1, 0.1, (500, 2)),
                                 np.full(500, CUT - OFF)))[:, [0, 2, 1]]
    np.testing.assert_allclose(surface.distance(below_lid), OFF, atol=1e-5)
    far = 3 * draw.normal(size=(500, 3))
    np.testing.assert_allclose(surface.distance(far), exact.distance(far), atol=0.005)


def test_a_huge_scan_with_colours_has_its_tree_made_for_the_texture_as_well(
        monkeypatch: pytest.MonkeyPatch):
    ball = _ball()
    monkeypatch.setattr(measure, "INSPECTED_FACES", 20_000)
    monkeypatch.setattr(coarse, "_FACES", 20_000)
    assert isinstance(scan_surface(ball), FineSurface)
    colours = np.zeros((len(ball.vertices), 3), np.uint8)
    assert isinstance(scan_surface(replace(ball, colors=colours)), MeshSurface)


def _lidded() -> Scan:
    """A ball cut off at the height `CUT`, a millimetre rough, the cut closed by a fan."""
    ball = _ball()
    rim = ball.vertices[:, 1] > CUT
    kept = ball.faces[~rim[ball.faces].any(axis=1)]
    rough = ball.vertices + np.random.default_rng(0).normal(scale=0.001, size=ball.vertices.shape)
    mesh = trimesh.Trimesh(rough, kept, process=False)
    corners = np.float32([[-0.3, CUT, -0.3], [0.3, CUT, -0.3], [0.3, CUT, 0.3], [-0.3, CUT, 0.3]])
    lid = np.int32([[0, 2, 1], [0, 3, 2]]) + len(rough)
    return with_normals(replace(
        ball, vertices=np.concatenate((mesh.vertices, corners)).astype(np.float32),
        faces=np.concatenate((mesh.faces, lid)).astype(np.int32), normals=None))
