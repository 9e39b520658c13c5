"""Normals to light a cloud by: of local planes, without telling inside from outside."""

import numpy as np
from jaxtyping import Float32

from likeness.core.cells import cell_means

# Finer than the features one wants to see, coarser than the noise of depth cameras.
_CELL_M = 0.012
_NEIGHBOURS = 24


def shading_normals(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """A unit normal per point, either way along its line; one plane for every filled cell.

    A fraction of the work of normals that agree on a side, which light from the viewer needs not.
    """
    import open3d

    centres, cell = cell_means(points, _CELL_M)
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(centres))
    cloud.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(_NEIGHBOURS))
    return np.asarray(cloud.normals).astype(np.float32)[cell]
