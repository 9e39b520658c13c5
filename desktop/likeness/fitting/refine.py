"""Refinement: vertices leave the shape space, as a smooth displacement field in the rest pose.

One convex quadratic a round: the pull of the scan on every vertex, seen from the rest pose, plus
membrane and bending energies of the field. Their stiffness is a length: detail smaller than it is
not followed. Where the scan is silent the field fades out and the surface is the model's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from likeness.core.nearest import PointTree
from likeness.core.triangles import lengths
from likeness.fitting.correspondence import Matcher, Matching, Sheet
from likeness.fitting.ground import Ground
from likeness.fitting.model import Posed, State
from likeness.fitting.parting import Hull
from likeness.fitting.target import Target
from likeness.fitting.unfolding import PosedSkin

BLEND = 4  # so soft a surface shows each jump from one neighbour to the next
WIDE = Matching(reach=0.06, normal_scale=0.03, sliding=0.02, blend=BLEND)
SPREAD = (0.0, 0.03**2, 0.0)  # what is drawn off the model is averaged over 3 cm
MUTUAL_M = 0.003  # or a finger without scan would be drawn into the next one, which has some
CLOSE_M = (0.003, 0.006)  # from skin, or cloth as good as skin, to cloth
_PARTED = 4  # times at most: skin that was parted may fold, unfolded run through other skin again


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

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of size, membrane and bending, as `FieldEnergy` has them."""
        return self.fade, self.stretch**2, self.bend**4

    def matching(self, step: int, inside: bool) -> Matching:
        """The matching of one round; `inside` follows no scan outwards but on bare skin."""
        first, last = self.reach
        part = step / max(self.rounds - 1, 1)
        return Matching(first * (last / first) ** part, self.normal_scale, self.sliding,
                        self.explain, 0.0 if inside else 1.0, blend=BLEND, mutual=MUTUAL_M)


def untangled(ground: Ground, state: State, tick: Callable[[float], None],
              ) -> Float[np.ndarray, "V 3"]:
    """Displacements in the rest pose where the model's skin is folded over or runs through itself.

    Zero elsewhere.
    """
    displacements = np.zeros_like(ground.body.template)
    displacements[ground.skin.rows] = _untangling(ground, ground.skin.model.pose(state), tick)
    return displacements


def _untangling(ground: Ground, posed: Posed, tick: Callable[[float], None],
                ) -> Float32[np.ndarray, "N 3"]:
    """What takes folds and self-crossings out of the posed surface, in the rest pose."""
    skin, hull = PosedSkin.of(ground.skin, posed), ground.hull
    clean, spent = skin.vertices, np.zeros(len(skin.vertices))
    for _ in range(_PARTED):
        tick(1.0)
        flat = skin.unfolded(clean)
        clean = hull.parted(flat, spent)
        if (clean == flat).all():
            break
        spent += lengths(clean - flat)
    tick(1.0)
    smooth = skin.smoothed(hull.smoothed(skin.smoothed(clean)))
    if not (faults := _faults(skin, hull, smooth)):
        return skin.at_rest(smooth)
    tick(1.0)
    formed = skin.unfolded(hull.smoothed(skin.unfolded(clean)))
    return skin.at_rest(formed if _faults(skin, hull, formed) < faults else smooth)


def _faults(skin: PosedSkin, hull: Hull, vertices: Float64[np.ndarray, "N 3"]) -> int:
    """How many faces are folded and how many vertices run through skin."""
    return int(skin.folded(vertices).sum() + hull.pierced(vertices).sum())


@dataclass(frozen=True, eq=False)
class Refiner:
    """Solves for displacements of all vertices of a body.

    `inside` keeps the surface inside of loose cloth: where the scan lies well outside of the
    model over wide areas it does not follow.
    """

    ground: Ground
    stiffness: Stiffness
    inside: bool = False

    def __call__(self, target: Target, state: State, tick: Callable[[float], None],
                 ) -> Float[np.ndarray, "V 3"]:
        """Displacements in the rest pose, metres, for the pose and shape in `state`."""
        field = self._solve(target, state, tick).cpu().numpy()
        displacements = np.zeros_like(self.ground.body.template)
        displacements[self.ground.skin.rows] = field
        self._carry_interior(displacements)
        return displacements

    def _carry_interior(self, displacements: Float[np.ndarray, "V 3"]) -> None:
        """The mouth moves with the skin around it; each eyeball moves as one, or it would dent."""
        body, skin = self.ground.body, self.ground.skin.rows
        inside = np.setdiff1d(np.arange(len(displacements)), skin)
        if len(inside) == 0:
            return
        _, near = PointTree(body.template[skin]).nearest(body.template[inside], 4)
        displacements[inside] = displacements[skin][near].mean(axis=1)
        if body.eyes is not None:
            left = body.template[:, 0] > 0
            for eye in (body.eyes & left, body.eyes & ~left):
                if eye.any():
                    displacements[eye] = displacements[eye].mean(axis=0)

    def _solve(self, target: Target, state: State, tick: Callable[[float], None],
               ) -> Float[Tensor, "N 3"]:
        skin, device = self.ground.skin, self.ground.device
        energy = self.ground.energy(self.stiffness.weights)
        offsets = torch.zeros_like(skin.model.template)
        bare = self._bare(target, skin.model.pose(state)) if self.inside else None
        area = energy.area[:, 0].cpu().numpy() * self.ground.shown[skin.rows]
        whole = float(area.sum())
        matcher, sheet = Matcher.of(area, device, bare), Sheet.of(target, device)
        for step in range(self.stiffness.rounds):
            tick(step / self.stiffness.rounds)
            posed = skin.model.pose(state, offsets)
            pull = matcher.found_pull(
                self.stiffness.matching(step, self.inside), sheet, posed.vertices,
                skin.mesh.normals(posed.vertices[0])[None])
            turned = posed.skin[0].transpose(-1, -2)
            hessian = whole * (turned @ pull.hessian[0] @ posed.skin[0])
            gradient = whole * (turned @ pull.gradient[0][..., None])[..., 0]
            offsets = offsets + energy.solve(hessian, -gradient - energy @ offsets)
        untangling = _untangling(self.ground, skin.model.pose(state, offsets), tick)
        return offsets + torch.as_tensor(untangling, device=device)

    def _bare(self, target: Target, posed: Posed) -> Float[Tensor, " N"]:
        """1 where skin shows or cloth lies close to it, 0 where the scan is drawn off the model."""
        smooth, device = self.ground.energy(SPREAD), self.ground.device
        area, eye = smooth.area, torch.eye(3, device=device)
        normals = self.ground.skin.mesh.normals(posed.vertices[0])[None]
        matcher, sheet = Matcher.of(area[:, 0].cpu().numpy(), device), Sheet.of(target, device)
        pull = matcher.found_pull(WIDE, sheet, posed.vertices, normals)
        whole = float(area.sum())
        weight = torch.einsum("nc,ncd,nd->n", normals[0], pull.hessian[0], normals[0])
        drawn = -(pull.gradient[0] * normals[0]).sum(-1)
        off = smooth.solve((whole * weight[:, None] + 1e-3 * area)[..., None] * eye,
                           (whole * drawn[:, None]).repeat(1, 3))[:, 0]
        near, far = CLOSE_M
        return torch.maximum(self.ground.skin.bare, ((far - off) / (far - near)).clamp(0.0, 1.0))
