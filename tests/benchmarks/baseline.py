"""A plain fitter to compare with: autograd, 500 steps of Adam, then up to 500 of L-BFGS.

As public fitters to point clouds do it (SMPLify, Bogo et al. 2016, carried over to scans): robust
distances to the nearest point both ways, found anew in every evaluation, and priors on pose and
shape, which here are the product's own. It is told what the product must find out: the scan in
metres, upright, cleaned, and which way the person faces.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from scipy.spatial import cKDTree
from torch import Tensor

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.fitting.model import BodyModel, State
from likeness.fitting.prior import PosePrior, pose_prior
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.sampling import skin_vertices

ADAM_STEPS, POINTS = 500, 10_000
# Twenty at a time, as fitters call it: new correspondences stop a run, and the next goes on.
LBFGS_RUNS, LBFGS_STEPS = 25, 20
_RATE, _REACH_M, _TRUST = 0.02, 0.05, 5e5
_DROP = 0.75  # radians below horizontal: an A-pose


@dataclass(frozen=True, eq=False)
class Baseline:
    """Where it ended, and the seconds of optimisation alone."""

    vertices: Float32[np.ndarray, "V 3"]
    seconds: float


@dataclass(frozen=True, eq=False)
class Problem:
    """The loss over axis-angle turns (J, 3), translation (3,) and betas (B,)."""

    model: BodyModel
    prior: PosePrior
    points: Float[np.ndarray, "N 3"]

    def state(self, turns: Tensor, transl: Tensor, betas: Tensor) -> State:
        """As the model wants it."""
        return State(rotation_matrix(turns[None]), transl[None], betas[None])

    def loss(self, turns: Tensor, transl: Tensor, betas: Tensor) -> Tensor:
        """Robust squared distances both ways (Geman and McClure 1987), and priors."""
        state = self.state(turns, transl, betas)
        vertices = self.model.pose(state).vertices[0]
        scan = torch.as_tensor(self.points, dtype=torch.float32)
        here = vertices.detach().numpy()
        to_scan = cKDTree(self.points).query(here, workers=-1)[1]
        to_body = cKDTree(here).query(self.points, workers=-1)[1]
        gaps = torch.cat((vertices - scan[to_scan], vertices[to_body] - scan)).square().sum(1)
        robust = (gaps / (1 + gaps / _REACH_M**2)).mean()
        return _TRUST * robust + self.prior.cost(state)[0] + 0.5 * betas.square().sum()


def fit_baseline(body: Body, points: Float[np.ndarray, "N 3"], facing: float,
                 evaluations: Callable[[], None] = lambda: None) -> Baseline:
    """Fit to points in metres, y up, of a person who is turned by `facing` radians about y."""
    few = points[np.random.default_rng(0).choice(len(points), min(POINTS, len(points)),
                                                 replace=False)]
    device = torch.device("cpu")
    problem = Problem(BodyModel(body, skin_vertices(body), device), pose_prior(body, device), few)
    turns = torch.zeros(body.joint_count, 3)
    turns[0, 1], turns[16, 2], turns[17, 2] = facing, -_DROP, _DROP
    betas = torch.zeros(body.shape_count)
    transl = torch.as_tensor(np.median(few, axis=0) - np.median(body.template, axis=0),
                             dtype=torch.float32)
    values = [each.requires_grad_() for each in (turns, transl, betas)]
    begun = time.perf_counter()
    _descend(problem, values, evaluations)
    seconds = time.perf_counter() - begun
    with torch.no_grad():
        parameters: BodyParameters = BodyModel(body, np.arange(len(body.template)), device
                                               ).parameters(problem.state(*values))
    return Baseline(pose_body(body, parameters).vertices.astype(np.float32), seconds)


def _descend(problem: Problem, values: list[Tensor], evaluations: Callable[[], None]) -> None:
    adam = torch.optim.Adam(values, lr=_RATE)
    for _ in range(ADAM_STEPS):
        adam.zero_grad()
        problem.loss(*values).backward()
        adam.step()
        evaluations()
    lbfgs = torch.optim.LBFGS(values, lr=1.0, max_iter=LBFGS_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        lbfgs.zero_grad()
        loss = problem.loss(*values)
        loss.backward()
        evaluations()
        return loss

    for _ in range(LBFGS_RUNS):
        lbfgs.step(closure)
