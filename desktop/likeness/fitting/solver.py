"""Second-order fitting of pose and shape: Gauss-Newton steps on all parameters at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.fitting.correspondence import Matcher, Matching, Pull
from likeness.fitting.model import BodyModel, Posed, State
from likeness.fitting.prior import PosePrior
from likeness.fitting.target import Target

CLEAN_M = 0.0025  # what a clean scan leaves unexplained by a model
MOST_TRUST = 2e8  # squared sigmas of the priors that a square metre of mean residual is worth
_RIGID = 1e15  # more than any data weighs
MOST_TURN = 0.6  # radians a step; nearest neighbours say little about anything further


@dataclass(frozen=True)
class Schedule:
    """Settings of one run of Gauss-Newton: what may move and how the matching narrows.

    `trust` weighs the data (mean squared metres) against the priors (squared sigmas). `reach`
    and `normal_scale` in metres go geometrically from first to last over `steps`; `anchored` keeps
    the root where it is; the rest as in `Matching`.
    """

    steps: int
    joints: tuple[int, ...]
    shapes: int
    reach: tuple[float, float]
    normal_scale: tuple[float, float]
    trust: tuple[float, float]
    sliding: float = 0.1
    explain: float = 1.0
    outwards: float = 1.0
    clinging: float = 0.0
    blend: int = 1
    damping: float = 1e-3
    anchored: bool = False

    def matching(self, step: int) -> Matching:
        """The matching of one step."""
        return Matching(self._between(self.reach, step), self._between(self.normal_scale, step),
                        self.sliding, self.explain, self.outwards, self.clinging, self.blend)

    def data_trust(self, step: int) -> float:
        """The weight of the data in one step."""
        return self._between(self.trust, step)

    def _between(self, ends: tuple[float, float], step: int) -> float:
        if ends[0] == 0.0:
            return 0.0
        part = step / max(self.steps - 1, 1)
        return ends[0] * (ends[1] / ends[0]) ** part


@dataclass(frozen=True, eq=False)
class Candidates:
    """Where the solver stands: the states, what each still costs, and what it leaves unexplained.

    `unexplained` is the root mean square distance in metres of the correspondences that count.
    """

    state: State
    cost: Float[Tensor, " M"]
    unexplained: Float[Tensor, " M"]


@dataclass(frozen=True, eq=False)
class GaussNewton:
    """Fits M candidates of one body to one target; an immutable solver, called with a state.

    `bare` is 1 where skin is surely seen: there the schedule's `outwards` does not apply.
    """

    model: BodyModel
    normals: Float[Tensor, "N 3"]
    area: Float[np.ndarray, " N"]
    prior: PosePrior
    schedule: Schedule
    bare: Float[Tensor, " N"]

    def __call__(self, target: Target, state: State, tick: Callable[[float], None],
                 first: int = 0) -> Candidates:
        """Run the schedule, from its step `first` on, and judge where that ends.

        `tick` is called with the fraction done before every step.
        """
        state = self.run(target, state, tick, first, self.schedule.steps)
        pull = self._pulled_last(target, state)
        cost = self.schedule.data_trust(self.schedule.steps - 1) * pull.cost
        return Candidates(state, cost + self.prior_cost(state), pull.residual.sqrt())

    def run(self, target: Target, state: State, tick: Callable[[float], None], first: int,
            end: int) -> State:
        """The schedule's steps from `first` to before `end`."""
        matcher = self._matcher(target)
        for step in range(first, end):
            tick(step / self.schedule.steps)
            posed, pull = self._pulled(matcher, state, step)
            state = self._stepped(posed, pull, self.schedule.data_trust(step))
        return state

    def apart_m(self, target: Target, state: State) -> Float[Tensor, " M"]:
        """How far body and target are apart at the end of the schedule, normals counted.

        The square root of the robust mean squared distance both ways.
        """
        return self._pulled_last(target, state).cost.sqrt()

    def restricted(self, rows: Int[np.ndarray, " K"], joints: tuple[int, ...]) -> "GaussNewton":
        """The same solver on a subset of its vertices, for some joints."""
        return replace(self, model=self.model.restricted(rows), normals=self.normals[rows],
                       area=self.area[rows], bare=self.bare[rows],
                       schedule=replace(self.schedule, joints=joints))

    def features(self, state: State, normal_m: float) -> Float[Tensor, "N 6"]:
        """Places and normals of the vertices (of one candidate), as `Target.features` has them."""
        posed = self.model.pose(state)
        normals = normal_m * skinned_normals(posed, self.normals)
        return torch.cat((posed.vertices, normals), -1)[0]

    def _pulled_last(self, target: Target, state: State) -> Pull:
        return self._pulled(self._matcher(target), state, self.schedule.steps - 1)[1]

    def _pulled(self, matcher: Matcher, state: State, step: int) -> tuple[Posed, Pull]:
        posed = self.model.pose(state)
        normals = skinned_normals(posed, self.normals)
        return posed, matcher.pull(self.schedule.matching(step), posed.vertices, normals)

    def _matcher(self, target: Target) -> Matcher:
        return Matcher(target, self.area, self.model.device, self.bare)

    def prior_cost(self, state: State) -> Float[Tensor, " M"]:
        """What pose and shape cost before any data."""
        return self.prior.cost(state) + 0.5 * state.betas.square().sum(1)

    def _earned(self, pull: Pull) -> Float[Tensor, " M"]:
        """The most that the data may be trusted, given how much of it the model leaves unexplained.

        A residual well above a clean scan's is cloth, layers or noise that hangs together over
        wide areas: both its size and the few independent pieces it comes in lower the trust.
        """
        return MOST_TRUST * (CLEAN_M**2 / pull.residual.double()) ** 1.5

    def _stepped(self, posed: Posed, pull: Pull, trust: float) -> State:
        joints, shapes = self.model.index(self.schedule.joints), self.schedule.shapes
        hessian, gradient = normal_equations(self.model, posed, pull, self.schedule)
        earned = self._earned(pull).clamp_max(trust)
        hessian = earned[:, None, None] * hessian.double()
        gradient = earned[:, None] * gradient.double()
        turn = 3 * len(joints)
        prior_hessian, prior_gradient = self.prior.terms(posed.state, joints)
        hessian[:, :turn, :turn] += prior_hessian
        gradient[:, :turn] += prior_gradient
        diagonal = hessian.diagonal(dim1=1, dim2=2)
        diagonal[:, turn + 3:] += 1.0
        gradient[:, turn + 3:] += posed.state.betas[:, :shapes]
        diagonal += self.schedule.damping * diagonal + 1e-6
        if self.schedule.anchored:
            diagonal[:, turn:turn + 3] += _RIGID
        step = -torch.linalg.solve(hessian, gradient[..., None])[..., 0].float()
        return posed.state.stepped(_bounded(step, turn), joints, shapes)


def normal_equations(model: BodyModel, posed: Posed, pull: Pull, schedule: Schedule,
                     ) -> tuple[Float[Tensor, "M P P"], Float[Tensor, "M P"]]:
    """Sum the vertices' quadratics over the parameters: J' H J and J' g, block by block."""
    count, shapes = len(posed.vertices), schedule.shapes
    size, device = 3 * len(schedule.joints) + 3 + shapes, model.device
    hessian = torch.zeros(count, size, size, device=device)
    gradient = torch.zeros(count, size, device=device)
    for block in model.blocks(schedule.joints, shapes):
        jacobian = model.jacobian(posed, block.joints, shapes, block.rows)
        weighted = (pull.hessian[:, block.rows] @ jacobian).flatten(1, 2)
        flat = jacobian.flatten(1, 2)
        own = block.parameters
        hessian[:, own[:, None], own] += flat.transpose(1, 2) @ weighted
        gradient[:, own] += (pull.gradient[:, block.rows].flatten(1)[:, None] @ flat)[:, 0]
    return hessian, gradient


def skinned_normals(posed: Posed, normals: Float[Tensor, "N 3"]) -> Float[Tensor, "M N 3"]:
    """Rest normals turned by the skinning, which is exact enough to match by."""
    return torch.nn.functional.normalize((posed.skin @ normals[..., None])[..., 0], dim=-1)


def _bounded(step: Float[Tensor, "M P"], turn: int) -> Float[Tensor, "M P"]:
    """Shorten each joint's turn to what one step can know."""
    turns = step[:, :turn].reshape(len(step), -1, 3)
    length = turns.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    turns = turns * (MOST_TURN / length).clamp_max(1.0)
    return torch.cat((turns.flatten(1), step[:, turn:]), 1)
