"""The whole fit: known people come back, levels order themselves, doubts are said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.synthetic.closeness import crossing, flipped

from likeness.bodies.body import Body
from likeness.bodies.pose import pose_body
from likeness.core.errors import Cancelled, UsageError
from likeness.core.progress import silent
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.pipeline import fit_body
from likeness.scans.scan import Choice, Scan, Source


def _errors_mm(fit: Fit, vertices: np.ndarray, body: Body) -> np.ndarray:
    """Distances of corresponding skin vertices, in the fit's frame."""
    frame = fit.world_from_scan
    truth = vertices @ frame[:3, :3].T + frame[:3, 3]
    return np.linalg.norm(fit.vertices - truth, axis=1)[~body.interior] * 1000


@pytest.mark.parametrize(("seed", "arms", "yaw"), [(1, 0.7, 2.0), (2, 0.0, -1.1), (3, 1.2, 3.0)])
def test_known_people_come_back(open_body: Body, make_person: Callable, seed: int, arms: float,
                                yaw: float) -> None:
    person = make_person(seed, arms, yaw)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    errors = _errors_mm(fit, person.vertices, open_body)
    assert errors.mean() < 6
    assert np.percentile(errors, 95) < 15
    assert fit.verdict.level == "good"


def test_answer_faces_forward_in_its_own_frame(open_body: Body, make_person: Callable) -> None:
    person = make_person(4, 0.5, yaw=-2.5)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    left, right = (fit.joints[open_body.joint_names.index(name)]
                   for name in ("left_hip", "right_hip"))
    across = left - right
    assert across[0] > 5 * abs(across[2])
    turn = fit.world_from_scan[:3, :3]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)


def test_freer_levels_lie_closer_to_a_clean_scan(open_body: Body, make_person: Callable) -> None:
    person = make_person(5)
    bumped = person.scan.vertices.copy()
    bumped += 0.006 * np.sin(bumped[:, 1:2] * 25) * person.scan.normals
    scan = replace(person.scan, vertices=bumped.astype(np.float32))
    medians = [fit_body(scan, open_body, FitSettings(level), silent).distances.scan_to_avatar.median
               for level in ("none", "low", "standard", "high")]
    assert medians == sorted(medians, reverse=True)
    assert medians[3] < 0.6 * medians[0]


def test_an_avatar_does_not_run_through_itself(open_body: Body, make_person: Callable) -> None:
    """Its model does: with these arms down the armpits stand a little one in the other."""
    person = make_person(7, arms=1.34)
    bare, avatar = (fit_body(person.scan, open_body, FitSettings(level), silent)
                    for level in ("none", "standard"))
    model = pose_body(open_body, bare.parameters).vertices
    assert crossing(model, open_body.skin_faces).sum() > 10
    assert not crossing(bare.vertices, open_body.skin_faces).any()
    assert not crossing(avatar.vertices, open_body.skin_faces).any()


def test_without_refinement_only_where_skin_meets_itself_does_it_leave_the_shape_space(
        open_body: Body, make_person: Callable) -> None:
    """Elbows bent far fold the skin of their insides, as linear blending does."""
    person = make_person(8, bent={18: (0.0, -1.9, 0.0), 19: (0.0, 1.9, 0.0)})
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    model = pose_body(open_body, fit.parameters).vertices.astype(np.float32)
    faces = open_body.skin_faces
    assert flipped(open_body, model, faces).any()
    assert not flipped(open_body, fit.vertices, faces).any()
    moved = np.linalg.norm(fit.displacements, axis=1)
    assert 0 < (moved > 0).sum() < 0.06 * len(moved)
    assert moved.max() < 0.05


def test_where_the_scan_is_silent_the_surface_is_the_models(open_body: Body,
                                                            make_person: Callable) -> None:
    person = make_person(6, without=("right_hand",))
    fit = fit_body(person.scan, open_body, FitSettings("high"), silent)
    hand = (open_body.parts == 5) & ~open_body.interior
    torso = (open_body.parts == 1) & ~open_body.interior
    assert fit.confidence[hand].mean() < 0.3 < 0.9 < fit.confidence[torso].mean()
    assert np.linalg.norm(fit.displacements[hand], axis=1).mean() < 0.004
    assert fit.verdict.level == "check"
    assert any("right hand" in reason for reason in fit.verdict.reasons)


def test_a_ball_is_no_person(open_body: Body) -> None:
    draw = np.random.default_rng(0)
    normals = draw.normal(size=(20_000, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    ball = Scan((0.9 * normals).astype(np.float32), np.zeros((0, 3), np.int32), Choice("m", ""),
                Choice("+y", ""), Source("ball.ply", "", 20_000, 0), np.eye(4),
                normals.astype(np.float32))
    fit = fit_body(ball, open_body, FitSettings("none"), silent)
    assert fit.verdict.level == "poor"


def test_progress_never_goes_back(open_body: Body, make_person: Callable) -> None:
    told: list[tuple[str, float]] = []
    fit_body(make_person(7).scan, open_body, FitSettings("low"),
             lambda stage, part: told.append((stage, part)))
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == ["start", "pose", "shape", "refine", "measure"]
    order = [stages.index(stage) + part for stage, part in told]
    assert order == sorted(order)


def test_same_scan_gives_the_same_bytes(open_body: Body, make_person: Callable) -> None:
    person = make_person(7, points=15_000)
    first, second = (fit_body(person.scan, open_body, FitSettings("standard"), silent)
                     for _ in range(2))
    assert first.vertices.tobytes() == second.vertices.tobytes()
    assert first.displacements.tobytes() == second.displacements.tobytes()


def test_one_thread_gives_what_two_give(open_body: Body, make_person: Callable) -> None:
    """To a tenth of a millimetre, at every vertex."""
    person, before = make_person(7, points=15_000), torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(fit_body(person.scan, open_body, FitSettings("high"), silent).vertices)
    finally:
        torch.set_num_threads(before)
    assert np.linalg.norm(found[0] - found[1], axis=1).max() < 1e-4


@pytest.mark.parametrize("stage", ["start", "pose", "shape", "refine", "measure"])
def test_cancelling_ends_the_fit_at_once(open_body: Body, make_person: Callable,
                                         stage: str) -> None:
    seen: list[str] = []

    def stop(at: str, fraction: float) -> None:
        seen.append(at)
        if at == stage:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_body(make_person(8, points=5_000).scan, open_body, FitSettings("standard"), stop)
    assert seen.count(stage) == 1


def test_unknown_settings_are_refused(open_body: Body, make_person: Callable) -> None:
    scan = make_person(9, points=2_000).scan
    with pytest.raises(UsageError, match="no refinement called 'extreme'"):
        fit_body(scan, open_body, FitSettings("extreme"), silent)


def test_a_body_stays_inside_loose_clothes(open_body: Body, make_person: Callable) -> None:
    person = make_person(7, arms=0.3, yaw=0.0)

    def covered(points: np.ndarray) -> np.ndarray:
        """From knees to waist, without hands: how much of the cloth hangs there."""
        height = (points[:, 1] - person.vertices[:, 1].min()) / np.ptp(person.vertices[:, 1])
        return np.exp(-((height - 0.42) / 0.14) ** 4) * (np.abs(points[:, 0] - 0.1) < 0.25)

    folds = 0.03 + 0.02 * np.sin(40 * person.scan.vertices[:, :1])
    away = covered(person.scan.vertices)[:, None] * folds
    scan = replace(person.scan, vertices=(person.scan.vertices + away * person.scan.normals
                                          ).astype(np.float32))
    below = covered(person.vertices)[~open_body.interior] > 0.5
    errors = {clothed: _errors_mm(fit_body(scan, open_body,
                                           FitSettings("standard", clothed=clothed), silent),
                                  person.vertices, open_body)[below].mean()
              for clothed in (False, True)}
    assert errors[True] < 0.75 * errors[False]


def _together(*scans: Scan) -> Scan:
    return replace(scans[0], vertices=np.concatenate([each.vertices for each in scans]),
                   normals=np.concatenate([each.normals for each in scans]))


def test_an_adult_of_the_size_of_a_child_is_to_be_checked(open_body: Body, make_person: Callable,
                                                          ) -> None:
    """As a file in inches whose numbers were taken for centimetres, however closely it fits."""
    person = make_person(3, arms=0.8).scan
    small = replace(person, vertices=person.vertices / np.float32(2.54))
    verdict = fit_body(small, open_body, FitSettings("none"), silent).verdict
    assert verdict.level == "check"
    assert any("check the unit" in reason for reason in verdict.reasons)


def test_a_ball_for_a_hand_is_to_be_checked(open_body: Body, make_person: Callable) -> None:
    """A hand is laid into it that covers all of it, and is a guess."""
    person = make_person(1, points=100_000, without=("left_hand",))
    palm = person.vertices[open_body.skin_weights[:, 20] > 0.9]
    draw = np.random.default_rng(5).normal(size=(2500, 3))
    normals = (draw / np.linalg.norm(draw, axis=1, keepdims=True)).astype(np.float32)
    ball = replace(person.scan, normals=normals,
                   vertices=(palm.mean(axis=0) + 0.045 * normals).astype(np.float32))
    verdict = fit_body(_together(person.scan, ball), open_body, FitSettings("none"),
                       silent).verdict
    assert verdict.level == "check"
    assert any("left hand" in reason for reason in verdict.reasons)


def test_two_people_are_not_one(open_body: Body, make_person: Callable) -> None:
    first, second = make_person(1, 1.2, 0.0).scan, make_person(2, 1.2, 0.5).scan
    second = replace(second, vertices=second.vertices + np.float32((0.8, 0, 0)))
    fit = fit_body(_together(first, second), open_body, FitSettings("none"), silent)
    assert fit.verdict.level == "poor"
    assert any("another person" in reason for reason in fit.verdict.reasons)


def test_a_table_is_no_person(open_body: Body) -> None:
    draw = np.random.default_rng(0)
    parts = [((0.0, 0.74, 0.0), (1.2, 0.03, 0.7))]
    parts += [((x, 0.36, z), (0.06, 0.72, 0.06)) for x in (-0.55, 0.55) for z in (-0.3, 0.3)]
    points, normals = [], []
    for centre, size in parts:
        for axis in range(3):
            for side in (-1.0, 1.0):
                area = np.prod(np.delete(size, axis))
                on = draw.uniform(-0.5, 0.5, (max(50, int(20_000 * area)), 3))
                on[:, axis] = side / 2
                points.append(on * size + centre)
                normals.append(np.tile(side * np.eye(3)[axis], (len(on), 1)))
    cloud = np.concatenate(points).astype(np.float32)
    table = Scan(cloud, np.zeros((0, 3), np.int32), Choice("m", ""), Choice("+y", ""),
                 Source("table.ply", "", len(cloud), 0), np.eye(4),
                 np.concatenate(normals).astype(np.float32))
    assert fit_body(table, open_body, FitSettings("standard"), silent).verdict.level == "poor"
