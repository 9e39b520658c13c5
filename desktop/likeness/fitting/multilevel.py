"""A preconditioner on many levels, for fields over a body's skin that are stiff.

Steps that only know single vertices and their neighbours take hundreds of rounds to bend an arm's
worth of skin. Here a residual is seen at every scale at once: each level is a subset of the last
one's vertices, with the tents around them, and is solved as if its tents did not overlap (Bramble,
Pasciak and Xu 1990).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from likeness.bodies.body import Body
from likeness.core.nearest import PointTree
from likeness.fitting.laplacian import SparseRows
from likeness.fitting.sampling import one_per_cell

_CELLS_M = (0.01, 0.02, 0.04, 0.08, 0.16)
_AROUND = 6  # vertices of a level whose tents reach a vertex of the level before


@dataclass(frozen=True, eq=False)
class Level:
    """One level: to and from the level before, and what its tents are made of.

    `squares` adds up values at all vertices by the squares of the tents; `stiffness` is the
    diagonal of an energy between the tents.
    """

    down: SparseRows
    up: SparseRows
    squares: SparseRows
    stiffness: Float[Tensor, "L 1"]


def levels(body: Body, skin: Int[np.ndarray, " N"], laplacian: csr_array,
           area: Float[np.ndarray, " N"], weights: tuple[float, float, float],
           device: torch.device) -> list[Level]:
    """From fine to coarse, for an energy of size, membrane and bending with these weights."""
    fade, stretch, bend = weights
    found, rows, whole = [], skin, None
    for cell in _CELLS_M:
        kept = np.sort(one_per_cell(body, rows, cell))
        tents = _tents(body.template[rows], body.template[kept])
        whole = tents if whole is None else csr_array(whole @ tents)
        across = csr_array(laplacian @ whole)
        squares = csr_array(whole.multiply(whole).T)
        stiffness = (fade * (squares @ area) + stretch * whole.multiply(across).sum(axis=0)
                     + bend * (across.power(2).T @ (1 / area)))
        found.append(Level(SparseRows.of(csr_array(tents.T), device), SparseRows.of(tents, device),
                           SparseRows.of(squares, device),
                           torch.as_tensor(stiffness, dtype=torch.float32, device=device)[:, None]))
        rows = kept
    return found


def _tents(points: Float[np.ndarray, "N 3"], tops: Float[np.ndarray, "L 3"]) -> csr_array:
    """Shares of the nearest tops in each point, which fall to nothing with distance."""
    count = min(_AROUND, len(tops))
    apart, near = PointTree(tops).nearest(points, count)
    share = np.maximum(1 - apart / np.maximum(apart[:, -1:], 1e-9), 0) + 1e-9
    share /= share.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(len(points)), count)
    return csr_array((share.ravel(), (rows, near.ravel())), shape=(len(points), len(tops)))


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """The approximate inverse of a 3x3 matrix at each vertex plus a stiff energy."""

    levels: list[Level]
    inverses: Sequence[Float[Tensor, "_ 3 3"]]

    @staticmethod
    def of(hessian: Float[Tensor, "N 3 3"], stiffness: Float[Tensor, "N 1"], levels: list[Level],
           ) -> "Preconditioner":
        """`stiffness` is the diagonal of the energy at the vertices."""
        eye = torch.eye(3, device=hessian.device)
        inverses = [_inverse(hessian + stiffness[..., None] * eye)]
        for level in levels:
            seen = (level.squares @ hessian.flatten(1)).unflatten(1, (3, 3))
            inverses.append(_inverse(seen + level.stiffness[..., None] * eye))
        return Preconditioner(levels, inverses)

    def __matmul__(self, residual: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        residuals = [residual]
        for level in self.levels:
            residuals.append(level.down @ residuals[-1])
        steps = [(inverse @ each[..., None])[..., 0]
                 for inverse, each in zip(self.inverses, residuals, strict=True)]
        step = steps.pop()
        for level in reversed(self.levels):
            step = steps.pop() + level.up @ step
        return step


def _inverse(symmetric: Float[Tensor, "N 3 3"]) -> Float[Tensor, "N 3 3"]:
    a, b, c = symmetric.unbind(1)
    across = torch.linalg.cross(b, c)
    adjugate = torch.stack((across, torch.linalg.cross(c, a), torch.linalg.cross(a, b)), 1)
    return adjugate / (a * across).sum(-1)[:, None, None]
