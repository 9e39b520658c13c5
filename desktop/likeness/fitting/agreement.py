"""Whether body and scan are the same thing: what either has that the other has not.

Asked of the body straight from the shape space: a surface that may follow anything agrees with
anything. A near point that faces another way does not count.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from likeness.bodies.body import PARTS, Body
from likeness.core.components import components
from likeness.core.nearest import PointTree
from likeness.fitting.sampling import skin_vertices
from likeness.fitting.target import Target

POINTS = 8000
NORMAL_M = 0.04  # half of what a reversed normal counts as
NEAR_M, FAR_M, LINK_M = 0.03, 0.035, 0.05
_LINKED = 100  # points that are as near: a few tens lie on a surface, twice as many on two


@dataclass(frozen=True)
class Agreement:
    """Shares from 0 to 1.

    `missed` is how much of the body has no scan near that faces the same way, `missed_parts` the
    same of each part; `clump` the largest connected part of the scan that is far from the body.
    `facing` is the mean cosine between the normals of the scan and of the body nearest to it.
    """

    missed: float
    missed_parts: dict[str, float]
    clump: float
    facing: float


def agreement(body: Body, vertices: Float[np.ndarray, "V 3"], normals: Float[np.ndarray, "V 3"],
              target: Target, seed: int) -> Agreement:
    """Of a posed body, in the target's frame, and its unit normals."""
    few, skin = target.thinned(POINTS, seed), skin_vertices(body)
    tree = PointTree(few.features(NORMAL_M))
    own = np.hstack((vertices[skin], NORMAL_M * normals[skin]))
    missed = np.isinf(tree.one_nearest(own, NEAR_M)[0])
    parts = body.parts[skin]
    distance, near = PointTree(vertices[skin]).one_nearest(few.points)
    cosine = np.einsum("nc,nc->n", normals[skin][near], few.normals)
    return Agreement(float(missed.mean()),
                     {name: float(missed[parts == k].mean()) for k, name in enumerate(PARTS)
                      if (parts == k).any()},
                     _largest_clump(few.points, distance > FAR_M), float(cosine.mean()))


def _largest_clump(points: Float[np.ndarray, "N 3"], chosen: Bool[np.ndarray, " N"]) -> float:
    """The largest connected group of the chosen points, as a share of all."""
    far = points[chosen]
    if len(far) == 0:
        return 0.0
    apart, near = PointTree(far).nearest(far, _LINKED, LINK_M)
    own, _ = np.nonzero(np.isfinite(apart))
    return float(np.bincount(components(own, near[np.isfinite(apart)], len(far))).max()
                 / len(points))
