"""Where body and scan should meet: nearest neighbours both ways, as one quadratic a vertex.

Every correspondence pulls a body vertex towards a plane (and a little towards a point). However
many there are, those of one vertex add up to a 3x3 matrix and a 3-vector, so a solver step costs
the same for a thousand scan points as for a hundred thousand.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import cKDTree
from torch import Tensor

from likeness.fitting.target import Target

WORKERS = 2


@dataclass(frozen=True)
class Matching:
    """How correspondences are found and weighed; lengths in metres.

    `reach` is the scale of the robust kernel (Geman and McClure 1987), `normal_scale` how many
    metres a reversed normal counts as, `sliding` the weight of the tangential part,
    `explain` the weight of scan points against that of body vertices.
    """

    reach: float
    normal_scale: float
    sliding: float = 0.1
    explain: float = 1.0


@dataclass(frozen=True, eq=False)
class Pull:
    """Per vertex the quadratic e(v + d) = d' H d / 2 + g' d; `cost` is the robust mean per row."""

    hessian: Float[Tensor, "M N 3 3"]
    gradient: Float[Tensor, "M N 3"]
    cost: Float[Tensor, " M"]


class Matcher:
    """Finds correspondences of M posed candidates with one scan; keeps the scan's tree."""

    def __init__(self, target: Target, matching: Matching, area: Float[np.ndarray, " N"],
                 device: torch.device) -> None:
        self.target, self.matching, self.device = target, matching, device
        self.tree = target.tree(matching.normal_scale)
        self.points = torch.as_tensor(target.points, device=device)
        self.normals = torch.as_tensor(target.normals, device=device)
        self.scan_weight = torch.as_tensor(target.area / target.area.sum(), device=device)
        self.body_weight = torch.as_tensor(area / area.sum(), dtype=torch.float32, device=device)

    def pull(self, vertices: Float[Tensor, "M N 3"], normals: Float[Tensor, "M N 3"]) -> Pull:
        """The quadratic pull on every vertex, body to scan and scan to body together."""
        hessian = torch.zeros(*vertices.shape, 3, device=self.device)
        gradient = torch.zeros_like(vertices)
        cost = torch.zeros(len(vertices), device=self.device)
        for row in range(len(vertices)):
            self._to_scan(vertices[row], normals[row], hessian[row], gradient[row], cost[row])
            self._to_body(vertices[row], normals[row], hessian[row], gradient[row], cost[row])
        return Pull(hessian, gradient, cost)

    def _features(self, points: Tensor, normals: Tensor) -> Float[np.ndarray, "K D"]:
        scale = self.matching.normal_scale
        if scale == 0.0:
            return points.cpu().numpy()
        return torch.cat((points, normals * scale), -1).cpu().numpy()

    def _to_scan(self, vertices: Tensor, normals: Tensor, hessian: Tensor, gradient: Tensor,
                 cost: Tensor) -> None:
        """Each body vertex to its nearest scan point, along the scan's normal."""
        _, near = self.tree.query(self._features(vertices, normals), workers=WORKERS)
        near = torch.as_tensor(near, device=self.device)
        gap = vertices - self.points[near]
        weight = self._robust(gap, normals, self.normals[near], self.body_weight, cost, 1.0)
        metric = self._metric(self.normals[near], weight)
        hessian += metric
        gradient += (metric @ gap[..., None])[..., 0]

    def _to_body(self, vertices: Tensor, normals: Tensor, hessian: Tensor, gradient: Tensor,
                 cost: Tensor) -> None:
        """Each scan point to its nearest body vertex, along the body's normal."""
        tree = cKDTree(self._features(vertices, normals), balanced_tree=False)
        _, near = tree.query(self._features(self.points, self.normals), workers=WORKERS)
        near = torch.as_tensor(near, device=self.device)
        gap = vertices[near] - self.points
        weight = self._robust(gap, normals[near], self.normals, self.scan_weight, cost,
                              self.matching.explain)
        metric = self._metric(normals[near], weight)
        hessian.index_add_(0, near, metric)
        gradient.index_add_(0, near, (metric @ gap[..., None])[..., 0])

    def _robust(self, gap: Tensor, a: Tensor, b: Tensor, weight: Tensor, cost: Tensor,
                share: float) -> Tensor:
        """Geman-McClure weights; a normal that disagrees counts as distance."""
        scale = self.matching.normal_scale
        distance2 = (gap * gap).sum(-1) + scale * scale * (a - b).square().sum(-1)
        reach2 = self.matching.reach ** 2
        cost += share * (weight * distance2 * reach2 / (distance2 + reach2)).sum()
        return share * weight * (reach2 / (distance2 + reach2)).square()

    def _metric(self, normals: Tensor, weight: Tensor) -> Float[Tensor, "K 3 3"]:
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
