"""After a fit, findings are where the body says: its left is the person's left."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from likeness.bodies.library import find_body
from likeness.bodies.regions import spots_of
from likeness.core.progress import silent
from likeness.fitting.fit import Verdict
from likeness.jobs.locating import located
from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan
from likeness.jobs.reopening import reopened
from likeness.jobs.results import write_results
from likeness.jobs.steps import Fitted, fit_scan, open_scan
from likeness.scans.inspection import Finding

BALL = (0.09, -0.32, 0.0)  # from the middle of the hips: in the left thigh


@pytest.fixture(scope="module")
def turned_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open body facing backwards, its right sole missing, a ball in its left thigh, one eye."""
    body = find_body("open")
    sole = np.array([spot == "sole of the right foot" for spot in spots_of(body)])
    faces = body.skin_faces[~sole[body.skin_faces].any(axis=1)]
    used, faces = np.unique(faces, return_inverse=True)
    person = trimesh.Trimesh(body.template[used], faces.reshape(-1, 3), process=False)
    ball = trimesh.creation.icosphere(2, 0.03)
    hips = (body.joint_regressor @ body.template)[body.joint_names.index("pelvis")]
    ball.apply_translation(hips + BALL)
    assert body.eyes is not None
    left_eye = (body.eyes & (body.template[:, 0] > 0))[body.faces].all(axis=1)
    eye = trimesh.Trimesh(body.template, body.faces[left_eye], process=False)
    eye.remove_unreferenced_vertices()
    everything = trimesh.util.concatenate([person, ball, eye])
    everything.apply_transform(trimesh.transformations.rotation_matrix(np.pi, (0, 1, 0)))
    path = tmp_path_factory.mktemp("turned") / "turned.ply"
    everything.export(path)
    return path


@pytest.fixture(scope="module")
def turned(turned_file: Path) -> Fitted:
    """It, fitted, with the ball left out."""
    return fit_scan(open_scan(ReadScan(turned_file), silent), FitScan("none"), silent)


def only(findings: tuple[Finding, ...], wanted: Callable[[Finding], bool]) -> Finding:
    found = [each for each in findings if wanted(each)]
    assert len(found) == 1, [each.name for each in findings]
    return found[0]


def is_sole(finding: Finding) -> bool:
    return finding.kind == "hole" and finding.area_m2 > 0.002


def test_sides_are_those_of_the_person_who_faces_away(turned: Fitted):
    findings = turned.opened.known_findings
    assert only(findings, is_sole).name == "hole at the sole of the right foot"
    assert only(findings, lambda each: "eyeball" in each.name).name == "left eyeball"
    ball = only(findings, lambda each: "piece" in each.name)
    assert ball.name == "piece inside the left thigh"
    assert "left thigh" in ball.sentence
    assert set(turned.removed) == {"left eyeball", ball.name}


def test_all_but_the_words_stays(turned: Fitted, turned_file: Path):
    before = open_scan(ReadScan(turned_file), silent).known_findings
    for old, new in zip(before, turned.opened.known_findings, strict=True):
        assert (old.id, old.kind, old.confidence) == (new.id, new.kind, new.confidence)
        np.testing.assert_array_equal(old.faces, new.faces)


def test_a_fit_that_knows_nothing_renames_nothing(turned: Fitted, turned_file: Path):
    opened = open_scan(ReadScan(turned_file), silent)
    poor = replace(turned.fit, verdict=Verdict("poor", ("It is not a person.",)))
    told = located(opened.known_findings, opened.scan, turned.body, poor)
    assert [each.name for each in told] == [each.name for each in opened.known_findings]


def test_the_report_tells_it_and_a_result_opened_again(turned: Fitted, tmp_path: Path):
    write_results(turned, ExportAvatar(tmp_path, ("npz",)), silent)
    report = json.loads((tmp_path / "report.json").read_text())
    assert "hole at the sole of the right foot" in [each["name"] for each in report["findings"]]
    again = reopened(tmp_path, silent)
    assert [each.name for each in again.opened.known_findings] == [
        each.name for each in turned.opened.known_findings]
    assert again.removed == turned.removed
