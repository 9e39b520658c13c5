"""How many threads are used is as the user's environment says; what they share comes in order."""

import os
import threading

import pytest

from likeness.core.errors import Cancelled
from likeness.core.threads import cores, together


@pytest.mark.parametrize(("asked", "expected"), [
    ("3", 3), ("0", 1), ("", os.cpu_count()), ("many", os.cpu_count())])
def test_threads_are_as_many_as_asked_for(
        monkeypatch: pytest.MonkeyPatch, asked: str, expected: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert cores() == expected


def test_what_is_shared_comes_back_in_order_from_several_threads(
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    both_are_there = threading.Barrier(2)

    def work(number: int) -> tuple[int, int]:
        both_are_there.wait(60)
        return number, threading.get_ident()

    numbers, threads = zip(*together(work, range(6)), strict=True)
    assert numbers == tuple(range(6))
    assert len(set(threads)) == 2
    assert threading.get_ident() not in threads


def test_work_that_shares_in_turn_does_not_wait_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    inner = together(lambda first: together(lambda second: 10 * first + second, (1, 2)), (1, 2))
    assert inner == [[11, 12], [21, 22]]


def test_who_waits_can_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    told, begun = threading.Event(), []

    def work(number: int) -> None:
        begun.append(number)
        told.wait(60)

    def cancel() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        together(work, range(8), meanwhile=cancel)
    told.set()
    assert together(lambda each: each, [1]) == [1]
    assert len(begun) <= 2  # the others were never begun


def test_what_goes_wrong_in_a_thread_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        together(lambda each: 1 // each, (1, 0, 1))
