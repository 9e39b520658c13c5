"""Second-order fitting of pose and shape: Gauss-Newton steps on all parameters at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from likeness.fitting.contact import Contact
from likeness.fitting.correspondence import Matcher, Matching, Pull, Sheet
from likeness.fitting.jacobian import Jacobian
from likeness.fitting.meeting import Meeting
from likeness.fitting.model import BodyModel, Posed, State
from likeness.fitting.prior import PosePrior
from likeness.fitting.replaying import Replayed
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
    the root where it is; before each step of `halving` the dearer half of the candidates goes
    (Jamieson and Talwalkar 2016, Non-stochastic best arm identification and hyperparameter
    optimization); `contact` is what fingers in each other weigh, against the data; the rest as in
    `Matching`.
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
    aside: float = 0.0
    contact: float = 0.0
    damping: float = 1e-3
    anchored: bool = False
    halving: tuple[int, ...] = ()

    def matching(self, step: int) -> Matching:
        """The matching of one step."""
        return Matching(self._between(self.reach, step), self._between(self.normal_scale, step),
                        self.sliding, self.explain, self.outwards, self.clinging, self.blend,
                        self.aside)

    def data_trust(self, step: int) -> float:
        """The weight of the data in one step."""
        return self._between(self.trust, step)

    def numbers(self, step: int, device: torch.device) -> Float64[Tensor, " 3"]:
        """What changes from step to step: reach, normal scale and trust."""
        matching = self.matching(step)
        return torch.tensor((matching.reach, matching.normal_scale, self.data_trust(step)),
                            dtype=torch.float64, device=device)

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


class _Recorded(NamedTuple):
    """The parts of a step of one schedule, between which the neighbours are found."""

    placed: Replayed
    stepped: Replayed
    judged: Replayed
    cost: Replayed


@dataclass(frozen=True, eq=False)
class GaussNewton:
    """Fits M candidates of one body to one target; called with a state. For one fit at a time.

    `matcher` and `normals` are of the model's vertices.
    """

    model: BodyModel
    normals: Float[Tensor, "N 3"]
    matcher: Matcher
    prior: PosePrior
    schedule: Schedule
    contact: Contact | None = None
    _recorded: dict[Schedule, _Recorded] = field(default_factory=dict)
    _jacobians: dict[tuple[tuple[int, ...], int, int], Jacobian] = field(default_factory=dict)
    _beyond: dict[int, tuple[Bool[np.ndarray, " N"], "GaussNewton"]] = field(default_factory=dict)

    def __call__(self, target: Target, state: State, tick: Callable[[float], None],
                 first: int = 0) -> Candidates:
        """Run the schedule, from its step `first` on, and judge where that ends.

        `tick` is called with the fraction done before every step.
        """
        state = self.run(target, state, tick, first, self.schedule.steps)
        sheet = Sheet.of(target, self.model.device)
        cost, unexplained = self._judge(sheet, state, self.schedule.steps - 1)
        return Candidates(state, cost, unexplained.sqrt())

    def run(self, target: Target, state: State, tick: Callable[[float], None], first: int,
            end: int) -> State:
        """The schedule's steps from `first` to before `end`."""
        sheet, parts = Sheet.of(target, self.model.device), self._parts()
        for step in range(first, end):
            tick(step / self.schedule.steps)
            if step in self.schedule.halving:
                cost, _ = self._judge(sheet, state, step)
                state = state.select(torch.argsort(cost, stable=True)[:(len(cost) + 1) // 2])
            state = State(*parts.stepped(*self._met(sheet, state, step)))
        return State(*(each.clone() for each in state.tensors))  # the next to run overwrites them

    def keeping_all(self) -> "GaussNewton":
        """The same without halving."""
        return replace(self, schedule=replace(self.schedule, halving=()))

    def cheapest(self, target: Target, state: State, count: int) -> State:
        """The candidates that cost least as they are, at the beginning of the schedule."""
        cost, _ = self._judge(Sheet.of(target, self.model.device), state, 0)
        return state.select(torch.argsort(cost, stable=True)[:count])

    def apart_m(self, target: Target, state: State) -> Float[Tensor, " M"]:
        """How far body and target are apart at the end of the schedule, normals counted.

        The square root of the robust mean squared distance both ways, and of what fingers in each
        other weigh against that.
        """
        sheet = Sheet.of(target, self.model.device)
        return self._parts().cost(*self._met(sheet, state, self.schedule.steps - 1))[0].sqrt()

    def beyond(self, joint: int) -> tuple[Bool[np.ndarray, " N"], "GaussNewton"]:
        """Which vertices follow a joint, and the same solver on these."""
        if joint not in self._beyond:
            own = self.model.following(joint).cpu().numpy()
            rows = np.flatnonzero(own)
            contact = self.contact and self.contact.restricted(rows)
            self._beyond[joint] = own, GaussNewton(
                self.model.restricted(rows), self.normals[rows], self.matcher.restricted(rows),
                self.prior, self.schedule, contact)
        own, part = self._beyond[joint]
        return own, replace(part, schedule=self.schedule)

    def features(self, state: State, normal_m: float) -> Float[Tensor, "N 6"]:
        """Places and normals of the vertices (of one candidate), as `Target.features` has them."""
        normals, *posed = self._parts().placed(*state.tensors)
        return torch.cat((Posed.of(posed).vertices, normal_m * normals), -1)[0]

    def prior_cost(self, state: State) -> Float[Tensor, " M"]:
        """What pose and shape cost before any data."""
        return self.prior.cost(state) + 0.5 * state.betas.square().sum(1)

    def _jacobian(self, candidates: int) -> Jacobian:
        layout = self.schedule.joints, self._shapes, candidates
        if layout not in self._jacobians:
            self._jacobians[layout] = Jacobian(self.model, *layout)
        return self._jacobians[layout]

    @property
    def _shapes(self) -> int:
        """How many shape components are free: those of the schedule that the body has."""
        return min(self.schedule.shapes, self.model.body.shape_count)

    def _parts(self) -> _Recorded:
        if self.schedule not in self._recorded:
            self._recorded[self.schedule] = _Recorded(
                Replayed(self._placed), Replayed(self._stepped), Replayed(self._judged),
                Replayed(self._cost))
        return self._recorded[self.schedule]

    def _judge(self, sheet: Sheet, state: State, step: int,
               ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        """What each candidate costs in that step, and how much it leaves unexplained, squared."""
        cost, unexplained = self._parts().judged(*self._met(sheet, state, step))
        return self.schedule.data_trust(step) * cost + self.prior_cost(state), unexplained

    def _met(self, sheet: Sheet, state: State, step: int) -> tuple[Tensor, ...]:
        """All that a step needs: its numbers, the scan, the body, and where the two meet."""
        normals, *posed = self._parts().placed(*state.tensors)
        met = self.matcher.meetings(self.schedule.matching(step), sheet, Posed.of(posed).vertices,
                                    normals)
        return (self.schedule.numbers(step, self.model.device), sheet.values, sheet.weight,
                normals, *posed, *chain.from_iterable(each.tensors for each in met))

    def _placed(self, *state: Tensor) -> tuple[Tensor, ...]:
        posed = self.model.pose(State(*state))
        return skinned_normals(posed, self.normals), *posed.tensors

    def _matched(self, numbers: Tensor, values: Tensor, weight: Tensor, normals: Tensor,
                 *bodies: Tensor) -> tuple[Posed, tuple[Any, ...]]:
        """What `_met` has found, as `Matcher.pull` and `Matcher.cost` take it."""
        reach, normal_scale, _ = numbers.float().unbind()
        matching = replace(self.schedule.matching(0), reach=reach, normal_scale=normal_scale)
        posed, met = Posed.of(bodies[:Posed.TENSORS]), bodies[Posed.TENSORS:]
        half = len(met) // 2
        return posed, (matching, Sheet(values, weight),
                       (Meeting(*met[:half]), Meeting(*met[half:])), posed.vertices, normals)

    def _judged(self, *met: Tensor) -> tuple[Tensor, ...]:
        pull = self._pull(*self._matched(*met))
        return pull.cost, pull.residual

    def _cost(self, *met: Tensor) -> tuple[Tensor, ...]:
        posed, matched = self._matched(*met)
        cost = self.matcher.cost(*matched)
        if touching := self._touching:
            depth, _ = touching.depths(posed)
            cost = cost + touching.cost(depth, self.schedule.contact * self.matcher.weight)
        return (cost,)

    def _stepped(self, *met: Tensor) -> tuple[Tensor, ...]:
        posed, matched = self._matched(*met)
        trust: Float[Tensor, ""] = met[0][2]
        return self._next(posed, self._pull(posed, matched), trust).tensors

    def _pull(self, posed: Posed, matched: tuple[Any, ...]) -> Pull:
        """What draws on the vertices."""
        pull = self.matcher.pull(*matched)
        if touching := self._touching:
            pull = touching.added(pull, posed, self.schedule.contact * self.matcher.weight)
        return pull

    @property
    def _touching(self) -> Contact | None:
        """The contact, where the schedule weighs it."""
        return self.contact if self.schedule.contact else None

    def _earned(self, pull: Pull) -> Float[Tensor, " M"]:
        """The most that the data may be trusted, given how much of it the model leaves unexplained.

        A residual well above a clean scan's is cloth, layers or noise that hangs together over
        wide areas: both its size and the few independent pieces it comes in lower the trust.
        """
        return MOST_TRUST * (CLEAN_M**2 / pull.residual.double()) ** 1.5

    def _next(self, posed: Posed, pull: Pull, trust: Float[Tensor, ""]) -> State:
        joints, shapes = self.model.index(self.schedule.joints), self._shapes
        hessian, gradient = self._jacobian(len(posed.vertices)).normal_equations(posed, pull)
        earned = torch.minimum(self._earned(pull), trust)
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
        step = -_solved(hessian, gradient).float()
        return posed.state.stepped(_bounded(step, turn), joints, shapes)


def _solved(definite: Float64[Tensor, "M P P"], right: Float64[Tensor, "M P"],
            ) -> Float64[Tensor, "M P"]:
    """Through the triangles of Cholesky: of the ways there are, one that a GPU can record.

    Nothing where a matrix is not definite after all.
    """
    lower, failed = torch.linalg.cholesky_ex(definite)
    half = torch.linalg.solve_triangular(lower, right[..., None], upper=False)
    found = torch.linalg.solve_triangular(lower.mT, half, upper=True)[..., 0]
    return torch.where(failed[:, None] == 0, found, 0.0)


def skinned_normals(posed: Posed, normals: Float[Tensor, "N 3"]) -> Float[Tensor, "M N 3"]:
    """Rest normals turned by the skinning, which is exact enough to match by."""
    return torch.nn.functional.normalize((posed.skin @ normals[..., None])[..., 0], dim=-1)


def _bounded(step: Float[Tensor, "M P"], turn: int) -> Float[Tensor, "M P"]:
    """Shorten each joint's turn to what one step can know."""
    turns = step[:, :turn].reshape(len(step), -1, 3)
    length = turns.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    turns = turns * (MOST_TURN / length).clamp_max(1.0)
    return torch.cat((turns.flatten(1), step[:, turn:]), 1)
