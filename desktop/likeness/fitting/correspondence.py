"""Where body and scan should meet: nearest neighbours both ways, as one quadratic a vertex.

Every correspondence pulls a body vertex towards a plane (and a little towards a point). However
many there are, those of one vertex add up to a 3x3 matrix and a 3-vector, so a solver step costs
the same for a thousand scan points as for a hundred thousand.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.meeting import Meeting
from likeness.fitting.neighbours import neighbours_on
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
    those nearer than the `blend`th of them together, from 3 on.
    """

    reach: float
    normal_scale: float
    sliding: float = 0.1
    explain: float = 1.0
    outwards: float = 1.0
    clinging: float = 0.0
    blend: int = 1

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

    def robust(self, gap: Float[Tensor, "M K 3"], turn: Float[Tensor, "M K 3"],
               share: Float[Tensor, "*n K"]) -> tuple[Float[Tensor, "M K"], Float[Tensor, " M"]]:
        """Geman-McClure weights and cost; a normal that disagrees counts as distance."""
        scale, reach2 = self.normal_scale, self.reach**2
        distance2 = torch.add(gap.square().sum(-1), turn.square().sum(-1), alpha=scale * scale)
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


class Matcher:
    """Finds correspondences of M posed candidates with one scan.

    `bare` is 1 at vertices whose skin is surely seen, 0 where cloth may lie over it.
    """

    def __init__(self, target: Target, area: Float[np.ndarray, " N"], device: torch.device,
                 bare: Float[Tensor, " N"] | None = None) -> None:
        self._neighbours = neighbours_on(device)
        self.bare = torch.zeros(len(area), device=device) if bare is None else bare
        self.points = torch.as_tensor(target.points, device=device)
        self.normals = torch.as_tensor(target.normals, device=device)
        inner = np.ones_like(target.area) if target.inner is None else target.inner
        self._sheet = torch.cat((self.points, self.normals,
                                 torch.as_tensor(inner, device=device)[:, None]), -1)
        self.scan_weight = torch.as_tensor(target.area / target.area.sum(), device=device)
        self.body_weight = torch.as_tensor(area / area.sum(), dtype=torch.float32, device=device)

    def pull(self, matching: Matching, vertices: Float[Tensor, "M N 3"],
             normals: Float[Tensor, "M N 3"]) -> Pull:
        """The quadratic pull on every vertex, body to scan and scan to body together."""
        near, back = self._neighbours(matching.features(vertices, normals),
                                      matching.features(self.points, self.normals), matching.blend)
        meeting = Meeting.of(near)
        points, facing, inner = meeting.mean(self._sheet).split((3, 3, 1), -1)
        gap = vertices - points
        share = self.body_weight * inner[..., 0] * matching.side(gap, facing, self.bare)
        weight, cost = matching.robust(gap, normals - facing, share)
        hessian = matching.metric(facing, weight)
        gradient = (hessian @ gap[..., None])[..., 0]
        energy, count = (gradient * gap).sum((1, 2)), weight.sum(1)

        meeting = Meeting.of(back)
        bare = self.bare.expand(len(vertices), -1)[..., None]
        met = meeting.mean(torch.cat((vertices, normals, bare), -1))
        gap, facing = met[..., :3] - self.points, met[..., 3:6]
        share = matching.explain * self.scan_weight * matching.side(gap, facing, met[..., 6])
        weight, back_cost = matching.robust(gap, facing - self.normals, share)
        metric = matching.metric(facing, weight)
        pulled = (metric @ gap[..., None])[..., 0]
        added = meeting.sums(torch.cat((metric.flatten(2), pulled), -1), vertices.shape[1],
                             exact=vertices.device.type == "cuda")
        hessian += added[..., :9].unflatten(-1, (3, 3))
        gradient += added[..., 9:]
        energy, count = energy + (pulled * gap).sum((1, 2)), count + weight.sum(1)
        return Pull(hessian, gradient, cost + back_cost, energy / count.clamp_min(1e-12))
