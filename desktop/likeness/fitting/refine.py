"""Refinement: vertices leave the shape space, as a smooth displacement field in the rest pose.

One convex quadratic a round: the pull of the scan on every vertex, seen from the rest pose, plus
membrane and bending energies of the field. Their stiffness is a length: detail smaller than it is
not followed. Where the scan is silent the field fades out and the surface is the model's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.spatial import cKDTree
from torch import Tensor

from likeness.bodies.body import Body
from likeness.fitting.correspondence import Matcher, Matching, vertex_normals
from likeness.fitting.model import BodyModel, State
from likeness.fitting.target import Target


@dataclass(frozen=True)
class Stiffness:
    """How far vertices may leave the shape space; lengths in metres.

    `stretch` and `bend` are the lengths below which differences of the field are smoothed away;
    `fade` weighs the field's size against one square metre of scan; `reach` narrows from first to
    last over `rounds`.
    """

    stretch: float
    bend: float
    reach: tuple[float, float]
    rounds: int = 4
    fade: float = 0.01
    sliding: float = 0.02
    explain: float = 0.3
    normal_scale: float = 0.02


@dataclass(frozen=True, eq=False)
class Refiner:
    """Solves for displacements of all vertices of a body; an immutable solver."""

    body: Body
    model: BodyModel
    stiffness: Stiffness

    def __call__(self, target: Target, state: State, tick: Callable[[float], None],
                 ) -> Float[Tensor, "V 3"]:
        """Displacements in the rest pose, metres, for the pose and shape in `state`."""
        settings, device = self.stiffness, self.model.device
        skin = torch.as_tensor(~self.body.interior, device=device)
        faces = torch.as_tensor(self.body.skin_faces.astype(np.int64), device=device)
        area = _vertex_area(self.body)
        total = float(area[~self.body.interior].sum())
        smooth = _torch_sparse(_smoothness(self.body, area, settings), device)
        fade = settings.fade * torch.as_tensor(area, dtype=torch.float32, device=device)[:, None]
        offsets = torch.zeros_like(self.model.template)
        for step in range(settings.rounds):
            tick(step / settings.rounds)
            matcher = Matcher(target, self._matching(step), area[~self.body.interior], device)
            posed = self.model.pose(state, offsets)
            normals = vertex_normals(posed.vertices, faces)
            pull = matcher.pull(posed.vertices[:, skin], normals[:, skin])
            turned = posed.skin[0, skin].transpose(-1, -2)
            hessian = torch.zeros_like(posed.skin[0])
            gradient = torch.zeros_like(offsets)
            hessian[skin] = total * (turned @ pull.hessian[0] @ posed.skin[0, skin])
            gradient[skin] = total * (turned @ pull.gradient[0][..., None])[..., 0]
            right = -gradient - fade * offsets - smooth @ offsets
            offsets = offsets + _conjugate_gradient(hessian, smooth, fade, right)
        return offsets

    def _matching(self, step: int) -> Matching:
        first, last = self.stiffness.reach
        part = step / max(self.stiffness.rounds - 1, 1)
        return Matching(first * (last / first) ** part, self.stiffness.normal_scale,
                        self.stiffness.sliding, self.stiffness.explain)


def _conjugate_gradient(hessian: Float[Tensor, "V 3 3"], smooth: Tensor, fade: Float[Tensor, "V 1"],
                        right: Float[Tensor, "V 3"], rounds: int = 120, tolerance: float = 1e-3,
                        ) -> Float[Tensor, "V 3"]:
    """Solve (H + fade + smooth) x = right, preconditioned by the 3x3 blocks of the diagonal."""
    diagonal = _sparse_diagonal(smooth)[:, None] + fade
    blocks = hessian + diagonal[..., None] * torch.eye(3, device=right.device)
    inverse = torch.linalg.inv(blocks)

    def apply(x: Tensor) -> Tensor:
        return (hessian @ x[..., None])[..., 0] + fade * x + smooth @ x

    x, r = torch.zeros_like(right), right
    z = (inverse @ r[..., None])[..., 0]
    p, rz = z, (r * z).sum()
    first = rz
    for _ in range(rounds):
        if float(rz) <= tolerance**2 * float(first) or float(first) == 0.0:
            break
        ap = apply(p)
        step = rz / (p * ap).sum()
        x, r = x + step * p, r - step * ap
        z = (inverse @ r[..., None])[..., 0]
        rz, previous = (r * z).sum(), rz
        p = z + (rz / previous) * p
    return x


def _smoothness(body: Body, area: Float[np.ndarray, " V"], settings: Stiffness) -> csr_array:
    """Membrane plus bending energy of a displacement field over the template, (V, V)."""
    laplacian = _cotangent_laplacian(body)
    bending = laplacian @ diags_array(1.0 / area) @ laplacian
    return (settings.stretch**2 * laplacian + settings.bend**4 * bending
            + _interior_ties(body, area, settings.stretch)).tocsr()


def _interior_ties(body: Body, area: Float[np.ndarray, " V"], stretch: float) -> csr_array:
    """Springs from each interior vertex to the nearest skin, so that eyes move with their face."""
    size = len(body.template)
    inside = np.flatnonzero(body.interior)
    skin = np.flatnonzero(~body.interior)
    if len(inside) == 0:
        return csr_array((size, size))
    _, near = cKDTree(body.template[skin]).query(body.template[inside], k=4)
    i, j = np.repeat(inside, 4), skin[near.ravel()]
    return _graph_laplacian(i, j, area[i] + 1e-8, size)


def _cotangent_laplacian(body: Body) -> csr_array:
    """Positive semidefinite cotangent Laplacian; weights floored so that it stays so."""
    x = body.template.astype(np.float64)
    rows, columns, weights = [], [], []
    for corner in range(3):
        i, j, k = (body.faces[:, (corner + n) % 3] for n in range(3))
        a, b = x[j] - x[i], x[k] - x[i]
        cotangent = (a * b).sum(1) / np.maximum(np.linalg.norm(np.cross(a, b), axis=1), 1e-12)
        rows.append(j)
        columns.append(k)
        weights.append(np.clip(0.5 * cotangent, 0.01, 10.0))
    return _graph_laplacian(np.concatenate(rows), np.concatenate(columns),
                            np.concatenate(weights), len(x))


def _graph_laplacian(i: np.ndarray, j: np.ndarray, w: np.ndarray, size: int) -> csr_array:
    off = coo_array((np.concatenate((w, w)), (np.concatenate((i, j)), np.concatenate((j, i)))),
                    shape=(size, size)).tocsr()
    return (diags_array(off.sum(axis=1)) - off).tocsr()


def _vertex_area(body: Body) -> Float[np.ndarray, " V"]:
    """A third of the faces around each vertex, floored for vertices without faces."""
    a, b, c = (body.template[body.faces[:, i]].astype(np.float64) for i in range(3))
    face = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1) / 3
    area = sum(np.bincount(body.faces[:, i], face, len(body.template)) for i in range(3))
    return np.maximum(area, 1e-9)


def _torch_sparse(matrix: csr_array, device: torch.device) -> Tensor:
    return torch.sparse_csr_tensor(
        torch.as_tensor(matrix.indptr.astype(np.int64)),
        torch.as_tensor(matrix.indices.astype(np.int64)),
        torch.as_tensor(matrix.data.astype(np.float32)), size=matrix.shape).to(device)


def _sparse_diagonal(matrix: Tensor) -> Float[Tensor, " V"]:
    rows = torch.repeat_interleave(torch.arange(len(matrix), device=matrix.device),
                                   matrix.crow_indices().diff())
    on = rows == matrix.col_indices()
    diagonal = torch.zeros(len(matrix), device=matrix.device)
    diagonal[rows[on]] = matrix.values()[on]
    return diagonal
