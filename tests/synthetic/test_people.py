"""Whole examples: the scan lies on the person its truth tells of, the same each time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree
from tests.synthetic.files import Truth
from tests.synthetic.people import SETS, hands_in_body, make_set
from tests.synthetic.poses import lowered, standing_pose
from tests.synthetic.posing import pose_subject
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


def test_hands_that_sink_into_the_body_are_noticed(cache: Path) -> None:
    anatomy, (subject,) = load_people([FIRST_SEED], cache)
    pose = standing_pose(np.random.default_rng(1), "t")
    assert not hands_in_body(anatomy, pose_subject(anatomy, subject, pose))
    assert hands_in_body(anatomy, pose_subject(anatomy, subject, lowered(pose, 100.0)))
