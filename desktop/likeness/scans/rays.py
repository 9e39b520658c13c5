"""Triangles made ready for rays and distances (Embree, through Open3D): one tree for each scan."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Float32, Int, Int64

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


def hits(scene: Any, origins: Float[np.ndarray, "K 3"], ways: Float[np.ndarray, "K 3"],
         ) -> tuple[Int64[np.ndarray, " H"], Int64[np.ndarray, " H"], Float32[np.ndarray, " H"]]:
    """Wherever rays meet triangles: the rays' rows, the triangles', and how many `ways` it takes.

    On one thread, as `first_hits`: for thousands of rays, not for millions.
    """
    if len(origins) == 0:  # asked for no ray, Open3D 0.20 crashes
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    found = scene.list_intersections(_rays(origins, ways), nthreads=1)
    rows, triangles = (found[each].numpy().astype(np.int64) for each in ("ray_ids",
                                                                        "primitive_ids"))
    return rows, triangles, found["t_hit"].numpy()


def first_hits(scene: Any, origins: Float[np.ndarray, "K 3"], ways: Float[np.ndarray, "K 3"],
               ) -> tuple[Int64[np.ndarray, " K"], Float32[np.ndarray, " K"]]:
    """The first triangle that each ray meets, and how many `ways` it takes.

    Below 0 and infinite where there is none.
    """
    found = scene.cast_rays(_rays(origins, ways), nthreads=1)
    triangles = found["primitive_ids"].numpy().view(np.int32).astype(np.int64)
    return triangles, found["t_hit"].numpy()


def _rays(origins: Float[np.ndarray, "K 3"], ways: Float[np.ndarray, "K 3"]) -> Any:
    import open3d.core

    return open3d.core.Tensor(np.ascontiguousarray(np.hstack((origins, ways)), np.float32))
