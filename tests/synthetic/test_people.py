"""Whole examples: the scan lies on the person its truth tells of, the same each time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree
from tests.synthetic.files import Truth
from tests.synthetic.people import SETS, far_frame, hands_in_body, make_set
from tests.synthetic.poses import lowered, standing_pose
from tests.synthetic.posing import Posed, pose_subject
from tests.synthetic.scanner import Scanner
from tests.synthetic.subjects import FIRST_SEED, load_people

from likeness.core.progress import silent
from likeness.scans.reading import ReadSettings, read_scan


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the people in it, so that only the first test waits for them."""
    pytest.importorskip("anny", reason="only the benchmarks need anny")
    folder = tmp_path_factory.mktemp("people")
    load_people([FIRST_SEED, FIRST_SEED + 7], folder)
    return folder


def test_a_scan_lies_on_its_truth_in_unit_axes_and_place(cache: Path) -> None:
    few = replace(SETS["standing"], name="few", scanner=Scanner(20_000))
    for example in make_set(few, [0, 7], cache):  # metres, y up; inches, z up
        assert example.truth is not None
        truth = Truth.read(example.truth)
        scan = read_scan(example.scan, ReadSettings(), silent)
        back = np.linalg.inv(scan.world_from_scan)
        points = (scan.vertices @ back[:3, :3].T + back[:3, 3]) * float(truth.metres_per_unit)
        skin = truth.vertices[~truth.interior]
        # Nearest vertices, not triangles: up to half an edge of the model apart.
        assert np.percentile(cKDTree(skin).query(points)[0], 95) < 0.02
        assert np.percentile(cKDTree(points).query(skin)[0], 75) < 0.01
        assert np.linalg.norm(truth.facing) == pytest.approx(1.0)
        # Toes lie ahead of the ankles: the direction named is the one the person faces.
        ahead = truth.joints[[10, 11]].mean(axis=0) - truth.joints[[7, 8]].mean(axis=0)
        assert ahead @ truth.facing > 0.7 * np.linalg.norm(ahead)


def test_the_same_example_has_the_same_bytes(cache: Path) -> None:
    few = replace(SETS["standing"], scanner=Scanner(10_000))
    first, again = (make_set(replace(few, name=name), [0], cache)[0] for name in ("one", "two"))
    assert first.scan.read_bytes() == again.scan.read_bytes()


def test_every_axis_meets_every_unit_twenty_metres_away() -> None:
    posed, draw = Posed(np.ones((4, 3)), np.ones((52, 3))), np.random.default_rng(1)
    frames = [far_frame(n, posed, draw) for n in range(SETS["anyframe"].count)]
    assert len({(frame.unit, frame.up) for frame in frames}) == 24
    for frame in frames:
        pelvis = frame.placed(posed.joints)[0]
        assert np.linalg.norm(pelvis) == pytest.approx(20.0)


def test_later_scans_of_a_set_are_denser_when_asked(cache: Path) -> None:
    few = replace(SETS["standing"], name="dense", scanner=Scanner(10_000), denser_from=7)
    points = [len(read_scan(each.scan, ReadSettings(), silent).vertices)
              for each in make_set(few, [0, 7], cache)]
    assert points[1] > 1.05 * points[0]


def test_hands_that_sink_into_the_body_are_noticed(cache: Path) -> None:
    anatomy, (subject,) = load_people([FIRST_SEED], cache)
    pose = standing_pose(np.random.default_rng(1), "t")
    assert not hands_in_body(anatomy, pose_subject(anatomy, subject, pose))
    assert hands_in_body(anatomy, pose_subject(anatomy, subject, lowered(pose, 100.0)))
