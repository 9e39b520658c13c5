"""Bodies with geometry that does not belong to their outer skin, every face labelled.

Skin, eyes and mouth are the body's own; teeth, helper shells and joint markers are planted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int, Int8, Int32
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.subjects import Anatomy, Subject

# What a face is; UNSURE faces (rims, limbs that pass through each other) count for nothing.
SKIN, SEPARATE, CONNECTED, UNSURE = range(4)
_TEETH, _TOOTH_M = 13, (0.0022, 0.0035, 0.0018)
_ARC_M, _ROWS_M = (0.019, 0.030), (0.004, -0.005)
_INSET_M, _INSET_PARTS = 0.016, (1, 6, 7)  # torso and legs: fingers would turn inside out
_MARKERS, _MARKER_M, _BONE_M = 22, 0.012, 0.009
_SIMPLE = 12  # faces of a box
_OFFSET_M = 0.0005


@dataclass(frozen=True, eq=False)
class Labelled:
    """A triangle mesh in metres, y up, and what each face is."""

    vertices: Float64[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    label: Int8[np.ndarray, " F"]

    def areas(self) -> Float64[np.ndarray, " F"]:
        """Square metres a face."""
        a, b, c = (self.vertices[self.faces[:, k]] for k in range(3))
        return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)


def merged(meshes: Sequence[Labelled]) -> Labelled:
    """All of them in one mesh, sharing no vertices."""
    starts = np.cumsum([0, *(len(each.vertices) for each in meshes)])
    faces = [each.faces + start for each, start in zip(meshes, starts, strict=False)]
    return Labelled(np.concatenate([each.vertices for each in meshes]),
                    np.concatenate(faces).astype(np.int32),
                    np.concatenate([each.label for each in meshes]))


def restricted(mesh: Labelled, keep: Bool[np.ndarray, " F"]) -> Labelled:
    """Only these faces and their vertices."""
    used, faces = np.unique(mesh.faces[keep], return_inverse=True)
    return Labelled(mesh.vertices[used], faces.reshape(-1, 3).astype(np.int32), mesh.label[keep])


def inside(shell: Labelled, points: Float[np.ndarray, "N 3"]) -> Bool[np.ndarray, " N"]:
    """Which points a closed shell encloses, by the parity of crossings."""
    import open3d.core
    import open3d.t.geometry

    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(open3d.core.Tensor(shell.vertices.astype(np.float32)),
                        open3d.core.Tensor(shell.faces.astype(np.uint32)))
    answer = scene.compute_occupancy(open3d.core.Tensor(points.astype(np.float32)), nsamples=5)
    return answer.numpy() > 0.5


def body_pieces(anatomy: Anatomy, posed: Posed) -> dict[str, Labelled]:
    """The body's own pieces: closed "skin" with its cavities, "eyes", "tongue"."""
    main = _largest(anatomy)
    whole = main[anatomy.faces[:, 0]]
    eyes = anatomy.eyes[anatomy.faces].all(axis=1)
    label = np.full(len(anatomy.faces), SEPARATE, np.int8)
    label[whole] = _skin_labels(anatomy, anatomy.faces[whole])
    body = Labelled(posed.vertices, anatomy.faces, label)
    skin = restricted(body, whole)
    return {"skin": _overlaps_unsure(skin), "eyes": restricted(body, eyes),
            "tongue": restricted(body, ~whole & ~eyes)}


def without_cavities(skin: Labelled) -> Labelled:
    """The skin with open eyes and mouth."""
    return restricted(skin, skin.label != CONNECTED)


def _largest(anatomy: Anatomy) -> Bool[np.ndarray, " V"]:
    count, f = len(anatomy.interior), anatomy.faces
    graph = coo_array((np.ones(2 * len(f)), (f[:, :2].T.ravel(), f[:, 1:].T.ravel())),
                      shape=(count, count))
    piece = connected_components(graph, directed=False)[1]
    return piece == np.bincount(piece).argmax()


def _skin_labels(anatomy: Anatomy, faces: Int[np.ndarray, "F 3"]) -> Int8[np.ndarray, " F"]:
    corners = anatomy.interior[faces].sum(axis=1)
    return np.array((SKIN, UNSURE, UNSURE, CONNECTED), np.int8)[corners]


def _overlaps_unsure(skin: Labelled) -> Labelled:
    """Poses may press a hand into a thigh: what lies there is neither skin nor a flaw."""
    a, b, c = (skin.vertices[skin.faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    label = skin.label.copy()
    label[inside(skin, (a + b + c) / 3 + _OFFSET_M * across)] = UNSURE
    return Labelled(skin.vertices, skin.faces, label)


def teeth(anatomy: Anatomy, subject: Subject, posed: Posed) -> Labelled:
    """Two rows of blocks around the tongue, carried by it from rest into the pose."""
    tongue = anatomy.interior & ~anatomy.eyes & ~_largest(anatomy)
    rest = subject.vertices[tongue].astype(np.float64)
    low, high = rest.min(axis=0), rest.max(axis=0)
    middle = np.array(((low[0] + high[0]) / 2, high[1] - 0.4 * (high[1] - low[1]),
                       low[2] + 0.55 * (high[2] - low[2])))
    turn, shift = _rigid(rest, posed.vertices[tongue])
    angles = np.radians(np.linspace(-75, 75, _TEETH))
    scale = (high[2] - low[2]) / 0.075
    blocks = []
    for row in _ROWS_M:
        for angle in angles:
            place = middle + scale * np.array((_ARC_M[0] * np.sin(angle), row,
                                               _ARC_M[1] * np.cos(angle)))
            block = block_at(place, scale * np.array(_TOOTH_M))
            blocks.append(Labelled(block.vertices @ turn.T + shift, block.faces, block.label))
    return merged(blocks)


def _rigid(here: Float64[np.ndarray, "N 3"], there: Float64[np.ndarray, "N 3"],
           ) -> tuple[Float64[np.ndarray, "3 3"], Float64[np.ndarray, "3"]]:
    """The motion that takes one set to the other (Kabsch 1976)."""
    a, b = here.mean(axis=0), there.mean(axis=0)
    u, _, vt = np.linalg.svd((here - a).T @ (there - b))
    sign = np.diag((1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T))))
    turn = vt.T @ sign @ u.T
    return turn, b - turn @ a


def block_at(centre: Float[np.ndarray, "3"], half: Float[np.ndarray, "3"]) -> Labelled:
    """A closed box of twelve triangles."""
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    squares = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = [(s[0], s[i], s[i + 1]) for s in squares for i in (1, 2)]
    return Labelled(centre + corners * half, np.array(faces, np.int32),
                    np.full(len(faces), SEPARATE, np.int8))


def helpers(anatomy: Anatomy, posed: Posed, skin: Labelled) -> Labelled:
    """An inner shell below torso and legs, a box at every joint and a spindle along every bone."""
    own = np.isin(anatomy.parts, _INSET_PARTS) & ~anatomy.interior
    normals = vertex_normals(posed.vertices, anatomy.faces)
    shell = Labelled(posed.vertices - _INSET_M * normals, anatomy.faces,
                     np.full(len(anatomy.faces), SEPARATE, np.int8))
    planted = [restricted(shell, own[anatomy.faces].all(axis=1))]
    for joint in range(_MARKERS):
        place, parent = posed.joints[joint], anatomy.joint_parents[joint]
        planted.append(block_at(place, np.full(3, _MARKER_M)))
        if parent >= 0:
            planted.append(_spindle(posed.joints[parent], place))
    return merged([each for piece in planted if len((each := _inner(piece, skin)).faces)])


def _spindle(start: Float[np.ndarray, "3"], end: Float[np.ndarray, "3"]) -> Labelled:
    along = (end - start) / np.linalg.norm(end - start)
    side = np.cross(along, np.eye(3)[np.abs(along).argmin()])
    side *= _BONE_M / np.linalg.norm(side)
    up, near = np.cross(along, side), start + 0.2 * (end - start)
    vertices = np.stack((start, near + side, near + up, near - side, near - up, end))
    faces = [(0, 1 + (k + 1) % 4, 1 + k) for k in range(4)]
    faces += [(5, 1 + k, 1 + (k + 1) % 4) for k in range(4)]
    return Labelled(vertices, np.array(faces, np.int32), np.full(8, SEPARATE, np.int8))


def _inner(planted: Labelled, skin: Labelled) -> Labelled:
    """Without the faces that reach out of the skin; a box or spindle that does is left out."""
    corners = inside(skin, planted.vertices)[planted.faces].all(axis=1)
    if not corners.all() and len(planted.faces) <= _SIMPLE:
        corners[:] = False
    return restricted(planted, corners)
