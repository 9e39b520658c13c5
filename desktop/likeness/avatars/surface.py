"""The avatar's outer surface: which faces are skin, which way they face, where the UV is cut."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32

from likeness.avatars.avatar import Avatar


def skin_mask(avatar: Avatar) -> Bool[np.ndarray, " F"]:
    """Which faces have no interior vertex (eyeballs, mouth cavity)."""
    return ~avatar.interior[avatar.faces].any(axis=1)


def vertex_normals(
    vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"]
) -> Float32[np.ndarray, "V 3"]:
    """Area-weighted unit normals; a vertex without a face, or of no area, points up."""
    a, b, c = (vertices[faces[:, i]].astype(np.float64) for i in range(3))
    face_normals = np.cross(b - a, c - a)
    corners = faces.ravel()
    sums = np.stack([np.bincount(corners, np.repeat(face_normals[:, i], 3), len(vertices))
                     for i in range(3)], axis=1)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    flat = lengths[:, 0] < 1e-20
    sums[flat], lengths[flat] = (0.0, 1.0, 0.0), 1.0
    return (sums / lengths).astype(np.float32)


@dataclass(frozen=True, eq=False)
class SeamedMesh:
    """A mesh with one UV per vertex: vertices on a seam appear once for each of their UVs.

    `source` names the avatar vertex of every vertex here. `uv` is None for a body without.
    """

    faces: Int32[np.ndarray, "S 3"]
    source: Int32[np.ndarray, " N"]
    uv: Float32[np.ndarray, "N 2"] | None


def split_at_seams(avatar: Avatar) -> SeamedMesh:
    """The skin, with only the vertices it uses, in the avatar's order."""
    keep = skin_mask(avatar)
    corners = avatar.faces[keep].ravel().astype(np.int64)
    if avatar.uv is None or avatar.uv_faces is None:
        source, index = np.unique(corners, return_inverse=True)
        uv = None
    else:
        uv_corners = avatar.uv_faces[keep].ravel()
        pairs, index = np.unique(corners * len(avatar.uv) + uv_corners, return_inverse=True)
        source, uv_index = np.divmod(pairs, len(avatar.uv))
        uv = avatar.uv[uv_index]
    return SeamedMesh(index.reshape(-1, 3).astype(np.int32), source.astype(np.int32), uv)
