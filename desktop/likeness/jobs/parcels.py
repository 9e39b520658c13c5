"""A value full of arrays on its way between processes: a small pickle and one shared block."""

import os
import pickle
import sys
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

# Below this the pipe is as quick as a block of shared memory.
_SMALL_BYTES = 1 << 16


@dataclass(frozen=True)
class Parcel:
    """A pickle and the named block its arrays lie in, back to back; small ones need no block."""

    pickled: bytes
    block: str | None = None
    sizes: tuple[int, ...] = ()


def pack(value: object, block: str) -> tuple[Parcel, SharedMemory | None]:
    """Lay the arrays of `value` into a new shared block called `block`.

    The receiver unlinks the block; the sender must keep what is returned beside the parcel until
    then, for Windows frees a block nobody holds open.
    """
    buffers: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    total = sum(view.nbytes for view in views)
    if total < _SMALL_BYTES or not _has_room(total):
        return Parcel(pickle.dumps(value, protocol=5)), None
    memory = SharedMemory(name=block, create=True, size=total)
    start = 0
    for view in views:
        _bytes(memory)[start:start + view.nbytes] = view
        start += view.nbytes
    return Parcel(pickled, block, tuple(view.nbytes for view in views)), memory


def unpack(parcel: Parcel) -> object:
    """Copy the arrays out, free the block, and build the value, whose arrays are its own."""
    if parcel.block is None:
        return _load(parcel.pickled, [])
    memory = SharedMemory(name=parcel.block)
    buffers, start = [], 0
    for size in parcel.sizes:
        buffers.append(bytearray(_bytes(memory)[start:start + size]))
        start += size
    memory.close()
    memory.unlink()
    return _load(parcel.pickled, buffers)


def _load(pickled: bytes, buffers: list[bytearray]) -> object:
    # Written by our own process a moment ago, over a pipe nobody else can open.
    return pickle.loads(pickled, buffers=buffers)  # noqa: TID251


def discard(block: str) -> None:
    """Free a block whose parcel never arrived; nothing happens where there is none."""
    try:
        memory = SharedMemory(name=block)
    except (FileNotFoundError, ValueError):
        return
    memory.close()
    memory.unlink()


def _bytes(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None  # only a closed block has none
    return memory.buf


def _has_room(size: int) -> bool:
    """Whether shared memory can take `size` more bytes: past its end Linux kills the writer."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        state = os.statvfs("/dev/shm")
    except OSError:
        return False
    return state.f_bavail * state.f_frsize > size + (1 << 20)
