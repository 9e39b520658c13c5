"""What the benchmark says about results: lines, comparisons, what a quick run takes."""

import json

import pytest
from tests.benchmarks.fit_case import CaseResult
from tests.benchmarks.fit_sets import FIT_SETS
from tests.benchmarks.fit_summary import summarized
from tests.benchmarks.fit_table import compared, sentence, summary_text, table
from tests.benchmarks.test_fit_summary import result_of
from tests.synthetic.scoring import Score


def test_a_refused_stranger_counts_and_has_no_medians() -> None:
    summary = summarized([CaseResult("pig", "refused", ("No person.",), True)])
    assert (summary.share.right, summary.v2v_mm, summary.seconds) == (1, None, None)
    assert "1 of 1 right" in sentence("strangers", summary)


def test_the_table_names_what_went_wrong() -> None:
    lost = CaseResult("x", "poor", (), False, Score(90, 300, 20, 80, 3, ("feet",), ("left_leg",)))
    lines = table([result_of("fine", 4), lost]).splitlines()
    assert "yes" in lines[1]
    assert "NO" in lines[2]
    assert lines[2].endswith("swapped feet, lost left_leg")


def test_results_are_compared_case_by_case() -> None:
    before, now = ({"sets": {"s": {"cases": [each.as_json() for each in results]}}} for results in (
        [result_of("a", 4), result_of("b", 30), result_of("gone", 1)],
        [result_of("a", 5), result_of("b", 6), result_of("new", 1)]))
    text = compared(now, before)
    assert "1 -> 2 right of 2 in both" in text
    assert "30.0 ->     6.0 mm" in text
    assert "new" not in text


def test_a_set_of_kinds_has_a_line_a_kind_and_girths() -> None:
    results = [result_of("a", 4, kind="hair"), result_of("b", 30, kind="loose", girth=-6.0)]
    lines = summary_text("messy", summarized(results), "9 of 10").splitlines()
    assert lines[0].endswith("Bar: 9 of 10.")
    assert "waist +3.0 (3.0)" in lines[1]  # the wrong fit's is left out
    assert "hair: 1 of 1 right" in lines[-2]
    assert "loose: 0 of 1 right" in lines[-1]


def test_a_file_that_measured_less_is_compared_without_what_it_lacks() -> None:
    now = {"sets": {"s": {"cases": [result_of("a", 5).as_json()]}}}
    before = json.loads(json.dumps({"sets": {"s": {"cases": [result_of("a", 8).as_json()]}}}))
    del before["sets"]["s"]["cases"][0]["closeness"]["folded"]
    text = compared(now, before)
    assert "8.0 ->     5.0 mm" in text
    assert "surface" not in text


def test_all_columns_have_a_heading_above_them() -> None:
    heading, with_truth, without = table([result_of("a", 4), CaseResult(
        "pig", "poor", (), True, scan_to_avatar_mm=3.0, avatar_to_scan_mm=4.0)]).splitlines()
    for line in (with_truth, without):
        end = heading.index("a->s") + len("a->s")
        assert line[end - 3:end].strip() in ("1.0", "4.0")


def test_an_earlier_file_without_the_newer_figures_is_compared_all_the_same() -> None:
    now = {"sets": {"s": {"cases": [result_of("a", 5).as_json()]}}}
    before = {"sets": {"s": {"cases": [result_of("a", 8).as_json()]}}}
    for name in ("closeness", "kind"):
        del before["sets"]["s"]["cases"][0][name]
    text = compared(json.loads(json.dumps(now)), json.loads(json.dumps(before)))
    assert "8.0 ->     5.0 mm" in text
    assert "median v2v" in text
    assert "waist" not in text
    assert "waist girth error" in compared(now, now)


@pytest.mark.parametrize(("name", "few"), [("standing", 4), ("anyframe", 5), ("strangers", 2)])
def test_quick_takes_a_tenth_but_at_least_two(name: str, few: int) -> None:
    assert len(FIT_SETS[name].numbers(quick=True)) == few
    assert len(FIT_SETS[name].numbers(quick=False)) == FIT_SETS[name].count
