"""Normals of meshes are exact on a ball; those of clouds point outwards nearly everywhere."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from likeness.scans.normals import cloud_normals, mesh_normals, with_normals
from likeness.scans.sampling import surface_points
from likeness.scans.scan import kept


def test_on_a_ball_they_point_away_from_its_centre(sphere) -> None:
    centre = (1.0, 2.0, 3.0)
    vertices, faces = sphere(centre, 0.5, 60, 90)
    for each in (faces, faces[:, ::-1]):
        normals = mesh_normals(vertices.astype(np.float32), each)
        cosine = (normals * (vertices - centre) / 0.5).sum(axis=1)
        assert cosine.min() > 0.999


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("plane", ["floor", "wall", "small floor"])
def test_the_person_decides_whatever_flat_is_around(person, plane: str, turn: int) -> None:
    """Floor and wall show their front to the person, as scanners see them."""
    body, skin = person
    half = 0.35 if plane == "small floor" else 1.5
    a, b = (each.ravel() for each in np.meshgrid(*2 * [np.linspace(-half, half, 41)]))
    level, behind = np.full_like(a, body[:, 1].min()), np.full_like(a, body[:, 2].min() - 0.3)
    sheet = np.column_stack((a, b, behind) if plane == "wall" else (a, level, -b))
    corner = (np.arange(40)[:, None] * 41 + np.arange(40)).ravel()
    flat = np.concatenate([corner[:, None] + each for each in ((0, 1, 42), (0, 42, 41))])
    vertices = np.concatenate((body, sheet)).astype(np.float32)
    faces = np.concatenate((skin, flat + len(body)))[:, ::turn]
    alone = mesh_normals(body.astype(np.float32), skin)
    normals = mesh_normals(vertices, faces)
    assert np.median((normals[:len(body)] * alone).sum(axis=1)) > 0.999
    front = (0, 0, 1) if plane == "wall" else (0, 1, 0)
    assert (normals[len(body):] @ front > 0.99).all()


@pytest.mark.parametrize("seen_from", range(0, 360, 45))
def test_half_a_person_who_leans_has_an_outer_side_too(person, seen_from: int) -> None:
    """As one sensor sees them: such a surface encloses nothing."""
    vertices, faces = person
    lean = trimesh.transformations.rotation_matrix(np.radians(25), (0, 0, 1))[:3, :3]
    body = trimesh.Trimesh(vertices @ lean.T, faces, process=False)
    eye = np.array((np.sin(np.radians(seen_from)), 0.0, np.cos(np.radians(seen_from))))
    half = body.submesh([body.face_normals @ eye > 0.2], append=True)
    points = half.vertices.astype(np.float32)
    for each in (half.faces, half.faces[:, ::-1]):
        cosine = (mesh_normals(points, each) * half.vertex_normals).sum(axis=1)
        assert np.median(cosine) > 0.9
    assert np.median((cloud_normals(points) * half.vertex_normals).sum(axis=1)) > 0.9


@pytest.mark.parametrize(("noise", "count"), [(0.0, 5_000), (0.001, 60_000), (0.004, 100_000)])
def test_of_a_cloud_point_outwards(person, noise: float, count: int) -> None:
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


def test_of_a_sparse_cloud_limbs_that_nearly_touch_are_not_turned_inside_out() -> None:
    """Across the gap points are no farther apart than along the skin."""
    trunk = trimesh.creation.capsule(height=0.5, radius=0.13)
    limbs = [trimesh.creation.capsule(height=0.5, radius=0.045) for _ in range(2)]
    for limb, side in zip(limbs, (1, -1), strict=True):
        limb.apply_translation((side * (0.13 + 0.02 + 0.045), 0, 0))
    whole = trimesh.util.concatenate([trunk, *limbs])
    for seed in range(5):
        points, face = trimesh.sample.sample_surface(whole, 2_000, seed=seed)
        points += np.random.default_rng(seed).normal(0, 0.002, points.shape)
        cosine = (cloud_normals(points.astype(np.float32)) * whole.face_normals[face]).sum(axis=1)
        assert (cosine < 0).mean() < 0.08


def test_far_strays_do_no_harm(person) -> None:
    points = np.concatenate((person[0], [(1e6, 0, 0), (0, -1e6, 0)])).astype(np.float32)
    normals = cloud_normals(points)
    assert np.isfinite(normals).all()
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)


def test_own_normals_stay(person, as_scan) -> None:
    scan = with_normals(as_scan(*person))
    assert with_normals(scan) is scan


@pytest.fixture
def cloud(person, as_scan):
    """Points on a person with true normals and a little noise."""
    vertices, faces = person
    points = surface_points(vertices, faces, 60_000)
    normals = mesh_normals(vertices.astype(np.float32), faces)
    near = cKDTree(vertices).query(points)[1]
    noise = np.random.default_rng(0).normal(0, 0.001, points.shape)
    return replace(as_scan(points + noise), normals=normals[near])


def test_good_normals_of_a_file_stay(cloud) -> None:
    assert with_normals(cloud) is cloud


def test_inward_normals_of_a_file_are_turned(cloud) -> None:
    turned = with_normals(replace(cloud, normals=-cloud.normals))
    np.testing.assert_array_equal(turned.normals, cloud.normals)


@pytest.mark.parametrize("fault", ["signs at random", "all the same", "directions at random"])
def test_what_are_no_normals_of_the_surface_is_found_anew(cloud, fault: str) -> None:
    draw = np.random.default_rng(1)
    random = draw.normal(size=cloud.normals.shape)
    wrong = {"signs at random": cloud.normals * draw.choice((-1, 1), (len(cloud.normals), 1)),
             "all the same": np.tile((0.0, 0.0, 1.0), (len(cloud.normals), 1)),
             "directions at random": random / np.linalg.norm(random, axis=1, keepdims=True)}
    found = with_normals(replace(cloud, normals=wrong[fault].astype(np.float32))).normals
    assert ((found * cloud.normals).sum(axis=1) > 0).mean() > 0.93


@pytest.mark.parametrize("side", ["front", "left"])
def test_normals_of_half_a_person_stay(cloud, side: str) -> None:
    half = kept(cloud, cloud.normals[:, 2 if side == "front" else 0] > 0.1)
    assert with_normals(half) is half
    turned = with_normals(replace(half, normals=-half.normals))
    np.testing.assert_array_equal(turned.normals, half.normals)
