"""What becomes of a labelled mesh on its way into a file: remeshed, noisy, torn, flipped."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int8
from scipy.spatial import cKDTree
from tests.synthetic.flawed import CONNECTED, SEPARATE, SKIN, Labelled, restricted
from tests.synthetic.posing import vertex_normals
from tests.synthetic.scanner import tessellated

_WELD_M, _NORMAL_M = 1e-6, 0.004


@dataclass(frozen=True)
class Damage:
    """Noise in metres; holes in the skin; share of faces flipped (1: all); faces left unjoined."""

    noise_m: float = 0.0
    holes: int = 0
    flipped: float = 0.0
    soup: bool = False


def finer(mesh: Labelled, splits: int) -> Labelled:
    """Every face in `splits` squared, on a surface rounded by the normals."""
    if splits == 1:
        return mesh
    normals = vertex_normals(mesh.vertices, mesh.faces)
    fine = tessellated(mesh.vertices, normals, mesh.faces, splits)
    # Corners at one place may belong to two pieces: only points of one face's own piece join.
    piece = np.repeat(_pieces(mesh), (splits + 1) * (splits + 2) // 2)
    place = np.round(fine.vertices / _WELD_M).astype(np.int64)
    key = (place[:, 0] * 1_000_003 + place[:, 1]) * 1_000_033 + place[:, 2] + (piece << 48)
    _, first, join = np.unique(key, return_index=True, return_inverse=True)
    return Labelled(fine.vertices[first], join[fine.faces].astype(np.int32),
                    np.repeat(mesh.label, splits**2))


def _pieces(mesh: Labelled) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    f, count = mesh.faces, len(mesh.vertices)
    graph = coo_array((np.ones(2 * len(f)), (f[:, :2].T.ravel(), f[:, 1:].T.ravel())),
                      shape=(count, count))
    return connected_components(graph, directed=False)[1][f[:, 0]].astype(np.int64)


def coarser(mesh: Labelled, target: int) -> Labelled:
    """About `target` faces by quadric error, irregular; labels from the nearest former face."""
    import open3d.geometry
    import open3d.utility

    whole = open3d.geometry.TriangleMesh(open3d.utility.Vector3dVector(mesh.vertices),
                                         open3d.utility.Vector3iVector(mesh.faces))
    less = whole.simplify_quadric_decimation(target)
    vertices, faces = np.asarray(less.vertices), np.asarray(less.triangles, np.int32)
    made = Labelled(vertices, faces, np.zeros(len(faces), np.int8))
    _, near = cKDTree(_signature(mesh)).query(_signature(made))
    return Labelled(vertices, faces, mesh.label[near])


def _signature(mesh: Labelled) -> Float[np.ndarray, "F 6"]:
    """Place and direction of each face, so that the inner side of a lid is far from the outer."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return np.hstack(((a + b + c) / 3, _NORMAL_M * normal))


def damaged(mesh: Labelled, damage: Damage, draw: np.random.Generator) -> Labelled:
    """Torn, noisy, flipped and unjoined, as told."""
    for _ in range(damage.holes):
        mesh = _torn(mesh, draw)
    mesh = _loose_is_separate(mesh)
    vertices, faces = mesh.vertices, mesh.faces.copy()
    if damage.noise_m:
        normals = vertex_normals(vertices, faces)
        along = draw.normal(0.0, damage.noise_m, (len(vertices), 1)) * normals
        vertices = vertices + along + draw.normal(0.0, damage.noise_m / 4, vertices.shape)
    flip = draw.random(len(faces)) < damage.flipped
    faces[flip] = faces[flip, ::-1]
    if damage.soup:
        vertices, faces = vertices[faces.ravel()], np.arange(faces.size).reshape(-1, 3)
    return Labelled(vertices, faces.astype(np.int32), mesh.label)


def _torn(mesh: Labelled, draw: np.random.Generator) -> Labelled:
    """Without the skin of a ball somewhere."""
    skin = np.flatnonzero(mesh.label == SKIN)
    middles = mesh.vertices[mesh.faces].mean(axis=1)
    centre, radius = middles[draw.choice(skin)], draw.uniform(0.012, 0.04)
    gone = (np.linalg.norm(middles - centre, axis=1) < radius) & (mesh.label == SKIN)
    return restricted(mesh, ~gone)


def _loose_is_separate(mesh: Labelled) -> Labelled:
    """A hole around an eye leaves its socket without a link to the skin."""
    piece = _pieces(mesh)
    has_skin = np.bincount(piece, mesh.label == SKIN) > 0
    label = mesh.label.copy()
    label[~has_skin[piece] & (label == CONNECTED)] = SEPARATE
    return Labelled(mesh.vertices, mesh.faces, label)


def shares(label: Int8[np.ndarray, " F"]) -> str:
    """How many faces are what, for people who look at a case."""
    return " ".join(str(each) for each in np.bincount(label, minlength=4))
