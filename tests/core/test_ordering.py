"""Sorting by small numbers gives what comparing would."""

import numpy as np
import pytest

from likeness.core.ordering import first_of_equal, numbered, order_by


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("keys", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_rows_come_as_a_stable_comparison_sort_gives_them(kind: type, keys: int, count: int):
    draw = np.random.default_rng(count + keys)
    columns = [draw.integers(0, 12, count).astype(kind) for _ in range(keys)]
    np.testing.assert_array_equal(order_by(*columns), np.lexsort(columns[::-1]))


def test_the_first_row_of_each_run_of_equals_is_marked():
    one, two = np.array([0, 0, 0, 2, 2]), np.array([1, 1, 3, 3, 3])
    assert first_of_equal(one, two).tolist() == [True, False, True, True, False]
    assert first_of_equal(np.zeros(0, np.int32)).tolist() == []


@pytest.mark.parametrize("highest", [40, 2**26])
def test_numbers_follow_the_keys_whether_these_are_small_or_huge(highest: int):
    keys = np.random.default_rng(0).integers(0, highest, 1000)
    different, number = np.unique(keys, return_inverse=True)
    count, got = numbered(keys)
    assert count == len(different)
    np.testing.assert_array_equal(got, number)


def test_nothing_has_no_numbers():
    count, number = numbered(np.zeros(0, np.int64))
    assert count == 0
    assert len(number) == 0
