"""Steps that are taken many times: on a GPU recorded once, then launched in one go.

Small kernels take less time than the host needs to launch them one by one.
"""

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor

_MOST = 4  # recordings that a step keeps, each with memory of its own

Step = Callable[..., tuple[Tensor, ...]]


class Replayed:
    """A function from tensors to tensors that is called again with the same shapes.

    It must not look at values: they are other ones each time. On a GPU the next call with these
    shapes overwrites what this one answered.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._recordings: OrderedDict[tuple[torch.Size, ...], _Recording | None] = OrderedDict()

    def __call__(self, *given: Tensor) -> tuple[Tensor, ...]:
        """What the function makes of these."""
        if given[0].device.type != "cuda":
            return self._step(*given)
        shapes = tuple(each.shape for each in given)
        if shapes not in self._recordings:  # the first call loads kernels, which none can record
            self._keep(shapes, None)
            return self._step(*given)
        recording = self._recordings[shapes] or _Recording(self._step, given)
        self._keep(shapes, recording)
        return recording.replayed(given)

    def _keep(self, shapes: tuple[torch.Size, ...], recording: "_Recording | None") -> None:
        self._recordings[shapes] = recording
        self._recordings.move_to_end(shapes)
        if len(self._recordings) > _MOST:
            self._recordings.popitem(last=False)


class _Recording:
    """What a step launches, between tensors that stay where they are."""

    def __init__(self, step: Step, given: tuple[Tensor, ...]) -> None:
        self._given = tuple(each.clone() for each in given)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._found = step(*self._given)

    def replayed(self, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        for kept, new in zip(self._given, given, strict=True):
            kept.copy_(new)
        self._graph.replay()
        return self._found
