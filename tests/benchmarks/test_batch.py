"""Several processes fit all scans of a batch."""

from pathlib import Path

import trimesh
from tests.benchmarks.batch import fit_batch

from likeness.bodies.library import find_body
from likeness.fitting.fit import FitSettings


def test_every_scan_is_fitted_and_timed(tmp_path: Path) -> None:
    body, scans = find_body("open"), []
    for turn in range(3):
        person = trimesh.Trimesh(body.template, body.skin_faces, process=False)
        person.apply_transform(trimesh.transformations.rotation_matrix(turn, (0, 1, 0)))
        scans.append(tmp_path / f"{turn}.ply")
        person.export(scans[-1])
    times = fit_batch(scans, FitSettings("none", "cpu"), 2)
    assert len(times.each) == 3
    assert max(times.each) <= times.together
