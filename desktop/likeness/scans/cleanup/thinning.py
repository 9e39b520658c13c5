"""Fewer faces or points than a fit can use; the file keeps them all."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from likeness.core.nearest import PointTree
from likeness.core.welding import first_there
from likeness.scans.cleanup.removal import Cleaned, kept
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan

ENOUGH = 1_000_000
_HELPED = 0.95  # of the faces may be left after a pass that is worth another


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
    vertices, faces = _simplified(*_welded(scan), most)
    near = PointTree(scan.vertices).one_nearest(vertices)[1]
    return with_normals(replace(scan, vertices=vertices, faces=faces, colors=_colors(scan, near),
                                normals=None, uv=None, texture=None))


def _welded(scan: Scan) -> tuple[Float32[np.ndarray, "M 3"], Int32[np.ndarray, "F 3"]]:
    """Without the copies of vertices along texture seams, where the surface would crack."""
    first = first_there(scan.vertices)
    used, faces = np.unique(first[scan.faces], return_inverse=True)
    return scan.vertices[used], faces.reshape(-1, 3).astype(np.int32)


def _simplified(vertices: Float32[np.ndarray, "N 3"], faces: Int32[np.ndarray, "F 3"], most: int,
                ) -> tuple[Float32[np.ndarray, "M 3"], Int32[np.ndarray, "G 3"]]:
    """One pass stops early where it must go far, so several, until one no longer helps.

    Triangles at random resist them all, or all vanish: of such a soup every so manieth is taken.
    """
    from fast_simplification import simplify

    had = np.inf
    while most < len(faces) < _HELPED * had:
        had = len(faces)
        fewer, left = simplify(vertices, faces, target_count=most)
        if not len(left):
            break
        vertices, faces = fewer, left.astype(np.int32)
    if len(faces) > most:
        faces = faces[np.linspace(0, len(faces) - 1, most).astype(np.int64)]
    used, faces = np.unique(faces, return_inverse=True)
    return vertices[used].astype(np.float32), faces.reshape(-1, 3).astype(np.int32)


def _colors(scan: Scan, near: Int64[np.ndarray, " M"]) -> UInt8[np.ndarray, "M 3"] | None:
    """Of the nearest vertices; from the texture where there is one, whose seams would not last."""
    if scan.uv is not None and scan.texture is not None:
        high, wide = scan.texture.shape[:2]
        u, v = (scan.uv[near] % 1.0).T
        column = np.minimum((u * wide).astype(np.int64), wide - 1)
        row = np.minimum(((1.0 - v) * high).astype(np.int64), high - 1)
        return scan.texture[row, column]
    return None if scan.colors is None else scan.colors[near]
