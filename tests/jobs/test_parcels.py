"""Arrays cross in shared memory unchanged, and no block outlives its parcel."""

from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from uuid import uuid4

import numpy as np
import pytest

from likeness.jobs.parcels import discard, pack, unpack


@dataclass(frozen=True, eq=False)
class Cargo:
    points: np.ndarray
    faces: np.ndarray
    colors: np.ndarray | None
    word: str


@pytest.fixture
def name() -> str:
    return f"lkt{uuid4().hex[:12]}"


def cargo(count: int) -> Cargo:
    rng = np.random.default_rng(3)
    return Cargo(rng.normal(size=(count, 3)).astype(np.float32),
                 rng.integers(0, count, (count, 3), dtype=np.int32), None, "ä person")


def exists(name: str) -> bool:
    try:
        SharedMemory(name=name).close()
    except FileNotFoundError:
        return False
    return True


def test_large_arrays_travel_in_a_block_that_is_freed_on_arrival(name: str):
    sent = cargo(20_000)
    parcel, block = pack(sent, name)
    assert block is not None
    assert parcel.block == name
    assert len(parcel.pickled) < 2_000
    block.close()
    received = unpack(parcel)
    assert isinstance(received, Cargo)
    np.testing.assert_array_equal(received.points, sent.points)
    np.testing.assert_array_equal(received.faces, sent.faces)
    assert (received.colors, received.word) == (None, "ä person")
    assert received.points.flags.writeable
    assert not exists(name)


def test_small_arrays_need_no_block(name: str):
    parcel, block = pack(cargo(10), name)
    assert block is None
    assert not exists(name)
    np.testing.assert_array_equal(unpack(parcel).points, cargo(10).points)


def test_strided_arrays_arrive_as_they_look(name: str):
    wide = np.arange(90_000, dtype=np.float64).reshape(-1, 3)
    parcel, block = pack(wide[::2, ::-1], name)
    if block is not None:
        block.close()
    np.testing.assert_array_equal(unpack(parcel), wide[::2, ::-1])


def test_a_block_that_never_arrived_can_be_discarded(name: str):
    _, block = pack(cargo(20_000), name)
    assert block is not None
    block.close()
    discard(name)
    assert not exists(name)
    discard(name)
