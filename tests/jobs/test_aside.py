"""A process that solves beside inspection finds the same as this one does after it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest
import trimesh

from likeness.bodies.library import find_body
from likeness.core.errors import Cancelled, UsageError, UserError
from likeness.core.progress import silent
from likeness.fitting.fit import FitSettings
from likeness.fitting.seen import Seen, see
from likeness.jobs.aside import Aside, solver_beside
from likeness.jobs.cleaning import Prepared
from likeness.jobs.protocol import FitScan, ReadScan
from likeness.jobs.solving import Solver, SolvesHere
from likeness.jobs.steps import Fitted, fit_scan, open_scan
from likeness.scans.scan import Scan

NONE = FitSettings("none", "cpu")
STAGES = ("load", "start", "pose", "shape", "refine")


@pytest.fixture(scope="module")
def aside() -> Iterator[Aside]:
    """One process for all scans, as in a batch."""
    with Aside() as aside:
        yield aside


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The open body, eyeballs and mouth included."""
    return open_scan(ReadScan(_file(tmp_path_factory.mktemp("body")), inspect=False), silent).scan


def _file(folder: Path, *others: trimesh.Trimesh, inner: bool = True) -> Path:
    body = find_body("open")
    path = folder / "body.ply"
    person = trimesh.Trimesh(body.template, body.faces if inner else body.skin_faces,
                             process=False)
    person.remove_unreferenced_vertices()
    trimesh.util.concatenate([person, *others]).export(path)
    return path


def _stand() -> trimesh.Trimesh:
    low = find_body("open").template[:, 1].min()
    stand = trimesh.creation.box((2.5, 0.01, 2.5)).subdivide().subdivide().subdivide()
    stand.apply_translation((0.0, low - 0.005, 0.0))
    return stand


def _fitted(path: Path, solver: Solver) -> Fitted:
    return fit_scan(open_scan(ReadScan(path, inspect=False), silent), FitScan("none"), silent,
                    solver)


def _both(path: Path, aside: Aside) -> Fitted:
    """What both find, which must be the same."""
    here, beside = (_fitted(path, solver) for solver in (SolvesHere(), aside))
    assert here.removed == beside.removed
    np.testing.assert_array_equal(here.fit.vertices, beside.fit.vertices)
    assert here.seconds.keys() == beside.seconds.keys()
    return beside


def test_a_scan_that_is_clean_already_stays_as_it_was_begun(tmp_path: Path, aside: Aside) -> None:
    assert not _both(_file(tmp_path, inner=False), aside).removed


def test_what_is_taken_from_within_leaves_the_pose(tmp_path: Path, aside: Aside) -> None:
    assert _both(_file(tmp_path), aside).removed, "eyeballs should have been taken out"


def test_a_stand_that_is_cleaned_away_does_not_decide_the_pose(tmp_path: Path,
                                                                aside: Aside) -> None:
    fitted = _both(_file(tmp_path, _stand()), aside)
    assert "stand" in fitted.removed
    assert fitted.fit.distances.scan_to_avatar.mean < 5.0


def test_the_scan_taken_up_last_counts(scan: Scan, aside: Aside) -> None:
    """Even where it is cleaned before the process has looked at any of them."""
    seen, here = see(scan)[1], SolvesHere()
    aside.begin(_moved(seen), find_body("open"), NONE)
    for solver in (aside, here):
        solver.begin(seen, find_body("open"), NONE)
        solver.cleaned(seen, keeps_pose=True)
    first, second = (solver.result(silent).in_scan.transl for solver in (aside, here))
    np.testing.assert_array_equal(first, second)


def test_who_is_told_of_the_body_beforehand_finds_the_same(scan: Scan) -> None:
    """Even where what was told could not be done, and where the process died meanwhile."""
    seen, here = see(scan)[1], SolvesHere()
    with Aside() as told:
        told.expect(find_body("open"), replace(NONE, refinement="utmost"))
        told.begin(seen, find_body("open"), NONE)
        again = told.result(silent)
        told.expect(find_body("open"), NONE)
        told.end()
        told.expect(find_body("open"), NONE)
        told.begin(seen, find_body("open"), NONE)
        anew = told.result(silent)
    here.begin(seen, find_body("open"), NONE)
    expected = here.result(silent).in_scan.betas
    for found in (again, anew):
        np.testing.assert_array_equal(found.in_scan.betas, expected)


def _moved(seen: Seen) -> Seen:
    fine, coarse = (replace(each, points=each.points + np.float32(5.0))
                    for each in (seen.fine, seen.coarse))
    return replace(seen, fine=fine, coarse=coarse)


def test_what_is_refused_there_is_refused_here(scan: Scan, aside: Aside) -> None:
    aside.begin(see(scan)[1], find_body("open"), replace(NONE, refinement="utmost"))
    with pytest.raises(UsageError, match="utmost"):
        aside.result(silent)


def test_who_cancels_while_waiting_need_not_wait(scan: Scan) -> None:
    told = []

    def cancel(stage: str, fraction: float) -> None:
        told.append(stage)
        raise Cancelled

    with Aside() as aside:
        aside.begin(see(scan)[1], find_body("open"), NONE)
        with pytest.raises(Cancelled):
            aside.result(cancel)
    assert told == ["load"], "it should not have waited for a stage"


def test_stages_are_told_in_turn_and_only_of_the_scan_that_counts(scan: Scan, aside: Aside) -> None:
    seen, told = see(scan)[1], []
    aside.begin(seen, find_body("open"), NONE)
    aside.result(silent)
    aside.begin(seen, find_body("open"), NONE)
    aside.result(lambda stage, fraction: told.append(stage))
    assert list(dict.fromkeys(told)) == sorted(set(told), key=STAGES.index)
    assert "shape" in told
    assert told[0] in STAGES[:2], "what is told of an earlier scan should not count"


def test_after_a_process_was_ended_another_takes_the_next_scan(scan: Scan) -> None:
    seen, body = see(scan)[1], find_body("open")
    with Aside() as aside:
        aside.begin(seen, body, NONE)
        aside.end()
        with pytest.raises(UserError, match="ended the process"):
            aside.result(silent)
        aside.begin(seen, body, NONE)
        assert np.isfinite(aside.result(silent).in_scan.transl).all()


def test_nobody_sends_any_more_once_it_is_ended(scan: Scan) -> None:
    """Else what is still under way goes to the next process, if that gets the same line."""
    body = find_body("open")
    before = set(threading.enumerate())
    with Aside() as aside:
        aside.begin(see(scan)[1], body, NONE)
        aside.end()
        assert set(threading.enumerate()) <= before


def test_a_bug_there_is_a_bug_here(scan: Scan, aside: Aside) -> None:
    seen = see(scan)[1]
    none = replace(seen.coarse, points=seen.coarse.points[:0], normals=seen.coarse.normals[:0],
                   area=seen.coarse.area[:0])
    aside.begin(replace(seen, coarse=none), find_body("open"), NONE)
    with pytest.raises(ChildProcessError, match="Traceback"):
        aside.result(silent)


def test_where_no_process_can_start_this_one_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process: BaseProcess) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(BaseProcess, "start", refuse)
    with solver_beside() as solver:
        assert isinstance(solver, SolvesHere)


def test_the_process_ends_with_one_that_ends_without_a_word() -> None:
    code = ("import os\nfrom likeness.jobs.aside import Aside\n"
            "if __name__ == '__main__':\n    Aside()\n    os._exit(0)\n")
    # Its output ends when the last process that holds it has ended.
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)


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
