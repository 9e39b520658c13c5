"""Fewer faces or points than a fit can use; the file keeps them all."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64, UInt8
from scipy.spatial import cKDTree

from likeness.scans.cleanup.removal import Cleaned, kept
from likeness.scans.scan import Scan

ENOUGH = 1_000_000


@dataclass(frozen=True)
class Decimate:
    """At most so many faces of a mesh, so many points of a cloud."""

    most: int = ENOUGH

    def __call__(self, scan: Scan) -> Cleaned:
        """By quadric error (Garland and Heckbert 1997); colours from the nearest vertex."""
        count = len(scan.faces) if scan.is_mesh else len(scan.vertices)
        if count <= self.most:
            return Cleaned(scan, ())
        less = _decimated(scan, self.most) if scan.is_mesh else _thinned(scan, self.most)
        left = len(less.faces) if scan.is_mesh else len(less.vertices)
        what = "faces" if scan.is_mesh else "points"
        return Cleaned(less, (f"{count - left:,} of {count:,} {what}",))


def _thinned(scan: Scan, most: int) -> Scan:
    keep = np.zeros(len(scan.vertices), bool)
    keep[np.linspace(0, len(keep) - 1, most).astype(np.int64)] = True
    return kept(scan, keep)


def _decimated(scan: Scan, most: int) -> Scan:
    import open3d.geometry
    import open3d.utility

    whole = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(scan.vertices.astype(np.float64)),
        open3d.utility.Vector3iVector(scan.faces))
    less = whole.simplify_quadric_decimation(most)
    vertices = np.asarray(less.vertices).astype(np.float32)
    faces = np.asarray(less.triangles).astype(np.int32)[:most]
    near = cKDTree(scan.vertices, balanced_tree=False).query(vertices)[1].astype(np.int64)
    return replace(scan, vertices=vertices, faces=faces, colors=_colors(scan, near),
                   normals=None if scan.normals is None else scan.normals[near],
                   uv=None, texture=None)


def _colors(scan: Scan, near: Int64[np.ndarray, " M"]) -> UInt8[np.ndarray, "M 3"] | None:
    """Of the nearest vertices; from the texture where there is one, whose seams would not last."""
    if scan.uv is not None and scan.texture is not None:
        high, wide = scan.texture.shape[:2]
        u, v = (scan.uv[near] % 1.0).T
        column = np.minimum((u * wide).astype(np.int64), wide - 1)
        row = np.minimum(((1.0 - v) * high).astype(np.int64), high - 1)
        return scan.texture[row, column]
    return None if scan.colors is None else scan.colors[near]
