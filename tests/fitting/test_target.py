"""Averages of a scan know how far their normals can be trusted, and where the scan ends."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from likeness.fitting.correspondence import Matcher, Matching, Sheet
from likeness.fitting.seen import see
from likeness.fitting.target import Target
from likeness.scans.scan import Scan


def _target(points: np.ndarray) -> Target:
    up = np.tile(np.array((0.0, 1.0, 0.0), np.float32), (len(points), 1))
    return Target(points.astype(np.float32), up, np.ones(len(points), np.float32))


def test_normals_stay_on_a_surface_and_shrink_in_a_knot() -> None:
    draw = np.random.default_rng(2)
    sheet = draw.uniform(0, 1, (400, 3)) * (1, 0, 1) + draw.normal(0, 0.002, (400, 3))
    knot = draw.normal(0, 0.03, (200, 3)) + (3, 0, 0)
    found = _target(np.concatenate((sheet, knot))).doubting_normals()
    length = np.linalg.norm(found.normals, axis=1)
    assert length[:400].min() > 0.99
    assert np.median(length[400:]) < 0.1


def test_a_handful_of_points_may_be_doubted() -> None:
    three = _target(np.eye(3))
    assert three.doubting_normals().normals.shape == (3, 3)


def test_strays_of_a_cloud_are_not_seen(make_person: Callable) -> None:
    """Neither those that are scattered around nor a clump of them; all of the skin is."""
    scan, draw = make_person(4, points=300_000).scan, np.random.default_rng(5)
    low, high = scan.vertices.min(axis=0), scan.vertices.max(axis=0)
    scattered = draw.uniform(low - 0.2, high + 0.2, (5_000, 3))
    clump = draw.normal((0.0, high[1], 0.25), 0.03, (1_500, 3))
    strays = np.concatenate((scattered, clump)).astype(np.float32)
    strays = strays[cKDTree(scan.vertices).query(strays)[0] > 0.03]
    turned = np.tile(np.float32((0, 0, 1)), (len(strays), 1))
    spoiled = replace(scan, vertices=np.concatenate((scan.vertices, strays)),
                      normals=np.concatenate((scan.normals, turned)))
    seen = see(spoiled)[1].fine.points
    assert (cKDTree(scan.vertices).query(seen)[0] > 0.03).sum() < 0.02 * len(strays)
    assert cKDTree(seen).query(scan.vertices)[0].max() < 0.012


def test_of_few_points_none_is_taken_for_a_stray(make_person: Callable) -> None:
    scan = make_person(4, points=5_000).scan
    assert cKDTree(see(scan)[1].fine.points).query(scan.vertices)[0].max() < 0.008


@pytest.mark.parametrize(("sparse", "share"), [("all but the head", 20), ("hands", 4)])
def test_sparser_skin_is_no_stray(make_person: Callable, sparse: str, share: int) -> None:
    """As of a face that was scanned more closely than the rest, or of hands hardly seen."""
    scan = make_person(4, points=300_000).scan
    up, across = scan.vertices[:, 1], np.abs(scan.vertices[:, (0, 2)] - (0.1, -0.2)).max(axis=1)
    dense = up > up.max() - 0.2 if sparse != "hands" else across < 0.8 * across.max()
    some = dense | (np.arange(len(up)) % share == 0)
    kept = replace(scan, vertices=scan.vertices[some], normals=scan.normals[some])
    assert _lost(kept, kept.vertices[~dense[some]]) < 0.005


def test_skin_on_a_floor_of_more_points_is_no_stray(make_person: Callable) -> None:
    scan, draw = make_person(4, points=100_000).scan, np.random.default_rng(6)
    floor = draw.uniform(-1, 1, (1_500_000, 3)).astype(np.float32) * np.float32((1, 0.001, 1))
    floor[:, 1] += scan.vertices[:, 1].min()
    up = np.tile(np.float32((0, 1, 0)), (len(floor), 1))
    both = replace(scan, vertices=np.concatenate((scan.vertices, floor)),
                   normals=np.concatenate((scan.normals, up)))
    assert _lost(both, scan.vertices) < 0.005


def _lost(scan: Scan, points: np.ndarray) -> float:
    """The share of points that have nothing near them of what is seen."""
    return float((cKDTree(see(scan)[1].fine.points).query(points)[0] > 0.012).mean())


def _sheet(width: float) -> Target:
    """A square sheet of points a centimetre apart, give or take."""
    draw = np.random.default_rng(3)
    along = np.arange(-width / 2 + 0.005, width / 2, 0.01)
    grid = np.stack(np.meshgrid(along, along), -1).reshape(-1, 2)
    places = grid + draw.uniform(-0.004, 0.004, grid.shape)
    return _target(np.stack((places[:, 0], np.zeros(len(places)), places[:, 1]), 1))


def test_a_scan_knows_where_it_ends() -> None:
    whole = _sheet(0.6)
    hole = np.linalg.norm(whole.points, axis=1) < 0.1
    inner = whole.taking(~hole).knowing_rims().inner
    assert inner is not None
    from_hole = np.linalg.norm(whole.points[~hole], axis=1) - 0.1
    from_edge = 0.295 - np.abs(whole.points[~hole]).max(axis=1)
    assert inner[np.minimum(from_hole, from_edge) > 0.04].mean() > 0.97
    assert inner[from_hole < 0.005].mean() < 0.25
    assert inner[from_edge < 0.005].mean() < 0.35


def test_few_points_have_rims_too() -> None:
    for count in (1, 2, 3):
        found = _target(np.eye(3)[:count]).knowing_rims()
        assert found.inner is not None
        assert np.isfinite(found.inner).all()


def test_what_lies_beyond_the_scan_is_not_drawn_to_its_rim() -> None:
    """A sheet twice as wide as the scan of it, a little over it."""
    scan, body = _sheet(0.3).knowing_rims(), _sheet(0.6)
    places = torch.as_tensor(body.points + np.float32((0, 0.01, 0)))[None]
    cpu = torch.device("cpu")
    pull = Matcher.of(body.area, cpu).found_pull(
        Matching(reach=0.1, normal_scale=0.05, explain=0.0, blend=3),
        Sheet.of(scan, cpu), places, torch.as_tensor(body.normals)[None])
    drawn = pull.hessian[0, :, 1, 1].numpy()
    beyond = np.abs(body.points).max(axis=1) > 0.15
    within = np.abs(body.points).max(axis=1) < 0.1
    assert drawn[beyond].mean() < 0.05 * drawn[within].mean()
