"""How much of the sky each face of a mesh sees: ambient exposure (Zhukov et al. 1998), by rays.

Rays leave a face on both of its sides, so that it does not matter which way it is wound: an open
face of a closed surface sees half of all directions, and what lies inside sees none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int, Int64

from likeness.core.ordering import first_of_equal, numbered, order_by
from likeness.scans.flaws.pieces import Pieces
from likeness.scans.rays import ray_scene

# A face is dark up to this share of the sky of an open one; sure up to the first.
DARK, DIM = 0.04, 0.16
# A short look for all, a long one for those that saw little.
_FIRST, _SECOND, _LITTLE = 12, 20, 0.3
# Larger meshes are looked at patch by patch, and face by face only along dark patches' rims: first
# on the dark side, for a patch is as dark as the darker of two faces, then on both.
_FEW_FACES, _PATCH_M, _ROUNDS = 150_000, 0.01, ((True,), (True, False))
# Rays start a little off the face: neighbours of a bumpy face are no roof.
_CLEARANCE_M = 3e-4
_BATCH = 400_000


def sphere(count: int) -> Float32[np.ndarray, "D 3"]:
    """Directions spread evenly over the sphere, along a spiral."""
    k = np.arange(count) + 0.5
    y, turn = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    r = np.sqrt(1 - y * y)
    return np.stack((r * np.cos(turn), y, r * np.sin(turn)), axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Sight:
    """A mesh made ready for rays; `tick` is called before every batch of them."""

    pieces: Pieces
    tick: Callable[[], None]

    @cached_property
    def scene(self) -> Any:
        """All faces, for embree."""
        return ray_scene(self.pieces.scan)

    def middles(self, faces: Int[np.ndarray, " S"]) -> Float32[np.ndarray, "S 3"]:
        """The middle of each of these faces."""
        a, b, c = (self.pieces.scan.vertices[self.pieces.scan.faces[faces, k]] for k in range(3))
        return ((a + b + c) / np.float32(3)).astype(np.float32)

    def free(self, faces: Int[np.ndarray, " S"], directions: Float32[np.ndarray, "D 3"],
             asked: Bool[np.ndarray, "S D"]) -> Int64[np.ndarray, " S"]:
        """In how many of the directions that are asked for each face sees the sky."""
        import open3d.core

        counts = np.zeros(len(faces), np.int64)
        step = max(1, _BATCH // len(directions))
        for start in range(0, len(faces), step):
            self.tick()
            part, wanted = faces[start:start + step], asked[start:start + step]
            rays = rays_from(self.middles(part), directions)[wanted]
            blocked = self.scene.test_occlusions(open3d.core.Tensor(rays), tnear=_CLEARANCE_M)
            free = np.zeros(wanted.shape, bool)
            free[wanted] = ~blocked.numpy()
            counts[start:start + step] = free.sum(axis=1)
        return counts


def rays_from(places: Float32[np.ndarray, "S 3"], directions: Float32[np.ndarray, "D 3"],
              ) -> Float32[np.ndarray, "S D 6"]:
    """Every direction from every place."""
    rays = np.empty((len(places), len(directions), 6), np.float32)
    rays[..., :3] = places[:, None]
    rays[..., 3:] = directions
    return rays


@dataclass(eq=False)
class Exposure:
    """`seen` (F,): the share of the sky each face sees, 1 for an open face.

    `done` patches were looked at face by face; of `mixed` ones two faces saw very unlike skies.

    Large meshes are looked at by patch first; `sharpen` then looks at each face along the rims
    that matter.
    """

    sight: Sight
    patch: Int64[np.ndarray, " F"]
    done: Bool[np.ndarray, " P"]
    mixed: Bool[np.ndarray, " P"]
    seen: Float32[np.ndarray, " F"]

    def sharpen(self, dark: Bool[np.ndarray, " F"]) -> None:
        """Look at every face of the patches along the rim of `dark`, as far as the rim moves."""
        todo = np.zeros(len(self.done), bool)
        todo[self.patch[dark]] = True
        todo &= self.mixed
        a, b = self.sight.pieces.edges.pairs
        for sides in _ROUNDS:
            rim = dark[a] != dark[b]
            for face in (a[rim], b[rim]):
                todo[self.patch[face[np.isin(dark[face], sides)]]] = True
            look = np.flatnonzero((todo & ~self.done)[self.patch])
            if len(look):
                self.seen[look] = _looked(self.sight, look, self.seen[look] <= 0)
                self.done |= todo
                dark = dark.copy()
                dark[look] = self.seen[look] <= DIM


def look_at(sight: Sight) -> Exposure:
    """How much every face sees; of a large mesh, every patch."""
    count = len(sight.pieces.scan.faces)
    order, starts = _patches(sight.pieces)
    size = np.diff(np.append(starts, count))
    patch = np.empty(count, np.int64)
    patch[order] = np.repeat(np.arange(len(starts)), size)
    if count <= _FEW_FACES:
        every = np.ones(len(starts), bool)
        return Exposure(sight, patch, every, ~every, _looked(sight, np.arange(count)))
    first, second = (_looked(sight, order[place]) for place in (starts, starts + size // 2))
    # The darker of the two: what may be dark is looked at again, what may be light is not.
    return Exposure(sight, patch, size == 1, (first <= DIM) != (second <= DIM),
                    np.minimum(first, second)[patch])


def _looked(sight: Sight, faces: Int[np.ndarray, " S"],
            black: Bool[np.ndarray, " S"] | None = None) -> Float32[np.ndarray, " S"]:
    """The share of the sky that each face sees; of those known as `black` a short look will do.

    What sees enough on its outer side is not asked about the inner one, where there is none to see.
    """
    directions, longer = sphere(_FIRST), sphere(_SECOND)
    outer = sight.pieces.across[faces] @ directions.T > 0
    seen = sight.free(faces, directions, outer).astype(np.float32)
    little = np.flatnonzero(seen <= _LITTLE * _FIRST / 2)
    seen[little] += sight.free(faces[little], directions, ~outer[little])
    doubtful = seen <= _LITTLE * _FIRST / 2
    if black is not None:
        doubtful &= ~(black & (seen == 0))
    little = np.flatnonzero(doubtful)
    more = sight.free(faces[little], longer, np.ones((len(little), _SECOND), bool))
    seen *= np.float32(2 / _FIRST)
    seen[little] = (seen[little] * (_FIRST / 2) + more) * (2 / (_FIRST + _SECOND))
    return np.minimum(seen, np.float32(1.0))


def _patches(pieces: Pieces) -> tuple[Int[np.ndarray, " F"], Int64[np.ndarray, " P"]]:
    """Faces sorted by patch and where each begins: one piece, one cell, turned one way."""
    scan = pieces.scan
    x, y, z = (np.abs(flux) for flux in pieces.across.T)
    key = np.where(np.maximum(x, y) < z, 2, y > x)
    for coordinate in (np.ascontiguousarray(each) for each in scan.vertices.T):
        total = sum(coordinate[np.ascontiguousarray(corner)] for corner in scan.faces.T)
        place = ((total - 3 * coordinate.min()) / (3 * _PATCH_M)).astype(np.int64)
        key = key * (int(place.max()) + 1) + place
    keys = (numbered(key)[1], pieces.of_face)
    order = order_by(*keys) if len(pieces.area) > 1 else order_by(keys[0])
    return order, np.flatnonzero(first_of_equal(*(key[order] for key in keys)))
