"""A step that is replayed answers as the function itself does, whatever shapes come in between."""

import pytest
import torch
from torch import Tensor

from likeness.fitting.replaying import Replayed

DEVICES = ("cpu", pytest.param("cuda", marks=pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs an NVIDIA GPU and the CUDA build of torch")))


def _step(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    return x @ y, x.square().sum()


@pytest.mark.parametrize("device", DEVICES)
def test_the_same_shapes_again_and_others_between(device: str) -> None:
    replayed, draw = Replayed(_step), torch.Generator().manual_seed(3)
    for _ in range(4):
        for size in range(2, 12):  # more than are kept
            for _ in range(3):
                x, y = (torch.rand(size, size, generator=draw).to(device) for _ in range(2))
                for found, expected in zip(replayed(x, y), _step(x, y), strict=True):
                    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("device", DEVICES)
def test_what_was_answered_may_be_asked_with(device: str) -> None:
    replayed = Replayed(lambda x: (2 * x + 1,))
    x = torch.zeros(3, device=device)
    for _ in range(6):
        x = replayed(x)[0]
    torch.testing.assert_close(x.cpu(), torch.full((3,), 63.0))
