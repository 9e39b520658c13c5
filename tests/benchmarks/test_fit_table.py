"""What the benchmark says about results: rates, intervals, comparisons."""

import pytest
from tests.benchmarks.fit_case import CaseResult
from tests.benchmarks.fit_sets import FIT_SETS
from tests.benchmarks.fit_table import compared, sentence, summarized, table, wilson
from tests.synthetic.scoring import Score


def _result(name: str, v2v: float, verdict: str = "good", turned: float = 0.0) -> CaseResult:
    score = Score(v2v, 2 * v2v, v2v, v2v, turned, (), ())
    return CaseResult(name, verdict, (), score.right, score, 1.0, 1.0, {"pose": 2.0, "shape": 3.0},
                      500.0)


def test_wilson_interval_of_a_known_case() -> None:
    # 18 of 20, from the closed form: (r + z^2/2n +- z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n)
    assert wilson(18, 20) == pytest.approx((0.699, 0.972), abs=1e-3)
    assert wilson(0, 5)[0] == 0.0
    assert wilson(5, 5)[1] == 1.0


def test_a_set_is_summed_up() -> None:
    results = [_result("a", 4), _result("b", 6), _result("c", 50), _result("d", 5, turned=180)]
    summary = summarized(results)
    assert (summary.cases, summary.right, summary.wrong_yet_good) == (4, 2, 2)
    assert summary.v2v_mm == pytest.approx(5.5)
    assert summary.seconds == pytest.approx(5.0)
    assert "2 of 4 right" in sentence("set", summary)


def test_a_refused_stranger_counts_and_has_no_medians() -> None:
    summary = summarized([CaseResult("pig", "refused", ("No person.",), True)])
    assert (summary.right, summary.v2v_mm, summary.seconds) == (1, None, None)
    assert "1 of 1 right" in sentence("strangers", summary)


def test_the_table_names_what_went_wrong() -> None:
    lost = CaseResult("x", "poor", (), False, Score(90, 300, 20, 80, 3, ("feet",), ("left_leg",)))
    lines = table([_result("fine", 4), lost]).splitlines()
    assert "yes" in lines[1]
    assert "NO" in lines[2]
    assert lines[2].endswith("swapped feet, lost left_leg")


def test_results_are_compared_case_by_case() -> None:
    before, now = ({"sets": {"s": {"cases": [each.as_json() for each in results]}}} for results in (
        [_result("a", 4), _result("b", 30), _result("gone", 1)],
        [_result("a", 5), _result("b", 6), _result("new", 1)]))
    text = compared(now, before)
    assert "1 -> 2 right of 2 in both" in text
    assert "30.0 ->     6.0 mm" in text
    assert "new" not in text


@pytest.mark.parametrize(("name", "few"), [("standing", 4), ("anyframe", 5), ("strangers", 2)])
def test_quick_takes_a_tenth_but_at_least_two(name: str, few: int) -> None:
    assert len(FIT_SETS[name].numbers(quick=True)) == few
    assert len(FIT_SETS[name].numbers(quick=False)) == FIT_SETS[name].count
