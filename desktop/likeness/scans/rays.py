"""Triangles made ready for rays and distances (Embree, through Open3D): one tree for each scan."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float32, Int

from likeness.scans.scan import Scan

_SCENES: WeakKeyDictionary[Scan, Any] = WeakKeyDictionary()


def ray_scene(scan: Scan) -> Any:
    """The scan's triangles; the same tree whoever asks, for as long as the scan lives."""
    if scan not in _SCENES:
        _SCENES[scan] = scene_of(scan.vertices, scan.faces)
    return _SCENES[scan]


def scene_of(vertices: Float32[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"]) -> Any:
    """An Open3D `RaycastingScene` of these triangles."""
    import open3d.core
    import open3d.t.geometry

    scene = open3d.t.geometry.RaycastingScene()
    if len(faces) < len(vertices) // 4:  # a small piece of a large scan is a small tree
        used, own = np.unique(faces, return_inverse=True)
        vertices, faces = vertices[used], own.reshape(-1, 3)
    scene.add_triangles(open3d.core.Tensor(np.ascontiguousarray(vertices)),
                        open3d.core.Tensor(np.ascontiguousarray(faces, np.uint32)))
    return scene
