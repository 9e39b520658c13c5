"""Outward normals for a scan: from its triangles, or from the neighbourhoods of its points."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32, Int
from scipy.sparse import coo_array

from likeness.scans.scan import Scan


def with_normals(scan: Scan) -> Scan:
    """The scan with unit normals; unchanged where it has them already."""
    if scan.normals is not None:
        return scan
    if scan.is_mesh:
        return replace(scan, normals=mesh_normals(scan.vertices, scan.faces))
    return replace(scan, normals=cloud_normals(scan.vertices))


def mesh_normals(vertices: Float32[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                 ) -> Float32[np.ndarray, "N 3"]:
    """Area-weighted vertex normals, turned outwards where the mesh encloses negative volume."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    middle = vertices.mean(axis=0)
    volume = float(np.einsum("fc,fc->", across.astype(np.float64), a - middle))
    rows = faces.ravel()
    spread = coo_array((np.ones(len(rows), np.float32), (rows, np.arange(len(rows)) // 3)),
                       shape=(len(vertices), len(faces))).tocsr()
    normals = spread @ (across if volume >= 0 else -across)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return (normals / np.maximum(length, 1e-20)).astype(np.float32)


def cloud_normals(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """Normals of local planes, oriented consistently and away from the body's vertical axis."""
    import open3d

    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points.astype(np.float64)))
    few = cloud.voxel_down_sample(0.012)
    few.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(24))
    few.orient_normals_consistent_tangent_plane(12)
    places, normals = np.asarray(few.points), np.asarray(few.normals)
    outward = places - np.median(places, axis=0)
    outward[:, 1] = 0.0
    if np.einsum("nc,nc->", normals, outward) < 0:
        normals = -normals
    return _nearest(places, normals, points)


def _nearest(places: Float[np.ndarray, "K 3"], normals: Float[np.ndarray, "K 3"],
             points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    from scipy.spatial import cKDTree

    _, near = cKDTree(places, balanced_tree=False).query(points, workers=2)
    return normals[near].astype(np.float32)
