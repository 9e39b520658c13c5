"""Normals of meshes are exact on a ball; those of clouds point outwards nearly everywhere."""

import numpy as np
import pytest

from likeness.scans.normals import cloud_normals, mesh_normals, with_normals
from likeness.scans.sampling import surface_points


def test_on_a_ball_they_point_away_from_its_centre(sphere) -> None:
    centre = (1.0, 2.0, 3.0)
    vertices, faces = sphere(centre, 0.5, 60, 90)
    for each in (faces, faces[:, ::-1]):
        normals = mesh_normals(vertices.astype(np.float32), each)
        cosine = (normals * (vertices - centre) / 0.5).sum(axis=1)
        assert cosine.min() > 0.999


@pytest.mark.parametrize(("noise", "count"), [(0.0, 5_000), (0.001, 60_000), (0.004, 100_000)])
def test_of_a_cloud_point_outwards(person, noise: float, count: int) -> None:
    from scipy.spatial import cKDTree

    vertices, faces = person
    true = surface_points(vertices, faces, count)
    points = true + np.random.default_rng(0).normal(0, noise, true.shape)
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    _, near = cKDTree(corners.mean(axis=1)).query(true)
    cosine = (cloud_normals(points.astype(np.float32)) * across[near]).sum(axis=1)
    assert (cosine > 0).mean() > 0.93  # fingers that touch cannot be told apart
    assert np.degrees(np.arccos(np.median(cosine))) < 15


def test_far_strays_do_no_harm(person) -> None:
    points = np.concatenate((person[0], [(1e6, 0, 0), (0, -1e6, 0)])).astype(np.float32)
    normals = cloud_normals(points)
    assert np.isfinite(normals).all()
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)


def test_own_normals_stay(person, as_scan) -> None:
    scan = with_normals(as_scan(*person))
    assert with_normals(scan) is scan
