"""The pose is looked for beside inspection: with the same result as after it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from likeness.bodies.library import find_body
from likeness.core.progress import silent
from likeness.jobs.cleaning import Prepared
from likeness.jobs.protocol import FitScan, ReadScan
from likeness.jobs.steps import Fitted, fit_scan, open_scan
from likeness.scans.scan import Scan


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The open body, eyeballs and mouth included."""
    return open_scan(ReadScan(_file(tmp_path_factory.mktemp("body")), inspect=False), silent).scan


def _file(folder: Path, *others: trimesh.Trimesh) -> Path:
    body = find_body("open")
    path = folder / "body.ply"
    person = trimesh.Trimesh(body.template, body.faces, process=False)
    trimesh.util.concatenate([person, *others]).export(path)
    return path


def _fitted(path: Path, *, inspected_first: bool) -> Fitted:
    return fit_scan(open_scan(ReadScan(path, inspect=inspected_first), silent), FitScan("none"),
                    silent)


def test_inspected_before_or_meanwhile_the_avatar_is_the_same(tmp_path: Path) -> None:
    path = _file(tmp_path)
    first, second = (_fitted(path, inspected_first=each) for each in (True, False))
    assert first.removed == second.removed
    assert first.removed, "eyeballs should have been taken out"
    np.testing.assert_array_equal(first.fit.vertices, second.fit.vertices)


def test_a_stand_that_is_cleaned_away_does_not_decide_the_pose(tmp_path: Path) -> None:
    low = find_body("open").template[:, 1].min()
    stand = trimesh.creation.box((2.5, 0.01, 2.5)).subdivide().subdivide().subdivide()
    stand.apply_translation((0.0, low - 0.005, 0.0))
    fitted = _fitted(_file(tmp_path, stand), inspected_first=False)
    assert "stand" in fitted.removed
    assert {"start", "pose"} <= set(fitted.seconds)
    assert fitted.fit.distances.scan_to_avatar.mean < 5.0


def test_only_little_taken_from_within_leaves_the_scan_much_as_it_was(scan: Scan) -> None:
    def left(keep: np.ndarray) -> Prepared:
        less = replace(scan, vertices=scan.vertices[keep], normals=None)
        return Prepared(less, ("something",), ())

    count, high = len(scan.vertices), scan.vertices[:, 1].max()
    inner = np.arange(count) % 25 != 0
    inner[scan.vertices.argmin(axis=0)] = inner[scan.vertices.argmax(axis=0)] = True
    assert left(inner).is_much_as(scan)
    assert not replace(left(inner), mended=("turned",)).is_much_as(scan)
    assert not left(np.arange(count) % 10 != 0).is_much_as(scan)
    assert not left(scan.vertices[:, 1] < high - 0.03).is_much_as(scan)
    assert Prepared(scan, (), ()).is_much_as(scan)
