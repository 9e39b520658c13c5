"""How close an avatar is to the true surface: distances, girths, fingers, turned triangles."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int
from tests.synthetic.files import Truth
from tests.synthetic.girths import girths_mm, tapes

from likeness.bodies.body import PARTS, Body
from likeness.fitting.fit import Spread
from likeness.fitting.surface import MeshSurface

SAMPLES, _SEED = 20_000, 1
_HANDS = ("left_hand", "right_hand")


@dataclass(frozen=True)
class Closeness:
    """Point-to-triangle distances in mm both ways, where the scan can tell of the truth.

    `girths_mm` are those of the avatar minus the true ones. `flipped` counts triangles of the skin
    that look the other way than the template's in that pose; `folded` those that look against the
    avatar's own skin around them; `crossing` those that run through others. Where the truth does so
    too, between toes, in ears and in the corners of eyes, none counts. `fingers_mm` is how far 95 %
    of the fingers' vertices at most lie from the true surface of the same hand.
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
    folds, true_folds = (folded(each, skin) for each in (avatar, truth.vertices))
    turned, true_turned = (flipped(body, each, skin) for each in (avatar, truth.vertices))
    crossed, true_crossed = (crossing(each, skin) for each in (avatar, truth.vertices))
    places = tapes(body)
    lengths, true_lengths = (girths_mm(places, each) for each in (avatar, truth.vertices))
    return Closeness(
        _spread(true_surface.distance(MeshSurface(avatar, told).samples(SAMPLES, _SEED))),
        _spread(surface.distance(MeshSurface(truth.vertices, told).samples(SAMPLES, _SEED))),
        {name: lengths[name] - true_lengths[name] for name in lengths},
        int(turned[~true_turned].sum()), int(folds[~true_folds].sum()),
        int(crossed[~true_crossed].sum()), _fingers(body, truth, avatar))


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
