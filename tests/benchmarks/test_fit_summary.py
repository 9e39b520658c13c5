"""Rates, intervals, medians, girths, honesty: what a set of results amounts to."""

import json

import pytest
from tests.benchmarks.fit_case import CaseResult
from tests.benchmarks.fit_summary import summarized, wilson
from tests.synthetic.closeness import Closeness
from tests.synthetic.scoring import Score

from likeness.fitting.fit import Spread


def result_of(name: str, v2v: float, verdict: str = "good", turned: float = 0.0, kind: str = "",
              girth: float = 3.0, flipped: int = 0) -> CaseResult:
    """A result with such an error; its waist is off by `girth` mm."""
    score = Score(v2v, 2 * v2v, v2v, v2v, turned, (), ())
    spread = Spread(v2v / 4, v2v / 5, float(v2v))
    close = Closeness(spread, spread, {"waist": girth}, flipped, flipped, flipped, 2.0)
    return CaseResult(name, verdict, (), score.right, score, close, kind, 1.0, 1.0,
                      {"pose": 2.0, "shape": 3.0}, 500.0)


def test_wilson_interval_of_a_known_case() -> None:
    # 18 of 20, from the closed form: (r + z^2/2n +- z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n)
    assert wilson(18, 20) == pytest.approx((0.699, 0.972), abs=1e-3)
    assert wilson(0, 5)[0] == 0.0
    assert wilson(5, 5)[1] == 1.0


def test_a_set_is_summed_up() -> None:
    results = [result_of("a", 4, flipped=2), result_of("b", 6, "check"), result_of("c", 50),
               result_of("d", 5, turned=180)]
    summary = summarized(results)
    assert (summary.share.cases, summary.share.right, summary.wrong_yet_good) == (4, 2, 2)
    assert summary.v2v_mm == pytest.approx(5.5)
    assert summary.surface_mm == pytest.approx(1.1)
    assert summary.seconds == pytest.approx(5.0)
    assert summary.stage_seconds == {"pose": 2.0, "shape": 3.0}
    assert summary.right_called_good == pytest.approx(0.5)
    assert (summary.with_flips, summary.with_folds) == (1, 1)


def test_girths_have_a_sign_and_a_size_and_come_from_right_fits() -> None:
    results = [result_of("a", 4, girth=8), result_of("b", 4, girth=-2),
               result_of("c", 90, girth=99)]
    summary = summarized(results)
    assert summary.girth_bias_mm == {"waist": pytest.approx(3.0)}
    assert summary.girth_mae_mm == {"waist": pytest.approx(5.0)}


def test_kinds_are_summed_up_apart_where_there_are_several() -> None:
    summary = summarized([result_of("a", 4, kind="hair"), result_of("b", 40, kind="hair"),
                          result_of("c", 4, kind="loose")])
    assert {kind: each.share.right for kind, each in summary.kinds.items()} == {"hair": 1,
                                                                               "loose": 1}
    assert summarized([result_of("a", 4, kind="hair")]).kinds == {}


def test_a_result_survives_the_way_through_json() -> None:
    result = result_of("a", 4, kind="hair")
    again = CaseResult.from_json(json.loads(json.dumps(result.as_json())))
    assert summarized([again]) == summarized([result])
    json.dumps(summarized([result, result_of("b", 4)]).as_json())
