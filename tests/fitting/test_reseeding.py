"""Limbs that a standing start cannot reach are found again, and so is the way that is up."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.fitting.conftest import Person

from likeness.bodies.body import PARTS, Body
from likeness.core.errors import Cancelled
from likeness.core.progress import silent
from likeness.fitting import pipeline, reseeding, stages
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.model import State
from likeness.fitting.pipeline import fit_body
from likeness.fitting.reseeding import _pairs, arms_about, limbs
from likeness.scans.placing import UPRIGHT
from likeness.scans.scan import Choice, Scan

CPU = torch.device("cpu")
RAISED = -1.35  # radians below horizontal: almost straight up


def _mean_mm(fit: Fit, vertices: np.ndarray, body: Body, part: str) -> float:
    frame = fit.world_from_scan
    errors = np.linalg.norm(fit.vertices - vertices @ frame[:3, :3].T - frame[:3, 3], axis=1)
    return float(1000 * errors[body.parts == PARTS.index(part)].mean())


def _worst_limb_mm(fit: Fit, vertices: np.ndarray, body: Body) -> float:
    return max(_mean_mm(fit, vertices, body, part)
               for part in ("left_hand", "right_hand", "left_foot", "right_foot", "head"))


def test_raised_arms_are_found(open_body: Body, make_person: Callable,
                               monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person(2, arms=RAISED, yaw=0.4)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, person.vertices, open_body) < 30

    monkeypatch.setattr(stages, "has_strayed", lambda *_: False)
    monkeypatch.setattr(stages, "lost_limbs", lambda *_: [])
    without = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(without, person.vertices, open_body) > 100


FOLDED = {16: (0.13, -0.42, 0.0), 18: (0.06, -2.0, 1.12), 20: (-0.17, -0.4, 0.5)}


@pytest.mark.parametrize("seed", [0, 4])
def test_a_forearm_across_the_chest_is_found_without_its_hand(open_body: Body,
                                                              make_person: Callable, seed: int,
                                                              ) -> None:
    person = make_person(seed, arms=1.0, yaw=0.4, bent=FOLDED, without=("left_hand",))
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _mean_mm(fit, person.vertices, open_body, "left_arm") < 15


CROSSED = {
    3: (0.39, 0.13, 0.03),
    6: (0.23, 0.14, -0.01),
    9: (0.06, 0.07, -0.09),
    13: (0.15, -0.01, 0.0),
    14: (0.09, 0.08, 0.04),
    16: (-0.21, -1.48, -1.36),
    17: (-0.31, 1.84, 0.83),
    18: (-0.03, -1.04, 0.47),
    19: (0.05, 0.26, -0.14),
    20: (-1.0, 0.11, 0.76),
    21: (0.76, -0.25, -0.84),
}


def test_hands_of_crossed_forearms_are_not_taken_for_each_other(
        open_body: Body, make_person: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where either forearm is drawn in until its hand reaches the other's place."""
    person = make_person(6, arms=0.0, bent=CROSSED)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, person.vertices, open_body) < 10

    monkeypatch.setattr(pipeline, "arms_again", lambda *_: None)
    without = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(without, person.vertices, open_body) > 50


def test_trying_again_can_be_cancelled(open_body: Body, make_person: Callable) -> None:
    def stop(stage: str, fraction: float) -> None:
        if (stage, fraction) == ("start", 1.0):  # said only once limbs are tried again
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_body(make_person(2, arms=RAISED, yaw=0.4).scan, open_body, FitSettings("none"), stop)


def test_a_doubtful_up_axis_is_settled_by_the_fit(open_body: Body, make_person: Callable) -> None:
    person = make_person(3)
    turn = UPRIGHT["-y"].astype(np.float32)
    scan = replace(person.scan, vertices=person.scan.vertices @ turn.T,
                   normals=person.scan.normals @ turn.T, up=Choice("+y", "check it.",
                                                                   rivals=("-y",)))
    fit = fit_body(scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, person.vertices @ turn.T, open_body) < 20
    head, foot = (fit.joints[open_body.joint_names.index(name), 1]
                  for name in ("head", "left_foot"))
    assert head > foot + 1
    assert abs(fit.vertices[:, 1].min()) < 0.01  # feet on the ground


def _turned(person: Person, axis: str) -> tuple[Scan, np.ndarray]:
    """The scan of somebody for whom another axis is up, which nobody doubts, and the truth."""
    turn = UPRIGHT[axis].astype(np.float32)
    scan = replace(person.scan, vertices=person.scan.vertices @ turn.T,
                   normals=person.scan.normals @ turn.T)
    return scan, person.vertices @ turn.T


@pytest.mark.parametrize("axis", ["-y", "-x", "+z"])
def test_people_on_hands_side_or_back_are_found(open_body: Body, make_person: Callable,
                                                axis: str) -> None:
    scan, vertices = _turned(make_person(4, arms=0.9), axis)
    fit = fit_body(scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, vertices, open_body) < 20


KNEELING = {4: (1.6, 0.0, 0.0), 5: (1.6, 0.0, 0.0)}
CROUCHING = {1: (-1.9, 0.0, 0.0), 2: (-1.9, 0.0, 0.0), 3: (0.4, 0.0, 0.0),
             4: (2.2, 0.0, 0.0), 5: (2.2, 0.0, 0.0)}


@pytest.mark.parametrize(("seed", "bent"), [(2, KNEELING), (1, CROUCHING)],
                         ids=["kneeling", "crouching"])
def test_raised_arms_of_who_is_not_on_their_feet_are_not_taken_for_legs(
        open_body: Body, make_person: Callable, seed: int, bent: dict) -> None:
    person = make_person(seed, arms=-1.3, yaw=0.4, bent=bent)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, person.vertices, open_body) < 20


def test_what_lies_side_by_side_makes_a_pair() -> None:
    left_arm, right_arm, left_leg, right_leg = limbs(CPU)
    both = _pairs([left_arm, right_arm, left_leg, right_leg])
    assert [each.joints for each in both] == [left_arm.joints + right_arm.joints,
                                              left_leg.joints + right_leg.joints]
    assert torch.equal(both[1].places[:, :4], left_leg.places)
    assert torch.equal(both[1].places[:, 4:], right_leg.places)
    assert _pairs([right_arm, left_leg]) == []


def test_arms_are_tried_about_where_they_are_alike_on_both_sides() -> None:
    """Of somebody who stands alike on both sides, as in a mirror."""
    still = State(torch.eye(3).repeat(1, 22, 1, 1), torch.zeros(1, 3), torch.zeros(1, 10))
    left, right = arms_about(still, torch.zeros(22, 3))
    mirror = torch.tensor((1.0, -1.0, -1.0))
    torch.testing.assert_close(left.places * mirror, right.places)
    assert len(torch.unique(left.places[:, 2], dim=0)) == len(left.places)


UPRIGHT_ON_KNEES = {1: (-0.05, 0.0, 0.1), 2: (-0.05, 0.0, -0.1),
                    4: (1.75, 0.0, 0.0), 5: (1.75, 0.0, 0.0)}


def test_two_legs_are_found_together_that_neither_is_found_alone(
        open_body: Body, make_person: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the one leg that stays holds the trunk too low for the other to kneel."""
    person = make_person(3, arms=-1.3, yaw=0.4, bent=UPRIGHT_ON_KNEES)
    fit = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, person.vertices, open_body) < 20

    monkeypatch.setattr(reseeding, "_pairs", lambda *_: [])
    without = fit_body(person.scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(without, person.vertices, open_body) > 100


def test_they_would_be_lost_otherwise(open_body: Body, make_person: Callable,
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    scan, vertices = _turned(make_person(4, arms=0.9), "-y")
    monkeypatch.setattr(stages, "_anywhere", lambda *_: iter(()))
    fit = fit_body(scan, open_body, FitSettings("none"), silent)
    assert _worst_limb_mm(fit, vertices, open_body) > 100
