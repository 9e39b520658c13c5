"""Normals to light a cloud by: of local planes, without telling inside from outside."""

import numpy as np
from jaxtyping import Float32, Int64

# Finer than the features one wants to see, coarser than the noise of depth cameras.
_CELL_M = 0.012
_NEIGHBOURS = 24


def shading_normals(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """A unit normal per point, either way along its line; one plane for every filled cell.

    A fraction of the work of normals that agree on a side, which light from the viewer needs not.
    """
    import open3d

    _, cell, count = np.unique(_cells(points), return_inverse=True, return_counts=True)
    centres = np.stack([np.bincount(cell, points[:, k]) / count for k in range(3)], axis=1)
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(centres))
    cloud.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(_NEIGHBOURS))
    return np.asarray(cloud.normals).astype(np.float32)[cell]


def _cells(points: Float32[np.ndarray, "N 3"]) -> Int64[np.ndarray, " N"]:
    """The number of the grid cell each point lies in."""
    places = np.floor((points - points.min(axis=0)) / _CELL_M).astype(np.int64)
    size = places.max(axis=0) + 1
    return (places[:, 0] * size[1] + places[:, 1]) * size[2] + places[:, 2]
