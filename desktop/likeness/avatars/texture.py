"""A first texture: every texel takes the scan's colour at the point of the scan nearest to it.

Where the scan is silent or faces another way, the colours nearest to the corners continue; seams
are padded, so that filtering never reads the background.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, UInt8
from scipy.ndimage import distance_transform_edt

from likeness.avatars.avatar import Avatar
from likeness.avatars.colours import colours_on_faces, corner_mix, has_colours
from likeness.avatars.fitted import moved
from likeness.avatars.surface import skin_mask, vertex_normals
from likeness.core.nearest import PointTree
from likeness.scans.flaws.coarse import MOST_FACES, light
from likeness.scans.rays import ray_scene, scene_of
from likeness.scans.scan import Scan

# Colours enough to continue from: one every few millimetres.
_MOST_KNOWN = 100_000


@dataclass(frozen=True)
class TextureSettings:
    """Side of the square texture in texels, and how far away a colour may be taken from."""

    size: int = 1024
    reach_m: float = 0.04
    # Cosine between the two surfaces below which the scan shows something else.
    facing: float = 0.2


@dataclass(frozen=True, eq=False)
class _Texels:
    """The texels that lie on the skin: which, on what face, and where they are in the world."""

    covered: Bool[np.ndarray, "S S"]
    face: Int[np.ndarray, " T"]
    bary: Float32[np.ndarray, "T 2"]
    points: Float32[np.ndarray, "T 3"]
    normals: Float32[np.ndarray, "T 3"]

    def moved(self, turn: Float64[np.ndarray, "4 4"]) -> "_Texels":
        """The same in another frame."""
        return replace(self, points=moved(self.points, turn),
                       normals=self.normals @ turn[:3, :3].T.astype(np.float32))


class _Colours(Protocol):
    """Colours near points, and which of them can be trusted."""

    def near(self, texels: _Texels, settings: TextureSettings
             ) -> tuple[Float32[np.ndarray, "T 3"], Bool[np.ndarray, " T"]]: ...


def bake_texture(
    scan: Scan, turn: Float64[np.ndarray, "4 4"], avatar: Avatar,
    settings: TextureSettings = TextureSettings(),
) -> UInt8[np.ndarray, "S S 3"] | None:
    """The avatar's texture, or None where the scan has no colours or the body no UVs.

    `turn` takes the scan to the avatar's frame. A huge mesh with coloured vertices gives those of
    its coarser copy, which are as close as texels.
    """
    if not has_colours(scan) or avatar.uv is None:
        return None
    texels = _texels(avatar, settings.size)
    colours_of: _Colours = _MeshColours(scan) if scan.is_mesh else _CloudColours(scan)
    colours, trusted = colours_of.near(texels.moved(np.linalg.inv(turn)), settings)
    if not trusted.any():
        return None
    colours[~trusted] = _continued(avatar, texels, colours, trusted)[~trusted]
    image = np.zeros((settings.size, settings.size, 3), np.uint8)
    image[texels.covered] = np.clip(np.round(colours), 0, 255).astype(np.uint8)
    return _padded(image, texels.covered)


def _texels(avatar: Avatar, size: int) -> _Texels:
    """Rays through the centres of the texels onto the unfolded skin find the faces they lie on."""
    import open3d.core

    assert avatar.uv is not None
    assert avatar.uv_faces is not None
    keep = skin_mask(avatar)
    faces, uv_faces = avatar.faces[keep], avatar.uv_faces[keep]
    flat = np.hstack((avatar.uv, np.zeros((len(avatar.uv), 1)))).astype(np.float32)
    hits = scene_of(flat, uv_faces).cast_rays(open3d.core.Tensor(_texel_rays(size)))
    covered = np.isfinite(hits["t_hit"].numpy())
    face = hits["primitive_ids"].numpy()[covered].astype(np.int64)
    bary = hits["primitive_uvs"].numpy()[covered]
    normals = vertex_normals(avatar.vertices, faces)
    return _Texels(covered, face, bary, corner_mix(avatar.vertices, faces, face, bary),
                   corner_mix(normals, faces, face, bary))


def _texel_rays(size: int) -> Float32[np.ndarray, "S S 6"]:
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    rays = np.zeros((size, size, 6), np.float32)
    rays[..., 0] = centres[None]
    rays[..., 1] = 1 - centres[:, None]
    rays[..., 2], rays[..., 5] = 1, -1
    return rays


class _MeshColours:
    """Colours of the closest points on the scan's triangles."""

    def __init__(self, scan: Scan) -> None:
        self._scan = light(scan, MOST_FACES)
        self._scene = ray_scene(self._scan)

    def near(self, texels: _Texels, settings: TextureSettings
             ) -> tuple[Float32[np.ndarray, "T 3"], Bool[np.ndarray, " T"]]:
        """Trusted where the scan is near and faces the same way."""
        import open3d.core

        found = self._scene.compute_closest_points(open3d.core.Tensor(texels.points))
        face = found["primitive_ids"].numpy().astype(np.int64)
        colours = colours_on_faces(self._scan, face, found["primitive_uvs"].numpy())
        gap = np.linalg.norm(found["points"].numpy() - texels.points, axis=1)
        facing = np.einsum("ij,ij->i", found["primitive_normals"].numpy(), texels.normals)
        return colours, (gap < settings.reach_m) & (facing > settings.facing)


class _CloudColours:
    """The mean colour of the four closest points."""

    def __init__(self, scan: Scan) -> None:
        assert scan.colors is not None
        self._colours = scan.colors
        self._tree = PointTree(scan.vertices)

    def near(self, texels: _Texels, settings: TextureSettings
             ) -> tuple[Float32[np.ndarray, "T 3"], Bool[np.ndarray, " T"]]:
        """Trusted where the scan is near."""
        gap, index = self._tree.nearest(texels.points, 4)
        colours = self._colours[index].mean(axis=1, dtype=np.float32)
        return colours, gap[:, 0] < settings.reach_m


def _continued(avatar: Avatar, texels: _Texels, colours: Float32[np.ndarray, "T 3"],
               trusted: Bool[np.ndarray, " T"]) -> Float32[np.ndarray, "T 3"]:
    """What every texel would be, did it know only the trusted colours nearest to its corners."""
    known = np.flatnonzero(trusted)
    known = known[:: max(1, len(known) // _MOST_KNOWN)]
    nearest = PointTree(texels.points[known]).one_nearest(avatar.vertices)[1]
    return corner_mix(colours[known[nearest]], avatar.faces[skin_mask(avatar)], texels.face,
                      texels.bary)


def _padded(image: UInt8[np.ndarray, "S S 3"], covered: Bool[np.ndarray, "S S"]
            ) -> UInt8[np.ndarray, "S S 3"]:
    """Every texel off the skin takes the colour of the nearest one on it."""
    rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    return image[rows, columns]
