"""The planes that small groups of points lie in."""

import numpy as np
from jaxtyping import Float, Float64

Planes = tuple[Float64[np.ndarray, "N 3"], Float64[np.ndarray, "N 3"], Float64[np.ndarray, "N 3"]]


def fitted_planes(groups: Float[np.ndarray, "N K 3"]) -> Planes:
    """Middles of N groups of K points, variances from least to largest, and unit normals.

    By principal components: the first variance is across the plane.
    """
    middles = groups.mean(axis=1, dtype=np.float64)
    away = groups - middles[:, None]
    variances, axes = np.linalg.eigh(np.einsum("nki,nkj->nij", away, away) / groups.shape[1])
    return middles, variances, axes[:, :, 0]
