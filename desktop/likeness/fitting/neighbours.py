"""Nearest neighbours both ways between candidates and one scan.

On the CPU by trees; on a GPU from all distances, which take less time there than the way to the
CPU and back.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import cKDTree
from torch import Tensor

_WORKERS = 2


def neighbours(bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"],
               ) -> tuple[Int[Tensor, "M N"], Int[Tensor, "M T"]]:
    """Of M candidates the scan point nearest to each vertex, and the vertex nearest to each point.
    """
    return (by_distances if bodies.device.type == "cuda" else by_trees)(bodies, scan)


def by_distances(bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"],
                 ) -> tuple[Int[Tensor, "M N"], Int[Tensor, "M T"]]:
    """The same from the distances of all pairs."""
    apart = torch.cdist(bodies, scan.expand(len(bodies), -1, -1),
                        compute_mode="donot_use_mm_for_euclid_dist")
    return apart.argmin(2), apart.argmin(1)


def by_trees(bodies: Float[Tensor, "M N D"], scan: Float[Tensor, "T D"],
             ) -> tuple[Int[Tensor, "M N"], Int[Tensor, "M T"]]:
    """The same through a tree of the scan and one of each candidate."""
    points = scan.numpy()
    tree = cKDTree(points, balanced_tree=False)
    workers = _WORKERS if len(bodies) == 1 else 1  # several candidates share the cores as they are

    def both(body: Float[np.ndarray, "N D"]) -> tuple[np.ndarray, np.ndarray]:
        own = cKDTree(body, balanced_tree=False)
        return tree.query(body, workers=workers)[1], own.query(points, workers=workers)[1]

    with ThreadPoolExecutor(_WORKERS) as pool:
        near, back = zip(*pool.map(both, bodies.numpy()), strict=True)
    return torch.as_tensor(np.stack(near)), torch.as_tensor(np.stack(back))
