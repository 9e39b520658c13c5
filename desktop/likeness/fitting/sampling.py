"""Which vertices of a body stand for its skin in a fit, and how much area each stands for."""

import numpy as np
from jaxtyping import Float, Int

from likeness.bodies.body import PARTS, Body
from likeness.core.nearest import PointTree
from likeness.core.triangles import face_crosses, lengths, sums_at_corners

HANDS = (PARTS.index("left_hand"), PARTS.index("right_hand"))
FEET = (PARTS.index("left_foot"), PARTS.index("right_foot"))
HEAD = PARTS.index("head")


def skin_vertices(body: Body) -> Int[np.ndarray, " N"]:
    """The vertices of the outer skin, in order."""
    skin = np.zeros(len(body.template), bool)
    skin[body.skin_faces] = True
    return np.flatnonzero(skin)


def spread_vertices(body: Body, cell_m: float, hand_cell_m: float) -> Int[np.ndarray, " N"]:
    """One skin vertex per cube of `cell_m` metres of the rest pose; finer cubes on the hands."""
    skin = skin_vertices(body)
    hand = np.isin(body.parts[skin], HANDS)
    return np.sort(np.concatenate((one_per_cell(body, skin[~hand], cell_m),
                                   one_per_cell(body, skin[hand], hand_cell_m))))


def vertex_areas(body: Body, chosen: Int[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Skin area in square metres that each chosen vertex stands for, nearest first."""
    faces, skin = body.skin_faces, skin_vertices(body)
    third = lengths(face_crosses(body.template.astype(np.float64), faces)) / 6
    own = np.bincount(faces.ravel(), np.repeat(third, 3), len(body.template))
    _, nearest = PointTree(body.template[chosen]).one_nearest(body.template[skin])
    return np.bincount(nearest, own[skin], len(chosen))


def rest_normals(body: Body) -> Float[np.ndarray, "V 3"]:
    """Area-weighted unit normals of the template's skin; zero for interior vertices."""
    faces = body.skin_faces
    across = face_crosses(body.template.astype(np.float64), faces)
    normals = sums_at_corners(faces, across, len(body.template))
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def bare_skin(body: Body) -> Float[np.ndarray, " V"]:
    """1 where people in clothes show their skin: face, hands, and feet, which shoes follow; else 0.
    """
    height = body.template[:, 1]
    head = body.parts == HEAD
    chin, crown = height[head].min(), height[head].max()
    below_hair = height < chin + 0.65 * (crown - chin)
    face = head & below_hair & (rest_normals(body)[:, 2] > 0.2)
    return (face | np.isin(body.parts, (*HANDS, *FEET))).astype(np.float64)


def one_per_cell(body: Body, rows: Int[np.ndarray, " N"], cell_m: float,
                 ) -> Int[np.ndarray, " K"]:
    """The vertex nearest to the middle of each occupied cell."""
    place = body.template[rows].astype(np.float64) / cell_m
    cell = np.floor(place).astype(np.int64)
    offcentre = np.square(place - cell - 0.5).sum(axis=1)
    order = np.lexsort((offcentre, *cell.T))
    first = np.ones(len(order), bool)
    first[1:] = (cell[order][1:] != cell[order][:-1]).any(axis=1)
    return rows[order[first]]
