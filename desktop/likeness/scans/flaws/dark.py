"""Connected dark regions of visible pieces: how large, behind how large an opening, under what."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.flaws.exposure import DARK, Exposure, Sight, rays_from, sphere
from likeness.scans.flaws.pieces import Pieces

SMALLEST_M2, CORE = 0.00015, 0.35
_SAMPLES, _DIRECTIONS, _MATTERS = 48, 32, 0.25


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
    order = np.argsort(region, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(region)))
    for each in np.flatnonzero((total > SMALLEST_M2) & (core > CORE * total)):
        own = faces[order[starts[each]:starts[each + 1]]]
        opening, rim = _opening(pieces, own)
        found.append(Region(int(pieces.of_face[own[0]]), own, float(total[each]),
                            float(total[each]) / max(rim, 1e-9), opening))
    return found


def _connected(faces: Int[np.ndarray, "R K"]) -> Int64[np.ndarray, " R"]:
    """A number for each face (or edge), the same for those that hang together."""
    nodes, corners = np.unique(faces, return_inverse=True)
    corners = corners.reshape(faces.shape)
    start, end = (part.ravel() for part in (corners[:, :-1], corners[:, 1:]))
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(len(nodes),) * 2)
    return connected_components(graph, directed=False)[1][corners[:, 0]].astype(np.int64)


def _opening(pieces: Pieces, faces: Int64[np.ndarray, " R"],
             ) -> tuple[Float64[np.ndarray, "3"], float]:
    """The middle of the region's rims, and the squared lengths of smooth rims as wide as they."""
    corners = pieces.welded[faces].astype(np.int64)
    edges = np.concatenate([corners[:, (k, (k + 1) % 3)] for k in range(3)])
    low, high = edges.min(axis=1), edges.max(axis=1)
    _, first, count = np.unique(low * len(pieces.scan.vertices) + high, return_index=True,
                                return_counts=True)
    rim = edges[first[count == 1]]
    if len(rim) == 0:
        return pieces.scan.vertices[corners].mean(axis=(0, 1), dtype=np.float64), 0.0
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


def covers_of(sight: Sight, region: Region, cover: Bool[np.ndarray, " P"],
              ) -> tuple[float, list[int]]:
    """In what share of directions a region lies under other pieces, and the ones that matter."""
    import open3d.core

    if int(cover.sum()) <= int(cover[region.piece]):
        return 0.0, []  # nothing else is there
    places = np.linspace(0, len(region.faces) - 1, min(_SAMPLES, len(region.faces)))
    rays = rays_from(sight.middles(region.faces[places.astype(np.int64)]), sphere(_DIRECTIONS))
    hits = sight.scene.list_intersections(open3d.core.Tensor(rays.reshape(-1, 6)))
    piece = sight.pieces.of_face[hits["primitive_ids"].numpy()]
    over = cover[piece] & (piece != region.piece)
    ray, piece = hits["ray_ids"].numpy()[over].astype(np.int64), piece[over]
    total = rays.shape[0] * rays.shape[1]
    each = np.unique(ray * len(cover) + piece) % len(cover)
    share = np.bincount(each, minlength=len(cover)) / total
    return len(np.unique(ray)) / total, [int(k) for k in np.flatnonzero(share > _MATTERS)]


def middle_of(pieces: Pieces, faces: Int[np.ndarray, " R"]) -> Float64[np.ndarray, "3"]:
    """The middle of the faces' surface."""
    places: Float32[np.ndarray, "R 3"] = pieces.scan.vertices[pieces.scan.faces[faces]].mean(axis=1)
    return np.average(places.astype(np.float64), axis=0, weights=pieces.face_area[faces] + 1e-12)
