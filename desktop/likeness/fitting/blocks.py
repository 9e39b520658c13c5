"""Nearest neighbours among many points on a GPU: whole blocks of them are ruled out at once.

Points are kept in blocks that lie close together, as the leaves of a k-d tree (Bentley 1975). No
point of a block is farther from another than that one from its middle and its radius together, none
nearer than their difference; only pairs of blocks that may hold a nearest are looked at.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

_SIZE = 24  # points in a block, up to twice as many
PAIRS = 2**25  # whose distances are held at once: an eighth of a gigabyte
# Where a number is that follows a distance, and what is farther than any.
_INDEX, _NEVER = 2**32 - 1, 2**63 - 1


@dataclass(frozen=True, eq=False)
class Blocks:
    """Which points lie together: their numbers, block by block.

    The last point stands in for those that are missing in the end, where `stand_in` is true.
    """

    count: int
    order: Int[Tensor, "B S"]
    stand_in: Bool[Tensor, "B S"]

    @staticmethod
    def of(points: Float[Tensor, "K D"]) -> "Blocks":
        """Halved again and again, each part across the coordinate in which it is widest."""
        halvings = max(0, (len(points) // _SIZE).bit_length() - 1)
        missing = -len(points) % 2**halvings
        order = torch.arange(len(points) + missing, device=points.device)[None]
        for _ in range(halvings):
            parts = points[order.clamp_max(len(points) - 1)]
            widest = (parts.amax(1) - parts.amin(1)).argmax(1)
            along = parts.gather(2, widest[:, None, None].expand(*order.shape, 1))[..., 0]
            order = order.gather(1, along.argsort(dim=1, stable=True)).view(2 * len(order), -1)
        return Blocks(len(points), order.clamp_max(len(points) - 1), order >= len(points))

    def filled(self, points: Float[Tensor, "K D"]) -> "Filled":
        """With the points where they are now."""
        places = points[self.order.view(-1)].view(*self.order.shape, -1)
        middles = places.mean(1)
        radius = (places - middles[:, None]).norm(dim=-1).amax(1)
        return Filled(self, places, middles, 1.001 * radius + 1e-6)


@dataclass(frozen=True, eq=False)
class Filled:
    """Blocks of points at their places, with the middles and radii of the blocks."""

    blocks: Blocks
    places: Float[Tensor, "B S D"]
    middles: Float[Tensor, "B D"]
    radius: Float[Tensor, " B"]

    def closest(self, points: "Filled", count: int) -> Int[Tensor, "K k"]:
        """Of these the `count` nearest to each of the points, from near to far."""
        ours, theirs, slots = self._in_question(points)
        some = max(1, PAIRS // (self.places.shape[1] * points.places.shape[1]))
        packed = torch.cat([self._packed(points, own, other, count) for own, other in
                            zip(ours.split(some), theirs.split(some), strict=True)])
        width = int(slots.max()) + 1
        table = torch.full((len(points.places), width, *packed.shape[1:]), _NEVER,
                           device=packed.device)
        table[theirs, slots] = packed
        best = table.transpose(1, 2).flatten(2)
        best = (best.amin(-1, keepdim=True) if count == 1
                else best.topk(min(count, self.blocks.count), -1, largest=False).values)
        asked = points.blocks
        rows = asked.order.masked_fill(asked.stand_in, asked.count)
        result = torch.empty(asked.count + 1, best.shape[-1], dtype=torch.long, device=best.device)
        result[rows.view(-1)] = (best & _INDEX).flatten(0, 1)
        return result[:-1]

    def _in_question(self, points: "Filled") -> tuple[Int[Tensor, " P"], ...]:
        """Pairs of a block of ours and one of theirs, and which of its pairs each is to theirs."""
        middle = self.middles.mean(0)  # less is lost to rounding from there
        apart = torch.cdist(points.places.flatten(0, 1) - middle, self.middles - middle)
        apart = apart.view(*points.places.shape[:2], -1)
        most = (apart + self.radius).masked_fill(self.blocks.stand_in.any(1), torch.inf).amin(-1)
        most = most.nan_to_num(posinf=torch.finfo(torch.float32).max)
        asked = ((apart - self.radius) <= most[..., None]).any(1)
        theirs, ours = asked.nonzero(as_tuple=True)
        return ours, theirs, (asked.cumsum(1) - 1)[theirs, ours]

    def _packed(self, points: "Filled", ours: Int[Tensor, " P"], theirs: Int[Tensor, " P"],
                count: int) -> Int[Tensor, "P S k"]:
        """The nearest of each pair of blocks: the squared distance's bits over the point's number.

        So the least number is the nearest, and of two as near the first, in whatever order.
        """
        middle = points.middles[theirs][:, None]
        own = points.places[theirs] - middle
        others = against(self.places[ours] - middle)
        others[..., -1] = others[..., -1].masked_fill(self.blocks.stand_in[ours], torch.inf)
        apart = with_one(own) @ others.mT
        value, place = least(apart, count)
        distance = value + own.square().sum(-1, keepdim=True)
        number = self.blocks.order[ours][:, None].expand(*apart.shape).gather(-1, place)
        return distance.clamp_min(0.0).contiguous().view(torch.int32).long() << 32 | number


def with_one(points: Float[Tensor, "*m K D"]) -> Float[Tensor, "*m K E"]:
    """Points and a one, whose product with `against` is the squared distance, but for their own."""
    return torch.nn.functional.pad(points, (0, 1), value=1.0)


def against(points: Float[Tensor, "*m K D"]) -> Float[Tensor, "*m K E"]:
    """-2 b and |b|^2."""
    return torch.cat((-2 * points, points.square().sum(-1, keepdim=True)), -1)


def least(apart: Float[Tensor, "*m K N"], count: int,
          ) -> tuple[Float[Tensor, "*m K k"], Int[Tensor, "*m K k"]]:
    """The least in each row from the least on, and their places; these are filled up in `apart`.

    One after the other, for a GPU sorts short rows at length.
    """
    values, places = [], []
    for _ in range(min(count, apart.shape[-1])):
        place = apart.argmin(-1, keepdim=True)
        values.append(apart.gather(-1, place))
        places.append(place)
        apart.scatter_(-1, place, torch.inf)
    return torch.cat(values, -1), torch.cat(places, -1)
