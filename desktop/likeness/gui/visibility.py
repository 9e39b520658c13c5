"""What of a scan nothing hides, told by a depth image; only numpy, for a million faces at once."""

import numpy as np
from jaxtyping import Bool, Float32, Int64

from likeness.gui.projection import Box, Projection

Rows = Int64[np.ndarray, " R"]
Mask = Bool[np.ndarray, " n"]

# Pixels of the view to one of the depth image: of faces, and of points, between which one sees.
_FINE, _COARSE = 3, 6
_MOST = 200  # samples along the side of a face
# How far below the plane of what is nearest a face may lie, and how much more for each metre
# beside it: surfaces bend.
_BELOW_M, _BEND = 0.0015, 0.35
_FLATTEST = 0.1  # the cosine below which a surface is not taken to slant further
_SLACK_M = 0.008  # how far behind the nearest point of its place another one still counts as seen


def seen(projection: Projection, rows: Rows, shown: Mask, box: Box) -> Bool[np.ndarray, " R"]:
    """Which rows nothing shown hides; their centres lie in the box."""
    if projection.elements.is_mesh:
        return _seen_faces(projection, rows, shown, box)
    return _seen_points(projection, rows, shown, box)


def _seen_faces(projection: Projection, rows: Rows, shown: Mask, box: Box,
                ) -> Bool[np.ndarray, " R"]:
    """Faces turned to the eye, and not below the plane of what is nearest at their centre."""
    elements, lens = projection.elements, projection.lens
    near = projection.reaching(box, shown)
    near = near[elements.facing(near, lens.eye) > 0]
    face, places = _samples(projection, near)
    pixels, depth = lens(places)
    inside = np.flatnonzero(box.holds(pixels))
    cell, nearest = _nearest(pixels.take(inside, axis=1), depth[inside], box, _FINE)
    first = np.full(len(nearest), -1)
    winners = depth[inside] == nearest[cell]
    first[cell[winners]] = inside[winners]
    turned = np.zeros(len(shown), bool)
    turned[near] = True
    open_rows = turned[rows]
    before = first[_cells(projection.pixels.take(rows, axis=1), box, _FINE)]
    judged = open_rows & (before >= 0)
    before = before[judged]
    below = _below(projection, rows[judged], face[before], places.take(before, axis=1))
    open_rows[judged] = ~below
    return open_rows


def _below(projection: Projection, rows: Rows, others: Rows, places: Float32[np.ndarray, "3 R"],
           ) -> Bool[np.ndarray, " R"]:
    """Which faces lie below the plane of another one, that has a sample beside their centre."""
    elements, eye = projection.elements, projection.lens.eye.astype(np.float32)[:, None]
    centres, normals = elements.centres.take(rows, axis=1), elements.normals.take(others, axis=1)
    ray = eye - centres
    ray /= np.sqrt(_dot(ray, ray))
    apart = places - centres
    nearer = _dot(apart, ray)
    beside = np.sqrt(np.maximum(_dot(apart, apart) - nearer**2, 0))
    slant = np.maximum(_dot(normals, ray), _FLATTEST)
    return (nearer > _BELOW_M) & (_dot(apart, normals) > _BELOW_M + _BEND * beside / slant)


def _samples(projection: Projection, faces: Int64[np.ndarray, " K"],
             ) -> tuple[Int64[np.ndarray, " S"], Float32[np.ndarray, "3 S"]]:
    """Places on faces, so close together that no pixel of the depth image lies between them."""
    elements = projection.elements
    sides = np.clip(np.ceil(2 * projection.reach(faces) / _FINE), 1, _MOST).astype(np.int64)
    small = faces[sides == 1]
    face, places = [small], [elements.centres.take(small, axis=1)]
    for side in np.unique(sides[sides > 1]):
        these = faces[sides == side]
        corners = elements.scan.vertices[elements.scan.faces[these]]
        spread = np.einsum("kcx,cs->xks", corners, _weights(int(side)), optimize=True)
        face.append(np.repeat(these, side**2))
        places.append(spread.reshape(3, -1))
    return np.concatenate(face), np.concatenate(places, axis=1)


def _weights(side: int) -> Float32[np.ndarray, "3 S"]:
    """The middles of the side² triangles that a triangle falls into, as shares of its corners."""
    i, j = np.indices((side, side))
    up, down = i + j < side, i + j < side - 1
    first = np.concatenate((i[up] + 1 / 3, i[down] + 2 / 3)) / side
    second = np.concatenate((j[up] + 1 / 3, j[down] + 2 / 3)) / side
    return np.stack((1 - first - second, first, second)).astype(np.float32)


def _seen_points(projection: Projection, rows: Rows, shown: Mask, box: Box,
                 ) -> Bool[np.ndarray, " R"]:
    """Points not far behind the nearest one of their place."""
    inside = np.flatnonzero(box.holds(projection.pixels) & shown)
    _, nearest = _nearest(projection.pixels[:, inside], projection.depth[inside], box, _COARSE)
    depth = projection.depth[rows]
    slack = _SLACK_M + 2 * _COARSE * projection.lens.metres * depth
    return depth <= nearest[_cells(projection.pixels[:, rows], box, _COARSE)] + slack


def _nearest(pixels: Float32[np.ndarray, "2 S"], depth: Float32[np.ndarray, " S"], box: Box,
             size: int) -> tuple[Int64[np.ndarray, " S"], Float32[np.ndarray, " C"]]:
    """The cell of each place, and the least depth in every cell."""
    cell = _cells(pixels, box, size)
    rows = (box.bottom - box.top - 1) // size + 1
    nearest = np.full(rows * _columns(box, size), np.inf, np.float32)
    np.minimum.at(nearest, cell, depth)
    return cell, nearest


def _cells(pixels: Float32[np.ndarray, "2 S"], box: Box, size: int) -> Int64[np.ndarray, " S"]:
    """Where places inside the box lie in its depth image."""
    across = ((pixels[0] - box.left) / size).astype(np.int64)
    down = ((pixels[1] - box.top) / size).astype(np.int64)
    return down * _columns(box, size) + across


def _columns(box: Box, size: int) -> int:
    return (box.right - box.left - 1) // size + 1


def _dot(a: Float32[np.ndarray, "3 K"], b: Float32[np.ndarray, "3 K"]) -> Float32[np.ndarray, " K"]:
    return np.einsum("cn,cn->n", a, b)
