"""Fields over a body's skin, and the stiff quadratic energy that keeps them smooth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from likeness.bodies.body import Body
from likeness.fitting.laplacian import SparseRows
from likeness.fitting.multilevel import Level, Preconditioner, levels
from likeness.fitting.replaying import Replayed
from likeness.fitting.sampling import vertex_areas

_MOST, _TOLERANCE = 30, 1e-3


@dataclass(frozen=True, eq=False)
class FieldEnergy:
    """Size, membrane and bending of a field, each with its weight; `area` in square metres.

    `diagonal` is that of the energy's matrix, the same for x, y and z.
    """

    laplacian: SparseRows
    area: Float[Tensor, "N 1"]
    fading: Float[Tensor, "N 1"]
    stretching: float
    bending: Float[Tensor, "N 1"]
    diagonal: Float[Tensor, "N 1"]
    levels: list[Level]

    @staticmethod
    def of(body: Body, skin: Int[np.ndarray, " N"], laplacian: csr_array,
           weights: tuple[float, float, float], device: torch.device) -> "FieldEnergy":
        """Of the template's skin, the vertices in `skin`, and the cotangent Laplacian of these.

        The weights are of one square metre, of a slope of one, and of a bend, metres to the fourth.
        """
        fade, stretch, bend = weights
        area = vertex_areas(body, skin)
        area = np.maximum(area, 0.1 * np.median(area))  # slivers would make the bending infinite
        bent = laplacian.multiply(laplacian) @ (1 / area)

        def column(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float32, device=device)[:, None]

        return FieldEnergy(
            SparseRows.of(laplacian, device), column(area), column(fade * area), stretch,
            column(bend / area), column(fade * area + stretch * laplacian.diagonal() + bend * bent),
            levels(body, skin, laplacian, area, weights, device))

    def __matmul__(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        bent = torch.addcmul(self.stretching * x, self.laplacian @ x, self.bending)
        return torch.addcmul(self.laplacian @ bent, x, self.fading)

    def solve(self, hessian: Float[Tensor, "N 3 3"], right: Float[Tensor, "N 3"],
              ) -> Float[Tensor, "N 3"]:
        """The x with (hessian + energy) x = right, as far as a few conjugate gradients get.

        That is to a hundredth where a scan is seen, and from round to round nearer.
        """
        inverse = Preconditioner.of(hessian, self.diagonal, self.levels)
        x, r = torch.zeros_like(right), right
        p = inverse @ r
        rz = first = _dot(r, p)
        for _ in range(_MOST):
            if float(rz) <= _TOLERANCE**2 * float(first):
                break
            x, r, p, rz = self._nearer(x, r, p, rz, hessian, *inverse.inverses)
        return x.clone()  # the next to ask overwrites it

    @cached_property
    def _nearer(self) -> Replayed:
        return Replayed(self._step)

    def _step(self, x: Float[Tensor, "N 3"], r: Float[Tensor, "N 3"], p: Float[Tensor, "N 3"],
              rz: Float[Tensor, ""], hessian: Float[Tensor, "N 3 3"],
              *inverses: Float[Tensor, "_ 3 3"]) -> tuple[Tensor, ...]:
        """One step of conjugate gradients: the next x, residual, direction and r' z."""
        ap = (hessian @ p[..., None])[..., 0] + self @ p
        step = rz / _dot(p, ap)
        x, r = torch.addcmul(x, step, p), torch.addcmul(r, step, ap, value=-1)
        z = Preconditioner(self.levels, inverses) @ r
        after = _dot(r, z)
        return x, r, torch.addcmul(z, after / rz, p), after


def _dot(a: Float[Tensor, "N 3"], b: Float[Tensor, "N 3"]) -> Float[Tensor, ""]:
    """Row by row first: however many threads there are, one of them adds up so few rows."""
    return (a * b).sum(1).sum()
