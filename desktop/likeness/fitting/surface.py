"""Distances to a surface: to the triangles of a mesh, or to the local planes of a point cloud."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32, Int

from likeness.core.nearest import PointTree
from likeness.core.threads import together
from likeness.core.triangles import apart_from, face_crosses, lengths, middles_of
from likeness.scans.rays import ray_scene, scene_of
from likeness.scans.scan import Scan

# Of millions of triangles: where a coarser copy tells as much, how many near ones are asked, from
# how many times the usual width on a triangle is always asked; points that a core takes at a time.
_FAR_M, _ASKED, _WIDE, _PART = 0.025, 8, 4.0, 2048


@runtime_checkable
class Surface(Protocol):
    """Anything that can say how far points are from it, and give points spread over it."""

    def distance(self, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
        """Unsigned distance of each point in metres."""
        ...

    def samples(self, count: int, seed: int) -> Float[np.ndarray, "N 3"]:
        """Points spread evenly over the surface."""
        ...


class MeshSurface:
    """The triangles themselves; exact distances through an Embree tree."""

    def __init__(self, vertices: Float32[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
                 scene: Any = None) -> None:
        self.vertices, self.faces = vertices, faces
        self._scene = scene_of(vertices, faces) if scene is None else scene

    @classmethod
    def of_scan(cls, scan: Scan) -> "MeshSurface":
        """The triangles of a scan, in its one tree, which takes seconds for millions: now if it
        has none yet.
        """
        surface = cls(scan.vertices, scan.faces, ray_scene(scan))
        surface.distance(scan.vertices[:1])  # Open3D would put it off
        return surface

    def distance(self, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
        """Unsigned point-to-triangle distance in metres."""
        import open3d.core

        query = open3d.core.Tensor(np.ascontiguousarray(points, np.float32))
        return self._scene.compute_distance(query).numpy()

    def samples(self, count: int, seed: int) -> Float[np.ndarray, "N 3"]:
        """Points drawn uniformly by area."""
        return _spread_over(self.vertices, self.faces, count, seed)


class FineSurface:
    """Millions of small triangles: of these only the few whose middles are nearest are asked.

    To make a tree of all takes seconds, one of their middles less than half of that. One distance
    in some two hundred comes out too long then, by a twentieth of a millimetre; far from the scan
    they are those from `copy`, a coarser one.
    """

    def __init__(self, vertices: Float32[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
                 copy: MeshSurface) -> None:
        self._vertices, self._faces, self._copy = vertices, faces, copy
        middles, width = middles_of(vertices, faces)
        wide = width > _WIDE * np.median(width)
        self._wide, self._small = None, faces
        if wide.any():
            self._wide = MeshSurface(vertices, faces[wide])
            self._small, middles = faces[~wide], middles[~wide]
        self._tree = PointTree(middles)

    def distance(self, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
        """Unsigned point-to-triangle distance in metres."""
        distance = self._copy.distance(points)
        near = np.flatnonzero(distance < _FAR_M)
        parts = [points[near[first:first + _PART]] for first in range(0, len(near), _PART)]
        if parts:
            distance[near] = np.concatenate(together(self._to_small, parts))
        if self._wide is not None:
            distance = np.minimum(distance, self._wide.distance(points))
        return distance

    def _to_small(self, points: Float[np.ndarray, "K 3"]) -> Float[np.ndarray, " K"]:
        near = self._tree.nearest(points, _ASKED)[1]
        corners = self._vertices[self._small[near]]
        return apart_from(corners, points[:, None].astype(np.float32)).min(axis=1)

    def samples(self, count: int, seed: int) -> Float[np.ndarray, "N 3"]:
        """Points drawn uniformly by area."""
        return _spread_over(self._vertices, self._faces, count, seed)


class CloudSurface:
    """A point cloud as little discs as wide as its spacing; needs normals."""

    def __init__(self, points: Float32[np.ndarray, "N 3"],
                 normals: Float32[np.ndarray, "N 3"]) -> None:
        self.points, self.normals = points, normals
        self._tree = PointTree(points)
        few = points[:: max(1, len(points) // 2000)]
        self._spacing = float(np.median(self._tree.nearest(few, 4)[0][:, -1]))

    def distance(self, points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
        """Distance in metres to the disc around the nearest point."""
        _, near = self._tree.one_nearest(points)
        gap = points - self.points[near]
        along = np.einsum("nc,nc->n", gap, self.normals[near])
        aside = np.sqrt(np.maximum(np.square(gap).sum(1) - along * along, 0.0))
        return np.hypot(along, np.maximum(aside - self._spacing, 0.0))

    def samples(self, count: int, seed: int) -> Float[np.ndarray, "N 3"]:
        """Points of the cloud, drawn evenly."""
        draw = np.random.default_rng(seed)
        return self.points[draw.choice(len(self.points), min(count, len(self.points)),
                                       replace=False)]


def _spread_over(vertices: Float32[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"], count: int,
                 seed: int) -> Float[np.ndarray, "N 3"]:
    draw = np.random.default_rng(seed)
    edges = np.cumsum(lengths(face_crosses(vertices, faces)), dtype=np.float64)
    place = (np.arange(count) + draw.random(count)) / count * edges[-1]
    face = np.minimum(np.searchsorted(edges, place), len(edges) - 1)
    a, b, c = (vertices[faces[face, i]] for i in range(3))
    u, v = draw.random((2, count, 1)).astype(np.float32)
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    return a + u * (b - a) + v * (c - a)
