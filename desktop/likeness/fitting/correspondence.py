"""Where body and scan should meet: nearest neighbours both ways, as one quadratic a vertex.

Every correspondence pulls a body vertex towards a plane (and a little towards a point). However
many there are, those of one vertex add up to a 3x3 matrix and a 3-vector, so a solver step costs
the same for a thousand scan points as for a hundred thousand.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.fitting.neighbours import neighbours
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
    all the same: bare skin, or cloth as good as skin.
    """

    reach: float
    normal_scale: float
    sliding: float = 0.1
    explain: float = 1.0
    outwards: float = 1.0
    clinging: float = 0.0


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

    def __init__(self, target: Target, matching: Matching, area: Float[np.ndarray, " N"],
                 device: torch.device, bare: Float[Tensor, " N"] | None = None) -> None:
        self.matching, self.device = matching, device
        self.bare = torch.zeros(len(area), device=device) if bare is None else bare
        self.points = torch.as_tensor(target.points, device=device)
        self.normals = torch.as_tensor(target.normals, device=device)
        self.scan_weight = torch.as_tensor(target.area / target.area.sum(), device=device)
        self.body_weight = torch.as_tensor(area / area.sum(), dtype=torch.float32, device=device)

    def pull(self, vertices: Float[Tensor, "M N 3"], normals: Float[Tensor, "M N 3"]) -> Pull:
        """The quadratic pull on every vertex, body to scan and scan to body together."""
        near, back = neighbours(self._features(vertices, normals),
                                self._features(self.points, self.normals))
        gap = vertices - self.points[near]
        share = self.body_weight * self._side(gap, self.normals[near], self.bare)
        weight, cost = self._robust(gap, normals - self.normals[near], share)
        hessian = self._metric(self.normals[near], weight)
        gradient = (hessian @ gap[..., None])[..., 0]
        energy, count = (gradient * gap).sum((1, 2)), weight.sum(1)

        row = torch.arange(len(vertices), device=self.device)[:, None]
        facing = normals[row, back]
        gap = vertices[row, back] - self.points
        share = self.matching.explain * self.scan_weight
        share = share * self._side(gap, facing, self.bare[back])
        weight, back_cost = self._robust(gap, facing - self.normals, share)
        metric = self._metric(facing, weight)
        pulled = (metric @ gap[..., None])[..., 0]
        place = (back + vertices.shape[1] * row).flatten()
        hessian.view(-1, 3, 3).index_add_(0, place, metric.view(-1, 3, 3))
        gradient.view(-1, 3).index_add_(0, place, pulled.view(-1, 3))
        energy, count = energy + (pulled * gap).sum((1, 2)), count + weight.sum(1)
        return Pull(hessian, gradient, cost + back_cost, energy / count.clamp_min(1e-12))

    def _features(self, points: Float[Tensor, "*m K 3"], normals: Float[Tensor, "*m K 3"],
                  ) -> Float[Tensor, "*m K 6"]:
        return torch.cat((points, normals * self.matching.normal_scale), -1)

    def _side(self, gap: Float[Tensor, "M K 3"], normals: Float[Tensor, "M K 3"],
              bare: Float[Tensor, "*m K"]) -> Float[Tensor, "M K"]:
        """The weight of each pull by its direction: the body behind the scan is drawn out."""
        behind = (-(gap * normals).sum(-1)).clamp_min(0)
        full = torch.exp(-(behind / max(self.matching.clinging, 1e-6)).square())
        full = torch.lerp(full, torch.ones_like(bare), bare)
        return torch.lerp(torch.full_like(bare, self.matching.outwards), torch.ones_like(bare),
                          full)

    def _robust(self, gap: Float[Tensor, "M K 3"], turn: Float[Tensor, "M K 3"],
                share: Float[Tensor, "M K"]) -> tuple[Float[Tensor, "M K"], Float[Tensor, " M"]]:
        """Geman-McClure weights and cost; a normal that disagrees counts as distance."""
        scale, reach2 = self.matching.normal_scale, self.matching.reach**2
        distance2 = gap.square().sum(-1) + scale * scale * turn.square().sum(-1)
        damped = reach2 / (distance2 + reach2)
        return share * damped.square(), (share * distance2 * damped).sum(1)

    def _metric(self, normals: Float[Tensor, "M K 3"], weight: Float[Tensor, "M K"],
                ) -> Float[Tensor, "M K 3 3"]:
        eye = torch.eye(3, device=self.device)
        plane = normals[..., :, None] * normals[..., None, :]
        sliding = self.matching.sliding
        return weight[..., None, None] * ((1 - sliding) * plane + sliding * eye)


def vertex_normals(vertices: Float[Tensor, "M N 3"], faces: Int[Tensor, "F 3"],
                   ) -> Float[Tensor, "M N 3"]:
    """Area-weighted unit normals of the vertices of a mesh."""
    a, b, c = (vertices[:, faces[:, i]] for i in range(3))
    across = torch.linalg.cross(b - a, c - a)
    normals = torch.zeros_like(vertices)
    for i in range(3):
        normals.index_add_(1, faces[:, i], across)
    return torch.nn.functional.normalize(normals, dim=-1)
