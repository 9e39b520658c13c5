"""A fit goes to the graphics card where there is one with room for it."""

import pytest
import torch

from likeness.core.errors import UsageError
from likeness.fitting.devices import device_for
from likeness.fitting.fit import FitSettings

_GIB = 2**30


def _card(monkeypatch: pytest.MonkeyPatch, free: int, ours: int = 0) -> None:
    """As if there were one."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 8 * _GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: ours + _GIB)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: _GIB)


@pytest.mark.parametrize(("free", "ours", "taken"), [
    (6 * _GIB, 0, "cuda"), (_GIB, 0, "cpu"), (2 * _GIB, 2 * _GIB, "cuda")])
def test_auto_takes_a_card_that_has_room(monkeypatch: pytest.MonkeyPatch, free: int, ours: int,
                                         taken: str) -> None:
    _card(monkeypatch, free, ours)
    assert device_for(FitSettings("none", "auto")).type == taken
    assert device_for(FitSettings("none", "cpu")).type == "cpu"


def test_auto_takes_the_processor_where_the_card_takes_nobody(
        monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> tuple[int, int]:
        raise RuntimeError("CUDA error: out of memory")

    _card(monkeypatch, free=0)
    monkeypatch.setattr(torch.cuda, "mem_get_info", refuse)
    assert device_for(FitSettings("none", "auto")).type == "cpu"


def test_who_asks_for_the_card_is_told_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = FitSettings("none", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="No CUDA device"):
        device_for(asked)
    _card(monkeypatch, free=_GIB)
    with pytest.raises(UsageError, match=r"only 1\.0 GB of memory free; a fit needs 3 GB"):
        device_for(asked)
    _card(monkeypatch, free=6 * _GIB)
    assert device_for(asked).type == "cuda"
