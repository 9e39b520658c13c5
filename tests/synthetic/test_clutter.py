"""What spoils a scan does what it says and leaves the person where it was."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree
from tests.synthetic.clutter import (
    Shot,
    front_only,
    thinned_out,
    with_ground,
    with_layer,
    with_strays,
)
from tests.synthetic.conftest import LENGTH, RADIUS
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.scanner import Scanner, scan_person
from tests.synthetic.subjects import Anatomy, Subject

Tube = tuple[Anatomy, Subject]


@pytest.fixture(scope="module")
def shot(tube: Tube) -> Shot:
    anatomy, subject = tube
    posed = Posed(subject.vertices.astype(np.float64), np.zeros((52, 3)))
    scan = scan_person(anatomy, posed, Scanner(20_000, 0.0005, 0.0), np.random.default_rng(1))
    return Shot(scan, anatomy, posed)


def _off_tube(points: np.ndarray) -> np.ndarray:
    """Distance from the endless tube's surface, outwards."""
    return np.hypot(points[:, 0], points[:, 2]) - RADIUS


@pytest.mark.parametrize("kind", range(4))
def test_ground_lies_at_the_feet_and_not_on_the_person(shot: Shot, kind: int) -> None:
    spoiled = with_ground(kind)(shot, np.random.default_rng(2)).surface
    count = len(shot.surface.vertices)
    np.testing.assert_array_equal(spoiled.vertices[:count], shot.surface.vertices)
    added = spoiled.vertices[count:]
    low = shot.posed.vertices[:, 1].min()
    assert len(added) > 2_000
    assert (np.abs(added[:, 1] - low) < 0.01).sum() > 1_000
    normals = vertex_normals(spoiled.vertices, spoiled.faces)[count:]
    assert normals[np.abs(added[:, 1] - low) < 0.004, 1].mean() > 0.6
    upper = added[added[:, 1] > low + 0.05]
    assert not len(upper) or _off_tube(upper).min() > 0.1


@pytest.mark.parametrize("as_points", [True, False])
def test_strays_have_their_share_and_lie_off_the_person(shot: Shot, as_points: bool) -> None:
    spoiled = with_strays(0.1, as_points)(shot, np.random.default_rng(2)).surface
    count = len(shot.surface.vertices)
    stray = spoiled.vertices[count:]
    assert len(stray) / len(spoiled.vertices) == pytest.approx(0.1, abs=0.002)
    assert (np.abs(_off_tube(stray)) > 0.02).mean() > 0.5
    assert bool(len(spoiled.faces)) is not as_points


def test_points_drawn_lie_on_the_scan(shot: Shot) -> None:
    few = thinned_out(3_000)(shot, np.random.default_rng(2)).surface
    assert few.vertices.shape == (3_000, 3)
    assert few.faces.shape == (0, 3)
    assert cKDTree(shot.surface.vertices).query(few.vertices)[0].max() < 0.01


def test_a_layer_lies_in_the_gap_asked_for_over_its_share(shot: Shot) -> None:
    spoiled = with_layer((0.015, 0.015), 0.4, along_normals=True)(shot, np.random.default_rng(2))
    added = spoiled.surface.vertices[len(shot.surface.vertices):]
    assert len(added) == pytest.approx(0.4 * len(shot.surface.vertices), rel=0.15)
    inner = (added[:, 1] > 0.1) & (added[:, 1] < LENGTH - 0.1)
    assert _off_tube(added[inner]) == pytest.approx(0.015, abs=0.004)


def test_a_shifted_layer_is_off_by_the_gap_in_one_direction(shot: Shot) -> None:
    spoiled = with_layer((0.015, 0.015), 0.4, along_normals=False)(shot, np.random.default_rng(2))
    added = spoiled.surface.vertices[len(shot.surface.vertices):]
    assert _off_tube(added).min() < -0.005
    assert _off_tube(added).max() > 0.005
    assert np.abs(_off_tube(added)).max() < 0.02


def test_one_camera_sees_the_half_that_faces_it(shot: Shot) -> None:
    spoiled = front_only(shot, np.random.default_rng(2))
    front = shot.surface.vertices[:, 2] > 0
    # From 2.2 m a little less than half of a tube is seen, at grazing angles less still.
    assert 0.3 < len(spoiled.surface.vertices) / len(front) < 0.5
    assert spoiled.surface.vertices[:, 2].mean() > 0.4 * RADIUS
    assert spoiled.seen is not None
    assert 0.25 < spoiled.seen.mean() < 0.5
    assert shot.posed.vertices[spoiled.seen, 2].min() > -0.5 * RADIUS


def test_nothing_is_seen_behind_a_wall(shot: Shot) -> None:
    anatomy, posed = shot.anatomy, shot.posed
    wall = np.array([(-3, -3, 1), (3, -3, 1), (3, 3, 1), (-3, 3, 1)], float)
    count = len(posed.vertices)
    faces = np.vstack((anatomy.faces, [(count, count + 1, count + 2),
                                       (count, count + 2, count + 3)])).astype(np.int32)
    none = np.zeros(4, bool)
    walled = replace(anatomy, faces=faces, interior=np.concatenate((anatomy.interior, none)))
    behind = replace(shot, anatomy=walled, posed=Posed(np.vstack((posed.vertices, wall)),
                                                       posed.joints))
    seen = front_only(behind, np.random.default_rng(2)).seen
    assert seen is not None
    assert not seen[:count].any()
