"""How many threads a process may keep busy, and work that they share."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_LOOK_S = 0.02
_here = threading.local()


def cores() -> int:
    """As many as OMP_NUM_THREADS says, else as the machine has."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(asked)) if asked.isdecimal() else os.cpu_count() or 1


def together(work: Callable[[T], R], items: Iterable[T],
             meanwhile: Callable[[], None] | None = None) -> list[R]:
    """What `work` makes of each item, in their order, on all cores.

    `meanwhile` is called now and then, in the thread that waits; what it raises ends the waiting,
    and what is left is not begun. Work that asks for it in turn does its own alone.
    """
    if getattr(_here, "shares", False):
        return [work(item) for item in items]
    begun = [_pool(cores()).submit(work, item) for item in items]
    try:
        while meanwhile is not None and wait(begun, _LOOK_S).not_done:
            meanwhile()
        return [each.result() for each in begun]
    finally:
        for each in begun:
            each.cancel()


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Kept: to start threads takes longer than what is mostly asked of them."""
    return ThreadPoolExecutor(threads, "shares", _share)


def _share() -> None:
    _here.shares = True
