"""The peak is that of this process, and grows with what it holds."""

import sys

import numpy as np

from likeness.jobs.memory import begin_peak, peak_memory_mib


def test_the_peak_grows_by_what_is_used_and_can_begin_anew():
    begin_peak()
    before = peak_memory_mib()
    held = np.ones(384 * 2**20 // 8)
    grown = peak_memory_mib()
    assert grown > 384
    del held
    if sys.platform.startswith("linux"):  # elsewhere the peak is that of the whole process
        assert 380 < grown - before < 420
        begin_peak()
        assert peak_memory_mib() < grown - 300
