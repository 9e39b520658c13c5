"""Where body and scan should meet: nearest neighbours both ways, as one quadratic a vertex.

Every correspondence pulls a body vertex towards a plane (and a little towards a point). However
many there are, those of one vertex add up to a 3x3 matrix and a 3-vector, so a solver step costs
the same for a thousand scan points as for a hundred thousand.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.fitting.meeting import Meeting
from likeness.fitting.neighbours import Neighbours, by_trees, neighbours_on
from likeness.fitting.target import Target


@dataclass(frozen=True)
class Matching:
    """How correspondences are found and weighed; lengths in metres.

    `reach` is the scale of the robust kernel (Geman and McClure 1987), `normal_scale` how many
    metres a reversed normal counts as, `sliding` the weight of the tangential part,
    `explain` the weight of scan points against that of body vertices. `outwards` is the weight of
    pulls that draw the body far out, against 1 for those that draw it in: below 1 the body stays
    inside of what may be cloth (the asymmetry of Zhang et al. 2017, Detailed, accurate, human
    shape estimation from clothed 3D scan sequences). Pulls well below `clinging` count in full
    all the same: bare skin, or cloth as good as skin. What lies among several points meets
    those nearer than the `blend`th of them together, from 3 on. A vertex that lies `aside` of where
    the scan ends counts half, one farther off less, for it may well be right; at 0 all count. So it
    is with one `mutual` off that meets what lies on other skin already. The first two may be
    tensors of one number, which change from step to step where all else stays.
    """

    reach: float | Tensor
    normal_scale: float | Tensor
    sliding: float = 0.1
    explain: float = 1.0
    outwards: float = 1.0
    clinging: float = 0.0
    blend: int = 1
    aside: float = 0.0
    mutual: float = 0.0

    def features(self, points: Float[Tensor, "*m K 3"], normals: Float[Tensor, "*m K 3"],
                 ) -> Float[Tensor, "*m K 6"]:
        """What is compared: places and normals side by side."""
        return torch.cat((points, normals * self.normal_scale), -1)

    def side(self, gap: Float[Tensor, "M K 3"], normals: Float[Tensor, "M K 3"],
             bare: Float[Tensor, "*m K"]) -> Float[Tensor, "*n K"]:
        """The weight of each pull by its direction: the body behind the scan is drawn out."""
        if self.outwards == 1.0:
            return torch.ones_like(bare)
        behind = (-(gap * normals).sum(-1)).clamp_min(0)
        full = torch.exp(-(behind / max(self.clinging, 1e-6)).square())
        full = torch.lerp(full, torch.ones_like(bare), bare)
        return torch.lerp(torch.full_like(bare, self.outwards), torch.ones_like(bare), full)

    def told(self, gap: Float[Tensor, "M K 3"], normals: Float[Tensor, "M K 3"],
             ) -> Float[Tensor, "M K"]:
        """How much the scan tells of each vertex: little where that lies aside of all of it."""
        if self.aside == 0.0:
            return torch.ones_like(gap[..., 0])
        across, all_ways = _across(gap, normals), gap.square().sum(-1)
        return (across + self.aside**2) / (all_ways + self.aside**2)

    def free(self, across: Float[Tensor, "M K"], taken: Float[Tensor, "M K"],
             ) -> Float[Tensor, "M K"]:
        """How much each vertex counts by two squared distances: its own from what it meets of the
        scan, and that of this from the skin nearest to it.
        """
        least = self.mutual**2
        return ((taken + least) / (across + least)).clamp_max(1.0)

    def robust(self, gap: Float[Tensor, "M K 3"], turn: Float[Tensor, "M K 3"],
               share: Float[Tensor, "*n K"]) -> tuple[Float[Tensor, "M K"], Float[Tensor, " M"]]:
        """Geman-McClure weights and cost; a normal that disagrees counts as distance."""
        reach2 = self.reach**2
        distance2 = gap.square().sum(-1) + self.normal_scale**2 * turn.square().sum(-1)
        damped = reach2 / (distance2 + reach2)
        return share * damped.square(), (share * distance2 * damped).sum(1)

    def metric(self, normals: Float[Tensor, "M K 3"], weight: Float[Tensor, "M K"],
               ) -> Float[Tensor, "M K 3 3"]:
        """The quadratic of each pull: along the normal in full, aside as far as `sliding`."""
        eye = torch.eye(3, device=normals.device)
        plane = normals[..., :, None] * normals[..., None, :]
        return weight[..., None, None] * ((1 - self.sliding) * plane + self.sliding * eye)


@dataclass(frozen=True, eq=False)
class Pull:
    """Per vertex the quadratic e(v + d) = d' H d / 2 + g' d.

    `cost` is the robust mean squared distance of each row, normals counted; `residual` the mean
    squared distance along the pull that is left, of those correspondences that count.
    """

    hessian: Float[Tensor, "M N 3 3"]
    gradient: Float[Tensor, "M N 3"]
    cost: Float[Tensor, " M"]
    residual: Float[Tensor, " M"]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A scan as what is met of it: `values` are points, normals and how far inside each lies.

    `weight` is the share of the scan's area that each stands for; `neighbours` finds those of this
    scan.
    """

    values: Float[Tensor, "T 7"]
    weight: Float[Tensor, " T"]
    neighbours: Neighbours = by_trees

    @staticmethod
    @lru_cache(maxsize=32)
    def of(target: Target, device: torch.device) -> "Sheet":
        """On a device; kept for the next steps towards the same."""
        inner = np.ones_like(target.area) if target.inner is None else target.inner
        values = np.column_stack((target.points, target.normals, inner))
        return Sheet(torch.as_tensor(values, device=device),
                     torch.as_tensor(target.area / target.area.sum(), device=device),
                     neighbours_on(device))

    @property
    def points(self) -> Float[Tensor, "T 3"]:
        """In metres."""
        return self.values[:, :3]

    @property
    def normals(self) -> Float[Tensor, "T 3"]:
        """As `Target` has them."""
        return self.values[:, 3:6]


@dataclass(frozen=True, eq=False)
class Matcher:
    """Finds correspondences of M posed candidates with scans.

    `weight` is the share of the body's area that each vertex stands for; `bare` is 1 at vertices
    whose skin is surely seen, 0 where cloth may lie over it.
    """

    weight: Float[Tensor, " N"]
    bare: Float[Tensor, " N"]

    @staticmethod
    def of(area: Float[np.ndarray, " N"], device: torch.device,
           bare: Float[Tensor, " N"] | None = None) -> "Matcher":
        """For vertices that stand for so much area each."""
        weight = torch.as_tensor(area / area.sum(), dtype=torch.float32, device=device)
        return Matcher(weight, torch.zeros_like(weight) if bare is None else bare)

    def restricted(self, rows: Int[np.ndarray, " R"]) -> "Matcher":
        """For some of the vertices."""
        weight = self.weight[rows]
        return Matcher(weight / weight.sum(), self.bare[rows])

    def meetings(self, matching: Matching, sheet: Sheet, vertices: Float[Tensor, "M N 3"],
                 normals: Float[Tensor, "M N 3"]) -> tuple[Meeting, Meeting]:
        """Where the vertices meet the scan, and where the scan meets them."""
        near, back = sheet.neighbours(
            matching.features(vertices, normals),
            matching.features(sheet.points, sheet.normals), matching.blend)
        return Meeting.of(near), Meeting.of(back)

    def found_pull(self, matching: Matching, sheet: Sheet, vertices: Float[Tensor, "M N 3"],
                   normals: Float[Tensor, "M N 3"]) -> Pull:
        """The pull from where they meet."""
        met = self.meetings(matching, sheet, vertices, normals)
        return self.pull(matching, sheet, met, vertices, normals)

    def pull(self, matching: Matching, sheet: Sheet, met: tuple[Meeting, Meeting],
             vertices: Float[Tensor, "M N 3"], normals: Float[Tensor, "M N 3"]) -> Pull:
        """The quadratic pull on every vertex, body to scan and scan to body together."""
        to, back = self._both(matching, sheet, met, vertices, normals)
        metric = matching.metric(back.facing, back.weight)
        pulled = (metric @ back.gap[..., None])[..., 0]
        added = met[1].sums(torch.cat((metric.flatten(2), pulled), -1), vertices.shape[1],
                            exact=vertices.device.type == "cuda")
        hessian = matching.metric(to.facing, to.weight)
        gradient = (hessian @ to.gap[..., None])[..., 0]
        energy = (gradient * to.gap).sum((1, 2)) + (pulled * back.gap).sum((1, 2))
        count = to.weight.sum(1) + back.weight.sum(1)
        return Pull(hessian + added[..., :9].unflatten(-1, (3, 3)), gradient + added[..., 9:],
                    to.cost + back.cost, energy / count.clamp_min(1e-12))

    def cost(self, matching: Matching, sheet: Sheet, met: tuple[Meeting, Meeting],
             vertices: Float[Tensor, "M N 3"], normals: Float[Tensor, "M N 3"],
             ) -> Float[Tensor, " M"]:
        """That of the pull alone."""
        to, back = self._both(matching, sheet, met, vertices, normals)
        return to.cost + back.cost

    def _both(self, matching: Matching, sheet: Sheet, met: tuple[Meeting, Meeting],
              vertices: Float[Tensor, "M N 3"], normals: Float[Tensor, "M N 3"],
              ) -> tuple["_Gaps", "_Gaps"]:
        """The gaps of the vertices, and those of the scan's points."""
        bare = self.bare.expand(len(vertices), -1)[..., None]
        own = met[1].mean(torch.cat((vertices, normals, bare), -1))
        gap, facing = own[..., :3] - sheet.points, own[..., 3:6]
        share = matching.explain * sheet.weight * matching.side(gap, facing, own[..., 6])
        back = _Gaps(gap, facing, *matching.robust(gap, facing - sheet.normals, share))

        points, facing, inner = met[0].mean(sheet.values).split((3, 3, 1), -1)
        gap = vertices - points
        share = (self.weight * inner[..., 0] * matching.told(gap, facing)
                 * matching.side(gap, facing, self.bare))
        if matching.mutual:
            taken = met[0].mean(_across(back.gap, sheet.normals)[..., None])[..., 0]
            share = share * matching.free(_across(gap, facing), taken)
        to = _Gaps(gap, facing, *matching.robust(gap, normals - facing, share))
        return to, back


class _Gaps(NamedTuple):
    """From where each of K is met to where it should be, along which normal, and how it counts."""

    gap: Float[Tensor, "M K 3"]
    facing: Float[Tensor, "M K 3"]
    weight: Float[Tensor, "M K"]
    cost: Float[Tensor, " M"]


def _across(gap: Float[Tensor, "M K 3"], normals: Float[Tensor, "*m K 3"],
            ) -> Float[Tensor, "M K"]:
    """The part of each gap along a normal, squared."""
    return (gap * normals).sum(-1).square()
