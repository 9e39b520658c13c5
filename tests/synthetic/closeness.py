"""How close an avatar is to the true surface: distances, girths, fingers, turned triangles."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int
from scipy.spatial import cKDTree
from tests.synthetic.files import Truth
from tests.synthetic.girths import girths_mm, tapes

from likeness.bodies.body import PARTS, Body
from likeness.fitting.fit import Spread
from likeness.fitting.surface import MeshSurface

SAMPLES, _SEED = 20_000, 1
_NEAR_M, _OFF_M = 0.01, 2e-4
_HANDS = ("left_hand", "right_hand")


@dataclass(frozen=True)
class Closeness:
    """Point-to-triangle distances in mm both ways, where the scan can tell of the truth.

    `girths_mm` are those of the avatar minus the true ones. `flipped` counts triangles of the skin
    that look the other way than the template's in that pose; `folded` those that look against the
    avatar's own skin around them; `crossing` those that run through others. Where the truth does so
    too, within a centimetre, none counts: between toes, in ears and in the corners of eyes; nor do
    those count that cross where the true skin lies inside of the true body, as of a hand that a
    recorded pose sinks in a thigh. `fingers_mm` is how far 95 % of the fingers' vertices at most
    lie from the true surface of the same hand.
    """

    avatar_to_truth: Spread
    truth_to_avatar: Spread
    girths_mm: dict[str, float]
    flipped: int
    folded: int
    crossing: int
    fingers_mm: float | None


def measure_closeness(body: Body, truth: Truth, vertices: Float[np.ndarray, "V 3"]) -> Closeness:
    """An avatar of `body`'s topology against the truth: the same axes, metres."""
    avatar, faces = vertices.astype(np.float32), body.faces
    skin = faces[~truth.interior[faces].any(axis=1)]
    told = faces[truth.counted[faces].all(axis=1)]
    true_surface, surface = MeshSurface(truth.vertices, skin), MeshSurface(avatar, skin)
    turned, folds, through = (
        _beyond(truth, skin, *(tell(each) for each in (avatar, truth.vertices)))
        for tell in (lambda each: flipped(body, each, skin), lambda each: folded(each, skin),
                     lambda each: crossing(each, skin)))
    through = through[~_sunk(truth, skin, through)]
    places = tapes(body)
    lengths, true_lengths = (girths_mm(places, each) for each in (avatar, truth.vertices))
    return Closeness(
        _spread(true_surface.distance(MeshSurface(avatar, told).samples(SAMPLES, _SEED))),
        _spread(surface.distance(MeshSurface(truth.vertices, told).samples(SAMPLES, _SEED))),
        {name: lengths[name] - true_lengths[name] for name in lengths},
        len(turned), len(folds), len(through), _fingers(body, truth, avatar))


def _beyond(truth: Truth, skin: Int[np.ndarray, "F 3"], own: Bool[np.ndarray, " F"],
            true: Bool[np.ndarray, " F"]) -> Int[np.ndarray, " K"]:
    """Which of the avatar's triangles are far from all of the truth's, where these are true."""
    middles, rows = truth.vertices[skin].mean(axis=1), np.flatnonzero(own)
    if not true.any():
        return rows
    return rows[cKDTree(middles[true]).query(middles[rows])[0] > _NEAR_M]


def _sunk(truth: Truth, skin: Int[np.ndarray, "F 3"], rows: Int[np.ndarray, " K"],
          ) -> Bool[np.ndarray, " K"]:
    """Whether these triangles of the true skin lie inside of the true body."""
    normals = _normals(truth.vertices, skin[rows])
    out = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    points = truth.vertices[skin[rows]].mean(axis=1) + _OFF_M * out
    return np.array([winding(point, truth.vertices, skin) > 0.5 for point in points], bool)


def winding(point: Float[np.ndarray, " 3"], vertices: Float[np.ndarray, "V 3"],
            faces: Int[np.ndarray, "F 3"]) -> float:
    """How often a surface goes around a point, by the solid angles of its triangles.

    Van Oosterom and Strackee 1983, The solid angle of a plane triangle.
    """
    a, b, c = (vertices[faces[:, k]].astype(np.float64) - point for k in range(3))
    la, lb, lc = (np.linalg.norm(each, axis=1) for each in (a, b, c))
    volume = (a * np.cross(b, c)).sum(axis=1)
    rest = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
    return float(np.arctan2(volume, rest).sum() / (2 * np.pi))


def _spread(distances: Float[np.ndarray, " N"]) -> Spread:
    mm = 1000 * distances.astype(np.float64)
    return Spread(float(mm.mean()), float(np.median(mm)), float(np.percentile(mm, 95)))


def folded(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
           ) -> Bool[np.ndarray, " F"]:
    """Triangles that look against the mean of those around."""
    own = _normals(vertices, faces)
    around = np.zeros(vertices.shape)
    for k in range(3):
        np.add.at(around, faces[:, k], own)
    return (own * around[faces].sum(axis=1)).sum(axis=1) < 0


def crossing(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
             ) -> Bool[np.ndarray, " F"]:
    """Triangles that run through others."""
    import open3d

    mesh = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(vertices.astype(np.float64)),
        open3d.utility.Vector3iVector(faces.astype(np.int32)))
    through = np.zeros(len(faces), bool)
    through[np.asarray(mesh.get_self_intersecting_triangles(), np.int64).ravel()] = True
    return through


def flipped(body: Body, vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
            ) -> Bool[np.ndarray, " F"]:
    """Triangles more than 90 degrees off the template's, turned as the skin around a joint is.

    However far a limb is turned or lost: what counts is the surface that is inside out.
    """
    bone = body.skin_weights.argmax(axis=1)
    weights, turns = np.zeros((len(faces), 1)), np.zeros((1, 3, 3))
    for each in np.unique(bone):
        own = np.flatnonzero(bone == each)
        if len(own) > 3:
            turns = np.concatenate((turns, _rotation(body.template[own], vertices[own])[None]))
            weights = np.column_stack((weights, body.skin_weights[faces, each].sum(axis=1)))
    expected = np.einsum("fk,kab,fb->fa", weights, turns, _normals(body.template, faces))
    return (expected * _normals(vertices, faces)).sum(axis=1) < 0


def _normals(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
             ) -> Float64[np.ndarray, "F 3"]:
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    return np.cross(b - a, c - a)


def _rotation(first: Float[np.ndarray, "N 3"], second: Float[np.ndarray, "N 3"],
              ) -> Float64[np.ndarray, "3 3"]:
    """What best turns one set onto the other (Kabsch 1976)."""
    a, b = (each.astype(np.float64) - each.mean(axis=0) for each in (first, second))
    u, _, vt = np.linalg.svd(a.T @ b)
    return vt.T @ np.diag((1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T)))) @ u.T


def _fingers(body: Body, truth: Truth, avatar: Float32[np.ndarray, "V 3"]) -> float | None:
    fingers, distances = _on_fingers(body) & ~truth.interior, []
    for name in _HANDS:
        hand = truth.parts == PARTS.index(name)
        faces = body.faces[(hand & truth.counted)[body.faces].all(axis=1)]
        own = np.flatnonzero(hand & fingers & truth.counted)
        if len(faces) and len(own):
            distances.append(MeshSurface(truth.vertices, faces).distance(avatar[own]))
    return float(1000 * np.percentile(np.concatenate(distances), 95)) if distances else None


def _on_fingers(body: Body) -> Bool[np.ndarray, " V"]:
    """Vertices that mostly go with the joints of the fingers; none on a body without."""
    groups = [body.group(f"{name}_pose") for name in _HANDS]
    joints = [joint for group in groups if group for joint in group.joints]
    return body.skin_weights[:, joints].sum(axis=1) > 0.5
