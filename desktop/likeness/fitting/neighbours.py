"""Nearest neighbours between candidates and a scan.

On the CPU by trees; on a GPU from the distances of all pairs, or, of many, in `blocks`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.core.nearest import PointTree, in_parts
from likeness.core.threads import R, T, together
from likeness.fitting.blocks import PAIRS, Blocks, against, least, with_one

_MANY = 2**24  # pairs from which it pays to rule out most
_SHARED = 4000  # places from which on several cores look them up


@dataclass(frozen=True, eq=False)
class Near:
    """The others nearest to each of K points, from near to far, and how far they are.

    `apart` may be None where there is one: it needs no distance.
    """

    index: Int[Tensor, "M K k"]
    apart: Float[Tensor, "M K k"] | None


@runtime_checkable
class Neighbours(Protocol):
    """Of M candidates the scan points nearest to each vertex, and the vertices to each point.

    As many as `count`, or all there are. May keep what it learned of a scan and of a body that
    moves little from call to call.
    """

    def __call__(self, bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"], count: int = 1,
                 ) -> tuple[Near, Near]:
        """The points near the vertices, and the vertices near the points."""
        ...


def neighbours_on(device: torch.device) -> Neighbours:
    """The way that suits the device."""
    return ByDistances() if device.type == "cuda" else by_trees


def nearest(points: Float[Tensor, "K D"], among: Float[Tensor, "N D"]) -> Int[Tensor, " K"]:
    """Which of the others is nearest to each point."""
    if points.device.type == "cuda":
        return ByDistances().closest(points[None], among[None], 1)[0, :, 0]
    return torch.as_tensor(PointTree(among.numpy()).one_nearest(points.numpy())[1])


def by_trees(bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"], count: int = 1,
             ) -> tuple[Near, Near]:
    """Through a tree of the scan and one of each candidate.

    On all cores where that pays: unlike sums, what is found does not depend on who shares in it.
    """
    points, places = scan.numpy(), bodies.numpy()
    work = together if len(places) * (places.shape[1] + len(points)) > _SHARED else _here
    whole, *trees = work(PointTree, (points, *places))
    there = [partial(whole.nearest, part, count)
             for part in in_parts(places.reshape(-1, places.shape[-1]))]
    back = [partial(tree.nearest, part, count) for tree in trees for part in in_parts(points)]
    found = work(lambda look: look(), [*there, *back])
    return _near(found[:len(there)], len(places)), _near(found[len(there):], len(places))


def _here(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    return [work(item) for item in items]


def _near(found: list[tuple[np.ndarray, np.ndarray]], bodies: int) -> Near:
    apart, index = (torch.as_tensor(np.concatenate(each)) for each in zip(*found, strict=True))
    shape = (bodies, -1, index.shape[-1])
    return Near(index.view(shape), apart.view(shape))


class ByDistances:
    """From the distances of pairs; of one candidate and many pairs, only of those in question."""

    def __init__(self) -> None:
        self._scan: Blocks | None = None
        self._bodies: dict[int, Blocks] = {}  # by how many points: those of one body move together

    def __call__(self, bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"], count: int = 1,
                 ) -> tuple[Near, Near]:
        """As `Neighbours` says."""
        scans = scan.expand(len(bodies), -1, -1)
        if len(bodies) > 1 or bodies.shape[1] * len(scan) < _MANY:
            near, back = self.closest(bodies, scans, count), self.closest(scans, bodies, count)
        else:
            if self._scan is None or self._scan.count != len(scan):
                self._scan, self._bodies = Blocks.of(scan), {}
            if bodies.shape[1] not in self._bodies:
                self._bodies[bodies.shape[1]] = Blocks.of(bodies[0])
            points = self._scan.filled(scan)
            body = self._bodies[bodies.shape[1]].filled(bodies[0])
            near, back = points.closest(body, count)[None], body.closest(points, count)[None]
        return self._near(bodies, scans, near), self._near(scans, bodies, back)

    def _near(self, points: Float[Tensor, "M K D"], others: Float[Tensor, "M N D"],
              index: Int[Tensor, "M K k"]) -> Near:
        if index.shape[-1] == 1:
            return Near(index, None)
        row = torch.arange(len(index), device=index.device)[:, None, None]
        return Near(index, (points[:, :, None] - others[row, index]).norm(dim=-1))

    def closest(self, points: Float[Tensor, "M K D"], among: Float[Tensor, "M N D"], count: int,
                ) -> Int[Tensor, "M K k"]:
        """One way, from all pairs."""
        middle = among.mean((0, 1))
        points, others = points - middle, against(among - middle)
        rows = max(1, PAIRS // (len(points) * among.shape[1]))
        return torch.cat([least(with_one(some) @ others.mT, count)[1]
                          for some in points.split(rows, 1)], 1)
