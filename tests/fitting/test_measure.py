"""Distances to a scan: to its triangles, or to planes evenly drawn from one that is huge."""

import numpy as np
import pytest
import trimesh

from likeness.fitting import measure
from likeness.fitting.measure import scan_surface
from likeness.scans.normals import with_normals
from likeness.scans.scan import Choice, Scan, Source

RADIUS, OFF = 0.3, 0.004


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
