"""Chosen rows come back as they were, from bytes and from a result folder."""

from pathlib import Path

import numpy as np
import pytest

from likeness.jobs.chosen import CHOSEN, pack_rows, read_rows, unpack_rows, write_rows


@pytest.mark.parametrize("count", [1, 7, 8, 9, 1000])
def test_rows_come_back(count: int, tmp_path: Path):
    marked = np.random.default_rng(count).random(count) < 0.5
    marked[0] = True
    packed = pack_rows(marked)
    assert len(packed) == -(-count // 8)
    np.testing.assert_array_equal(unpack_rows(packed, count), marked)
    write_rows(packed, tmp_path)
    assert read_rows(tmp_path) == packed


def test_no_rows_need_no_bytes():
    assert pack_rows(np.zeros(100, bool)) == b""
    assert not unpack_rows(b"", 100).any()


def test_rows_of_another_scan_are_refused():
    with pytest.raises(ValueError, match="another scan"):
        unpack_rows(pack_rows(np.ones(100, bool)), 200)


@pytest.mark.parametrize("spoiled", [b"", b"PK", b"not an archive"])
def test_a_damaged_file_is_told(spoiled: bytes, tmp_path: Path):
    (tmp_path / CHOSEN).write_bytes(spoiled)
    with pytest.raises(ValueError, match="no chosen rows"):
        read_rows(tmp_path)
