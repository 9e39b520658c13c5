"""Sums over the neighbourhoods of a mesh, the same on every device, and its Laplacian."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array, csr_array, diags_array
from torch import Tensor


@dataclass(frozen=True, eq=False)
class SparseRows:
    """A sparse matrix row by row: from `starts` on each row's columns and weights.

    Each row of a product is summed by one thread, in order: the same on all devices, each time.
    """

    starts: Int[Tensor, " N"]
    columns: Int[Tensor, " E"]
    weights: Float[Tensor, " E"]

    @staticmethod
    def of(matrix: csr_array, device: torch.device) -> "SparseRows":
        """The rows of `matrix`."""
        starts, columns = (torch.as_tensor(each.astype(np.int64), device=device)
                           for each in (matrix.indptr[:-1], matrix.indices))
        weights = torch.as_tensor(matrix.data, dtype=torch.float32, device=device)
        return SparseRows(starts, columns, weights)

    def __matmul__(self, x: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
        return torch.nn.functional.embedding_bag(self.columns, x, self.starts, mode="sum",
                                                 per_sample_weights=self.weights)


@dataclass(frozen=True, eq=False)
class Triangles:
    """The faces of a mesh; `around` adds up at each vertex what they have."""

    faces: Int[Tensor, "F 3"]
    around: SparseRows

    @staticmethod
    def of(faces: Int[np.ndarray, "F 3"], count: int, device: torch.device) -> "Triangles":
        """Of a mesh of `count` vertices."""
        rows = np.repeat(np.arange(len(faces)), 3)
        around = coo_array((np.ones(len(rows)), (faces.ravel(), rows)), shape=(count, len(faces)))
        return Triangles(torch.as_tensor(faces, device=device),
                         SparseRows.of(around.tocsr(), device))

    def normals(self, vertices: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        """Area-weighted unit normals of the vertices."""
        a, b, c = vertices[self.faces].unbind(1)
        across = torch.linalg.cross(b - a, c - a)
        return torch.nn.functional.normalize(self.around @ across, dim=-1)


def cotangent_laplacian(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
                        ) -> csr_array:
    """Cotangent weights (Pinkall and Polthier 1993), clamped so that it stays semidefinite."""
    x = vertices.astype(np.float64)
    rows, columns, weights = [], [], []
    for corner in range(3):
        i, j, k = (faces[:, (corner + n) % 3] for n in range(3))
        a, b = x[j] - x[i], x[k] - x[i]
        cotangent = (a * b).sum(1) / np.maximum(np.linalg.norm(np.cross(a, b), axis=1), 1e-12)
        rows += [j, k]
        columns += [k, j]
        weights += [np.clip(0.5 * cotangent, 0.01, 10.0)] * 2
    off = coo_array((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
                    shape=(len(x), len(x))).tocsr()
    return (diags_array(off.sum(axis=1)) - off).tocsr()


def neighbour_mean(faces: Int[np.ndarray, "F 3"], count: int) -> csr_array:
    """What makes of values at `count` vertices the mean of the neighbours of each."""
    i, j = faces[:, (0, 1, 2, 1, 2, 0)].ravel(), faces[:, (1, 2, 0, 0, 1, 2)].ravel()
    beside = coo_array((np.ones(len(i)), (i, j)), shape=(count, count)).tocsr()
    beside.data[:] = 1.0
    return (diags_array(1.0 / np.maximum(beside.sum(axis=1), 1.0)) @ beside).tocsr()
