"""What is there more than once is found, and little else."""

import numpy as np

from likeness.core.repeats import maybe_equal, mixed


def test_rows_that_are_there_twice_are_told_from_those_that_are_not():
    draw = np.random.default_rng(2)
    a, b, c = draw.integers(0, 60, (3, 5000))
    rows = np.stack((a, b, c), axis=1)
    _, number, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    several = np.flatnonzero(count[number.ravel()] > 1)
    assert 0 < len(several) < 0.1 * len(rows)
    np.testing.assert_array_equal(maybe_equal(mixed(a, b, c)), several)


def test_where_all_differ_there_are_none_and_where_many_agree_there_are_all():
    one = np.zeros(1000, np.int32)
    assert len(maybe_equal(mixed(np.arange(1000), one))) == 0
    assert len(maybe_equal(mixed(np.arange(1000) // 3, one))) == 1000
    assert len(maybe_equal(mixed(one[:0], one[:0]))) == 0
