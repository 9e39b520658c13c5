"""A unit that no height tells is told by the build of who is in the file."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.errors import Cancelled
from likeness.core.progress import silent
from likeness.jobs.job import Job, run_job
from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan
from likeness.jobs.reopening import reopened
from likeness.jobs.steps import open_scan
from likeness.scans.reading import ReadSettings, read_scan
from likeness.scans.units import METRES

# The first component of shape is that of age: small children, and adults who are tall.
PEOPLE = {"child": (4.0, "cm"), "adult": (-2.4, "in"), "child who crouches": (3.4, "cm")}
CROUCHING = {1: -1.9, 2: -1.9, 3: 0.4, 4: 2.2, 5: 2.2}  # radians forwards, by joint


def _file(folder: Path, who: str) -> Path:
    size, unit = PEOPLE[who]
    body = find_body("open")
    betas, pose = np.zeros(body.shape_count), np.zeros((21, 3))
    betas[0], pose[15, 2], pose[16, 2] = size, -0.9, 0.9
    if "crouches" in who:
        pose[[joint - 1 for joint in CROUCHING], 0] = list(CROUCHING.values())
    vertices = pose_body(body, BodyParameters(betas, np.zeros(3), np.zeros(3),
                                              {"body_pose": pose.ravel()})).vertices
    used, faces = np.unique(body.skin_faces, return_inverse=True)
    person = trimesh.Trimesh(vertices[used], faces.reshape(-1, 3), process=False)
    person = person.subdivide()
    person.apply_scale(1 / METRES[unit])
    person.export(path := folder / "person.ply")
    return path


@pytest.mark.parametrize("who", PEOPLE)
def test_a_child_and_an_adult_of_the_same_numbers_are_told_apart(who: str, tmp_path: Path) -> None:
    path = _file(tmp_path, who)
    assert read_scan(path, ReadSettings(), silent).unit.rivals
    scan = open_scan(ReadScan(path, inspect=False), silent).scan
    assert scan.unit.value == PEOPLE[who][1]
    assert "proportions" in scan.unit.reason
    assert not scan.unit.rivals


@pytest.mark.parametrize("unit", ["cm", "in"])
def test_what_the_user_says_is_not_asked_again(unit: str, tmp_path: Path) -> None:
    scan = open_scan(ReadScan(_file(tmp_path, "child"), unit=unit, inspect=False), silent).scan
    assert (scan.unit.value, scan.unit.given) == (unit, True)


def test_telling_can_be_cancelled(tmp_path: Path) -> None:
    def stop(stage: str, part: float) -> None:
        if stage == "size" and part > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        open_scan(ReadScan(_file(tmp_path, "adult"), inspect=False), stop)


def test_it_is_read_as_if_the_user_had_said_so(tmp_path: Path) -> None:
    path = _file(tmp_path, "child")
    told, given = (open_scan(ReadScan(path, unit=unit, inspect=False), silent).scan
                   for unit in ("auto", "cm"))
    assert told.vertices.tobytes() == given.vertices.tobytes()
    assert told.world_from_scan.tobytes() == given.world_from_scan.tobytes()


def test_a_result_opens_again_in_the_unit_that_was_found(tmp_path: Path) -> None:
    """Without asking anew, and as something that was found and not said."""
    scan, folder, stages = _file(tmp_path, "child"), tmp_path / "result", set()
    run_job(Job(ReadScan(scan), FitScan("none"), ExportAvatar(folder, ("npz",))), silent)
    opened = reopened(folder, lambda stage, _: stages.add(stage)).opened
    assert (opened.scan.unit.value, opened.scan.unit.given) == ("cm", False)
    assert "proportions" in opened.scan.unit.reason
    assert opened.request.unit == "auto"
    assert "size" not in stages
