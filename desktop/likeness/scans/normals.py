"""Outward normals for a scan: from its triangles, or from the neighbourhoods of its points."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32, Float64, Int

from likeness.core.cells import cell_means
from likeness.core.nearest import PointTree
from likeness.core.triangles import corners_of, face_crosses, lengths
from likeness.core.turning import turns_to_agree
from likeness.scans.flats import beside_flats, find_flats
from likeness.scans.sampling import surface_points
from likeness.scans.scan import Scan

_CELL_M, _NEIGHBOURS = 0.012, 12
_OUTWARDS = 40.0  # votes for a metre of bulging
_ROUND_M, _AROUND = 0.025, 24  # so far apart they reach round a wrist and over half a trunk
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
    some = slice(None, None, max(1, len(vertices) // _JUDGED))
    free = beside_flats(vertices[some], find_flats(surface_points(vertices, faces)))
    person = free if free.any() else ~free
    if _bulge(vertices[some][person], normals[some][person]) < 0:
        normals *= -1
    normals /= np.maximum(lengths(normals), np.float32(1e-20))[:, None]
    return normals


def cloud_normals(points: Float32[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
    """Normals of local planes over the means of cells, oriented consistently and outwards.

    Hoppe et al. 1992, Surface reconstruction from unorganized points. Two places vote for normals
    that lie as on one arc through both, which points across a gap or a finger see the other way
    than those of a plane do (Koenig and Gumhold 2009, Consistent propagation of normal
    orientations in point clouds). How they bulge has a say as well, the more of them have joined.
    """
    places, cell = cell_means(points, _CELL_M)
    normals = _planes(places)
    near = PointTree(places).nearest(places, _NEIGHBOURS)[1][:, 1:]
    a, b = np.repeat(np.arange(len(places)), near.shape[1]), near.ravel()
    along = places[b] - places[a]
    along /= np.maximum(lengths(along), 1e-12)[:, None]
    mirrored = normals[a] - 2.0 * np.einsum("nc,nc->n", normals[a], along)[:, None] * along
    alike = np.einsum("nc,nc->n", mirrored, normals[b])
    bulge = _OUTWARDS * _bulges(places, normals)
    turned, whole = turns_to_agree(a, b, alike * np.abs(alike), np.ones(len(places), np.int64),
                                   bulge)
    inwards = np.bincount(whole, np.where(turned, -bulge, bulge)) < 0
    normals[turned ^ inwards[whole]] *= -1.0
    return normals.astype(np.float32)[cell]


def _planes(places: Float64[np.ndarray, "K 3"]) -> Float64[np.ndarray, "K 3"]:
    """The normal of the plane through each place and those around it, either way round."""
    import open3d

    few = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(places))
    few.estimate_normals(open3d.geometry.KDTreeSearchParamKNN(_NEIGHBOURS))
    return np.array(few.normals)


def _bulge(places: Float[np.ndarray, "K 3"], normals: Float[np.ndarray, "K 3"]) -> float:
    """Positive where the surface mostly bulges to the side that its normals point to."""
    some = slice(None, None, max(1, len(places) // _JUDGED))
    return float(_bulges(places[some], normals[some]).sum())


def _bulges(places: Float[np.ndarray, "K 3"], normals: Float[np.ndarray, "K 3"],
            ) -> Float64[np.ndarray, " K"]:
    """How far each place lies out of the middle of those around it, along its normal.

    Limbs and trunk are round: a person's surface bulges outwards nearly everywhere, in half a scan
    as well, of which no volume can be told.
    """
    middles, cell = cell_means(places, _ROUND_M)
    near = PointTree(middles).nearest(middles, _AROUND)[1]
    out = middles - middles[near].mean(axis=1)
    return np.einsum("kc,kc->k", normals, out[cell])


def _side(points: Float32[np.ndarray, "N 3"], normals: Float32[np.ndarray, "N 3"]) -> int:
    """1 for outward normals, -1 for inward ones, 0 for what are no normals of this surface."""
    some = slice(None, None, max(1, len(points) // _JUDGED))
    places, cell = cell_means(points[some], _CELL_M)
    sums = np.stack([np.bincount(cell, normals[some, k]) for k in range(3)], axis=1)
    unit = sums / np.maximum(lengths(sums), 1e-12)[:, None]
    upright = np.abs(np.einsum("nc,nc->n", unit, _planes(places)))
    _, next_to = PointTree(places).nearest(places, 2)
    agree = np.einsum("nc,nc->n", unit, unit[next_to[:, 1]]) > 0
    if np.median(upright) < _UPRIGHT or agree.mean() < _AGREE:
        return 0
    return 1 if _bulge(places, unit) > 0 else -1
