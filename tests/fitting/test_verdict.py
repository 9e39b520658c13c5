"""The verdict: good only without a doubt, and every doubt is said in words."""

from dataclasses import replace

import numpy as np
import pytest

from likeness.fitting.agreement import Agreement
from likeness.fitting.fit import Distances, Spread
from likeness.fitting.solved import build_norm
from likeness.fitting.verdict import Evidence, judge

CLEAR = Evidence(Distances(Spread(1.5, 1.2, 4.0), Spread(1.4, 1.0, 4.0), 0.99),
                 {"left arm": 0.95, "head": 0.9}, shape_norm=1.0, build_norm=1.0,
                 height_m=1.7, unexplained_mm=2.4, shape_count=128,
                 agreement=Agreement(0.06, {"left_hand": 0.2}, 0.0, 0.95), doubted=())


def _with_scan_distance(mean: float, p95: float) -> Evidence:
    return replace(CLEAR, distances=replace(CLEAR.distances,
                                            scan_to_avatar=Spread(mean, mean / 2, p95)))


def test_a_fit_without_doubts_is_good() -> None:
    verdict = judge(CLEAR)
    assert verdict.level == "good"
    assert "1.0 mm" in verdict.reasons[0]


@pytest.mark.parametrize(("evidence", "words"), [
    (replace(CLEAR, unexplained_mm=6.0), "clothing"),
    (replace(CLEAR, part_confidence={"left arm": 0.1}), "left arm"),
    (replace(CLEAR, shape_norm=1.6), "proportions"),
    (replace(CLEAR, build_norm=1.9, height_m=0.67), "Hardly anybody 0.67 m tall"),
    (replace(CLEAR, distances=replace(CLEAR.distances, coverage=0.7)), "30 %"),
    (replace(CLEAR, agreement=Agreement(0.1, {"left_hand": 0.8}, 0.02, 0.9)), "left hand"),
    (replace(CLEAR, doubted=("right_hand",)), "right hand"),
    (_with_scan_distance(20.0, 60.0), "far from the avatar"),
    (_with_scan_distance(8.0, 50.0), "One part in twenty"),
])
def test_a_doubt_asks_for_a_look(evidence: Evidence, words: str) -> None:
    verdict = judge(evidence)
    assert verdict.level == "check"
    assert any(words in reason for reason in verdict.reasons)


@pytest.mark.parametrize(("evidence", "words"), [
    (_with_scan_distance(100.0, 300.0), "does not look like one person"),
    (replace(CLEAR, shape_norm=1.9), "No likely body"),
    (replace(CLEAR, height_m=3.0), "3.00 m tall"),
    (replace(CLEAR, distances=replace(CLEAR.distances, coverage=0.2)), "Only 20 %"),
    (replace(CLEAR, unexplained_mm=6.0, agreement=Agreement(0.5, {}, 0.1, 0.7)), "like a person"),
    (replace(CLEAR, agreement=Agreement(0.1, {}, 0.4, 0.9)), "another person"),
    (replace(CLEAR, unexplained_mm=6.0, agreement=Agreement(0.4, {}, 0.1, 0.75), shape_norm=1.55),
     "like a person"),
    (replace(CLEAR, agreement=Agreement(0.45, {"head": 0.97}, 0.0, 0.85)), "no whole person"),
])
def test_a_wrong_fit_is_poor(evidence: Evidence, words: str) -> None:
    verdict = judge(evidence)
    assert verdict.level == "poor"
    assert any(words in reason for reason in verdict.reasons)


@pytest.mark.parametrize("evidence", [
    replace(CLEAR, unexplained_mm=4.5, agreement=Agreement(0.46, {}, 0.0, 0.89)),  # one side
    replace(CLEAR, unexplained_mm=4.5, agreement=Agreement(0.15, {"head": 1.0}, 0.0, 0.9)),
    replace(CLEAR, unexplained_mm=8.5, agreement=Agreement(0.13, {}, 0.01, 0.85)),  # loose clothes
    replace(CLEAR, unexplained_mm=6.4, agreement=Agreement(0.47, {}, 0.03, 0.82)),  # both
])
def test_half_or_wrapped_people_are_people(evidence: Evidence) -> None:
    assert judge(evidence).level == "check"


def test_few_shape_components_may_leave_more_and_are_named_where_they_leave_too_much() -> None:
    few = replace(CLEAR, unexplained_mm=4.3, shape_count=10)
    assert judge(few).level == "good"
    assert judge(replace(few, shape_count=128)).level == "check"
    too_much = judge(replace(few, unexplained_mm=5.0))
    assert too_much.level == "check"
    assert "10 shape components" in too_much.reasons[0]


def test_what_chance_makes_of_few_betas_is_not_odd() -> None:
    """The root mean square of ten is above 1.45 for one in fifty of those it was made for."""
    draw = np.random.default_rng(0).normal(size=(1000, 10))
    assert (np.sqrt((draw**2).mean(axis=1)) > 1.45).mean() > 0.01
    assert max(build_norm(each) for each in draw) < 1.6
    assert build_norm(np.full(30, 1.7)) == pytest.approx(1.7)


@pytest.mark.parametrize(("shape_norm", "level"), [(1.0, "check"), (1.4, "poor")])
def test_what_hardly_looks_like_a_person_may_not_have_odd_proportions_as_well(
        shape_norm: float, level: str) -> None:
    """As somebody in a robe seen from the front, and as an arm to which a child is bent."""
    evidence = replace(CLEAR, unexplained_mm=8.0, shape_norm=shape_norm,
                       agreement=Agreement(0.38, {}, 0.04, 0.78))
    assert judge(evidence).level == level
