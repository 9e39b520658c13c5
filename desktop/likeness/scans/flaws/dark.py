"""Connected dark regions of visible pieces: how large, behind how large an opening, under what."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.core.ordering import numbered, order_by
from likeness.scans.flaws.exposure import DARK, Exposure, Sight, rays_from, sphere
from likeness.scans.flaws.pieces import Pieces

SMALLEST_M2, CORE = 0.00015, 0.35
_SAMPLES, _DIRECTIONS = 48, 32
_BATCH = 20_000  # rays that list all they meet, in shells within shells thousands each


@dataclass(frozen=True, eq=False)
class Region:
    """Faces of one piece that see little; `opening` is the middle of where they meet the light.

    `depth` compares the area with the squared length of the opening's rim: two flat surfaces that
    touch, like half a ball, have 1 / (2 pi) at most; a bag behind a narrow mouth has many times
    that. None of this depends on position, size or the way faces are wound.
    """

    piece: int
    faces: Int64[np.ndarray, " R"]
    area: float
    depth: float
    opening: Float64[np.ndarray, "3"]


def dark_regions(pieces: Pieces, look: Exposure, dark: Bool[np.ndarray, " F"]) -> list[Region]:
    """Regions of `dark` faces that are large enough and mostly quite dark."""
    faces = np.flatnonzero(dark)
    if len(faces) == 0:
        return []
    region = _connected(pieces.welded[faces])
    area = pieces.face_area[faces]
    total = np.bincount(region, area)
    core = np.bincount(region, area * (look.seen[faces] <= DARK))
    found = []
    order = order_by(region)
    starts = np.append(0, np.cumsum(np.bincount(region)))
    rims = _rims(pieces, dark, faces, region)
    for each in np.flatnonzero((total > SMALLEST_M2) & (core > CORE * total)):
        own = faces[order[starts[each]:starts[each + 1]]]
        opening, rim = _opening(pieces, own, rims[each])
        found.append(Region(int(pieces.of_face[own[0]]), own, float(total[each]),
                            float(total[each]) / max(rim, 1e-9), opening))
    return found


def _connected(faces: Int[np.ndarray, "R K"]) -> Int64[np.ndarray, " R"]:
    """A number for each face (or edge), the same for those that hang together."""
    count, corners = numbered(faces.ravel())
    corners = corners.reshape(faces.shape)
    start, end = (part.ravel() for part in (corners[:, :-1], corners[:, 1:]))
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(count, count))
    return connected_components(graph, directed=False)[1][corners[:, 0]].astype(np.int64)


def _rims(pieces: Pieces, dark: Bool[np.ndarray, " F"], faces: Int64[np.ndarray, " D"],
          region: Int64[np.ndarray, " D"]) -> list[Int[np.ndarray, "_ 2"]]:
    """For each region the edges that it ends at."""
    sides = pieces.edges.rim(dark)
    of_face = np.zeros(len(dark), np.int64)
    of_face[faces] = region
    own = of_face[sides % len(dark)]
    sides = sides[np.argsort(own, kind="stable")]
    ends = np.stack(pieces.edges.ends(sides), axis=1)
    return np.split(ends, np.cumsum(np.bincount(own, minlength=int(region.max()) + 1))[:-1])


def _opening(pieces: Pieces, faces: Int64[np.ndarray, " R"], rim: Int[np.ndarray, "S 2"],
             ) -> tuple[Float64[np.ndarray, "3"], float]:
    """The middle of the region's rims, and the squared lengths of smooth rims as wide as they."""
    if len(rim) == 0:
        corners = pieces.scan.vertices[pieces.welded[faces]]
        return corners.mean(axis=(0, 1), dtype=np.float64), 0.0
    a, b = (pieces.scan.vertices[rim[:, k]].astype(np.float64) for k in range(2))
    length, middle = np.linalg.norm(b - a, axis=1) + 1e-12, (a + b) / 2
    loop = _connected(rim)
    total = np.bincount(loop, length)
    mean, square = ([np.bincount(loop, length * each[:, k]) / total for k in range(3)]
                    for each in (middle, middle**2))
    spread = sum(s - m**2 for s, m in zip(square, mean, strict=True))
    # A circle's points lie, squared, as far from its middle as its radius: 2 pi r is its length.
    opening = np.average(middle, axis=0, weights=length)
    return opening, float(4 * np.pi**2 * np.maximum(spread, 0).sum())


def covers_of(sight: Sight, region: Region, cover: Bool[np.ndarray, " P"]) -> float:
    """In what share of directions a region lies under other pieces that cover."""
    places = np.linspace(0, len(region.faces) - 1, min(_SAMPLES, len(region.faces)))
    faces, directions = region.faces[places.astype(np.int64)], sphere(_DIRECTIONS)
    ray, _ = _over(sight, faces, cover, directions)
    return len(np.unique(ray)) / (len(faces) * len(directions))


def most_covered(sight: Sight, faces: Int64[np.ndarray, " S"], cover: Bool[np.ndarray, " P"],
                 directions: Float32[np.ndarray, "D 3"]) -> Float32[np.ndarray, " S"]:
    """In what share of directions each face lies under one other piece that covers, at most."""
    most = np.zeros(len(faces), np.float32)
    step = max(1, _BATCH // len(directions))
    for start in range(0, len(faces), step):
        part = faces[start:start + step]
        ray, piece = _over(sight, part, cover, directions)
        ray, piece = np.divmod(np.unique(ray * len(cover) + piece), len(cover))
        pair, count = np.unique(ray // len(directions) * len(cover) + piece, return_counts=True)
        np.maximum.at(most, start + pair // len(cover), count / np.float32(len(directions)))
    return most


def _over(sight: Sight, faces: Int64[np.ndarray, " S"], cover: Bool[np.ndarray, " P"],
          directions: Float32[np.ndarray, "D 3"],
          ) -> tuple[Int64[np.ndarray, " H"], Int64[np.ndarray, " H"]]:
    """Rays in each direction from each face, and the other pieces that cover and that they hit."""
    import open3d.core

    if int(cover.sum()) <= int(cover[sight.pieces.of_face[faces]].all()):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)  # nothing else is there
    sight.tick()
    rays = rays_from(sight.middles(faces), directions).reshape(-1, 6)
    hits = sight.scene.list_intersections(open3d.core.Tensor(rays))
    ray = hits["ray_ids"].numpy().astype(np.int64)
    piece = sight.pieces.of_face[hits["primitive_ids"].numpy()].astype(np.int64)
    over = cover[piece] & (piece != sight.pieces.of_face[faces][ray // len(directions)])
    return ray[over], piece[over]


def middle_of(pieces: Pieces, faces: Int[np.ndarray, " R"]) -> Float64[np.ndarray, "3"]:
    """The middle of the faces' surface."""
    places: Float32[np.ndarray, "R 3"] = pieces.scan.vertices[pieces.scan.faces[faces]].mean(axis=1)
    return np.average(places.astype(np.float64), axis=0, weights=pieces.face_area[faces] + 1e-12)
