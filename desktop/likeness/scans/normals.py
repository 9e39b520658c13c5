"""Outward normals for a scan: from its triangles, or from the neighbourhoods of its points."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32, Int
from scipy.spatial import cKDTree

from likeness.core.cells import cell_means
from likeness.core.triangles import corners_of, face_crosses, lengths
from likeness.scans.flats import beside_flats, find_flats
from likeness.scans.sampling import surface_points
from likeness.scans.scan import Scan

_CELL_M, _NEIGHBOURS = 0.012, 24
_ROUND_M = 0.025  # so far apart 24 places reach round a wrist and over half a trunk
_JUDGED = 100_000  # points that tell what normals are worth
_UPRIGHT, _AGREE = 0.7, 0.8  # cosine to the local plane's normal; share of neighbours


def with_normals(scan: Scan) -> Scan:
    """The scan with unit normals; unchanged where it has them already.

    Those of a cloud are its file's: they are turned where they point inwards, and found anew where
    they contradict each other or the surface.
    """
    if scan.is_mesh:
        if scan.normals is not None:
            return scan
        return replace(scan, normals=mesh_normals(scan.vertices, scan.faces))
    side = 0 if scan.normals is None else _side(scan.vertices, scan.normals)
    if side > 0:
        return scan
    turned = None if scan.normals is None else -scan.normals
    return replace(scan, normals=turned if side < 0 else cloud_normals(scan.vertices))


def mesh_normals(vertices: Float32[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                 ) -> Float32[np.ndarray, "N 3"]:
    """Area-weighted vertex normals, turned outwards where the person bulges the other way.

    Floors and walls are flat, but where they meet they bulge as well.
    """
    normals = corners_of(faces, len(vertices)) @ face_crosses(vertices, faces)
    free = beside_flats(vertices, find_flats(surface_points(vertices, faces)))
    person = free if free.any() else ~free
    if _bulge(vertices[person], normals[person]) < 0:
        normals = -normals
    return normals / np.maximum(lengths(normals), np.float32(1e-20))[:, None]


def cloud_normals(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """Normals of local planes, oriented consistently and away from the body's vertical axis.

    Hoppe et al. 1992, Surface reconstruction from unorganized points, over the means of cells.
    """
    import open3d

    places, cell = cell_means(points, _CELL_M)
    few = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(places))
    few.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(_NEIGHBOURS))
    few.orient_normals_consistent_tangent_plane(_NEIGHBOURS // 2)
    normals = np.asarray(few.normals)
    if _bulge(places, normals) < 0:
        normals = -normals
    return normals.astype(np.float32)[cell]


def _bulge(places: Float[np.ndarray, "K 3"], normals: Float[np.ndarray, "K 3"]) -> float:
    """Positive where the surface mostly bulges to the side that its normals point to.

    A place lies outside of the middle of those around it, for limbs and trunk are round: a person's
    surface says so everywhere, in half a scan as well, of which no volume can be told.
    """
    some = slice(None, None, max(1, len(places) // _JUDGED))
    middles, cell = cell_means(places[some], _ROUND_M)
    sums = np.stack([np.bincount(cell, normals[some, k]) for k in range(3)], axis=1)
    near = cKDTree(middles).query(middles, list(range(1, min(_NEIGHBOURS, len(middles)) + 1)))[1]
    return float(np.einsum("kc,kc->", sums, middles - middles[near].mean(axis=1)))


def _side(points: Float32[np.ndarray, "N 3"], normals: Float32[np.ndarray, "N 3"]) -> int:
    """1 for outward normals, -1 for inward ones, 0 for what are no normals of this surface."""
    import open3d

    some = slice(None, None, max(1, len(points) // _JUDGED))
    places, cell = cell_means(points[some], _CELL_M)
    sums = np.stack([np.bincount(cell, normals[some, k]) for k in range(3)], axis=1)
    unit = sums / np.maximum(lengths(sums), 1e-12)[:, None]
    few = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(places))
    few.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(_NEIGHBOURS))
    upright = np.abs(np.einsum("nc,nc->n", unit, np.asarray(few.normals)))
    _, next_to = cKDTree(places).query(places, 2)
    agree = np.einsum("nc,nc->n", unit, unit[next_to[:, 1]]) > 0
    if np.median(upright) < _UPRIGHT or agree.mean() < _AGREE:
        return 0
    return 1 if _bulge(places, unit) > 0 else -1
