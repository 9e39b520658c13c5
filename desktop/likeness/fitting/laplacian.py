"""The Laplacian of a mesh, as the same gather and sum on every device."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_array, csr_array, diags_array
from torch import Tensor


@dataclass(frozen=True, eq=False)
class NeighbourTable:
    """A sparse matrix as one row of neighbours a vertex, padded with zero weights."""

    columns: Int[Tensor, "N K"]
    weights: Float[Tensor, "N K"]

    @staticmethod
    def of(matrix: csr_array, device: torch.device) -> "NeighbourTable":
        """The rows of `matrix`, padded to the longest."""
        counts = np.diff(matrix.indptr)
        rows = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(rows)) - np.repeat(matrix.indptr[:-1], counts)
        columns = np.zeros((len(counts), counts.max()), np.int64)
        weights = np.zeros(columns.shape, np.float32)
        columns[rows, place], weights[rows, place] = matrix.indices, matrix.data
        return NeighbourTable(torch.as_tensor(columns, device=device),
                              torch.as_tensor(weights, device=device))

    def __matmul__(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return (self.weights[:, None] @ x[self.columns])[:, 0]

    def diagonal(self) -> Float[Tensor, " N"]:
        """The matrix's diagonal."""
        own = self.columns == torch.arange(len(self.columns), device=self.columns.device)[:, None]
        return (self.weights * own).sum(1)

    def squared(self) -> "NeighbourTable":
        """The matrix with every entry squared."""
        return NeighbourTable(self.columns, self.weights.square())


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
