"""The start: many guesses of facing and pose, each taken a few steps, for the solver to judge."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.model import BodyModel, State, joined
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.target import Target

LEFT_SHOULDER, RIGHT_SHOULDER = 16, 17  # joints 0 to 21 are the same in all of the SMPL family
ARMS = (0.0, 0.75, 1.25)  # radians below horizontal: T-pose, A-pose, hanging
YAWS = 8


def starts(model: BodyModel, target: Target, ups: Sequence[Float[Tensor, "3 3"]],
           arms: Sequence[float] = ARMS) -> State:
    """Standing people for each of the rotations that could turn the scan upright."""
    upright = [target.turned(up.cpu().numpy()) for up in ups]
    return joined([turned(model, standing_starts(model, each, arms), up.T)
                   for each, up in zip(upright, ups, strict=True)])


def turned(model: BodyModel, state: State, turn: Float[Tensor, "3 3"]) -> State:
    """The candidates turned about the origin."""
    root = model.pose(state).joints[:, 0] - state.transl  # about which the global rotation acts
    rotations = state.rotations.clone()
    rotations[:, 0] = turn @ rotations[:, 0]
    return State(rotations, (state.transl + root) @ turn.T - root, state.betas)


def standing_starts(model: BodyModel, target: Target, arms: Sequence[float]) -> State:
    """Standing people of the scan's height, in every facing, their arms at each of the heights."""
    guesses = [(2 * np.pi * y / YAWS, arm) for y in range(YAWS) for arm in arms]
    count, joints = len(guesses), model.body.joint_count
    turns = torch.zeros(count, joints, 3, device=model.device)
    turns[:, 0, 1] = torch.tensor([yaw for yaw, _ in guesses], device=model.device)
    drop = torch.tensor([arm for _, arm in guesses], device=model.device)
    turns[:, LEFT_SHOULDER, 2], turns[:, RIGHT_SHOULDER, 2] = -drop, drop
    betas = betas_of_height(model, _robust_height(target)).expand(count, -1).clone()
    state = State(rotation_matrix(turns), torch.zeros(count, 3, device=model.device), betas)
    return placed_on(model, state, target)


def betas_of_height(model: BodyModel, height_m: float) -> Float[Tensor, "1 B"]:
    """The likeliest shape of a given standing height: the least betas that give it."""
    y, slope = model.template[:, 1], model.shape[:, 1]
    top, bottom = int(y.argmax()), int(y.argmin())
    along = slope[top] - slope[bottom]
    missing = height_m - (y[top] - y[bottom])
    return (missing * along / along.square().sum().clamp_min(1e-9))[None].clamp(-4, 4)


def placed_on(model: BodyModel, state: State, target: Target) -> State:
    """Shift each candidate so that its feet and its middle are the scan's."""
    vertices = model.pose(state).vertices
    points = torch.as_tensor(target.points, device=model.device)
    shift = points.median(dim=0).values - vertices.median(dim=1).values
    low = torch.quantile(points[:, 1], 0.01) - torch.quantile(vertices[..., 1], 0.01, dim=1)
    shift = torch.stack((shift[:, 0], low, shift[:, 2]), 1)
    return State(state.rotations, state.transl + shift, state.betas)


def _robust_height(target: Target) -> float:
    low, high = np.quantile(target.points[:, 1], (0.002, 0.998))
    return float(high - low)
