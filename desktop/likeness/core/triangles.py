"""Plain geometry of triangles, for meshes of millions."""

import numpy as np
from jaxtyping import Float, Int


def face_crosses(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                 ) -> Float[np.ndarray, "F 3"]:
    """Normal of each face, as long as twice its area in square metres.

    Coordinate by coordinate: half the time of gathering whole corners.
    """
    first, second, third = (np.ascontiguousarray(corner) for corner in faces.T)
    along, across = [], []
    for coordinate in (np.ascontiguousarray(each) for each in vertices.T):
        origin = coordinate[first]
        along.append(coordinate[second] - origin)
        across.append(coordinate[third] - origin)
    cross = np.empty((len(faces), 3), vertices.dtype)
    for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        cross[:, k] = along[i] * across[j] - along[j] * across[i]
    return cross


def lengths(vectors: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, " N"]:
    """Euclidean length of each."""
    return np.sqrt(np.einsum("nc,nc->n", vectors, vectors))
