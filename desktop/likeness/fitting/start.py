"""The start: many guesses of facing and pose, each taken a few steps, for the solver to judge."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from likeness.bodies.body import Body
from likeness.core.cells import MET
from likeness.core.paths import resource
from likeness.core.triangles import face_crosses, lengths
from likeness.fitting.model import BodyModel, State, joined
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.target import Target
from likeness.scans.placing import UPRIGHT

LEFT_SHOULDER, RIGHT_SHOULDER = 16, 17  # joints 0 to 21 are the same in all of the SMPL family
ARMS = (0.0, 0.75, 1.25)  # radians below horizontal: T-pose, A-pose, hanging
YAWS = 8
_SMALL_M2 = 0.9  # a scan of less surface may be the head and shoulders of an adult
_TOP_M = 0.2  # so much of the top is taken for the head


def is_small(target: Target) -> bool:
    """Whether a scan has so little surface that it may well be but the head and the shoulders."""
    return float(target.area.sum()) < _SMALL_M2


def starts(model: BodyModel, target: Target, ups: Sequence[Float[Tensor, "3 3"]]) -> State:
    """Standing people for each of the rotations that could turn the scan upright.

    Of a small scan people as well of whom it shows the head and the shoulders; their silhouette
    does not tell which axis is up, so these stand along every axis.
    """
    found = [_turned_starts(model, target, up, standing_starts) for up in ups]
    if is_small(target):
        found += [_turned_starts(model, target, torch.as_tensor(up, dtype=torch.float32,
                                                                device=model.device), bust_starts)
                  for up in UPRIGHT.values()]
    return joined(found)


def _turned_starts(model: BodyModel, target: Target, up: Float[Tensor, "3 3"],
                   make: Callable[[BodyModel, Target], State]) -> State:
    """What is made for the scan turned upright, turned back."""
    return turned(model, make(model, target.turned(up.cpu().numpy())), up.T)


def typical_starts(model: BodyModel, target: Target, up: Float[Tensor, "3 3"]) -> State:
    """People in typical poses, in every facing, for a rotation that could turn the scan upright.

    Their size is that of the scan's surface, and their middle its middle: how high the head is
    and where the feet are says little about someone who crouches or lies.
    """
    with np.load(resource("bodies/pose_prior.npz")) as file:
        poses = torch.as_tensor(file["typical"], device=model.device)
    turns = torch.zeros(YAWS, len(poses), model.body.joint_count, 3, device=model.device)
    turns[:, :, 1:1 + poses.shape[1]] = poses
    turns[:, :, 0, 1] = torch.arange(YAWS, device=model.device)[:, None] * (2 * np.pi / YAWS)
    rotations = rotation_matrix(turns.flatten(0, 1))
    rotations[:, 0] = up.T @ rotations[:, 0]
    count = len(rotations)
    betas = betas_of_height(model, _height_by_surface(model.body, target)).expand(count, -1)
    state = State(rotations, torch.zeros(count, 3, device=model.device), betas.clone())
    points = torch.as_tensor(target.points, device=model.device)
    return State(rotations, points.mean(dim=0) - model.pose(state).vertices.mean(dim=1),
                 state.betas)


def turned(model: BodyModel, state: State, turn: Float[Tensor, "3 3"]) -> State:
    """The candidates turned about the origin."""
    root = model.pose(state).joints[:, 0] - state.transl  # about which the global rotation acts
    rotations = state.rotations.clone()
    rotations[:, 0] = turn @ rotations[:, 0]
    return State(rotations, (state.transl + root) @ turn.T - root, state.betas)


def standing_starts(model: BodyModel, target: Target) -> State:
    """Standing people of the scan's height, in every facing, their arms at each of the heights."""
    state = _standing(model, betas_of_height(model, _robust_height(target)), ARMS)
    return placed_on(model, state, target)


def bust_starts(model: BodyModel, target: Target) -> State:
    """Standing people of average size, in every facing, whose heads are at the top of the scan."""
    nobody = torch.zeros(1, model.body.shape_count, device=model.device)
    state = _standing(model, nobody, ARMS[-1:])
    points = torch.as_tensor(target.points, device=model.device)
    shift = _top(points) - torch.stack([_top(each) for each in model.pose(state).vertices])
    return State(state.rotations, state.transl + shift, state.betas)


def _top(points: Float[Tensor, "N 3"]) -> Float[Tensor, " 3"]:
    """The middle of what is at the top, and how high that is."""
    high = torch.quantile(points[:, 1], 0.998)
    middle = points[points[:, 1] > high - _TOP_M].mean(dim=0)
    return torch.stack((middle[0], high, middle[2]))


def _standing(model: BodyModel, betas: Float[Tensor, "1 B"], arms: Sequence[float]) -> State:
    """People of one shape, in every facing, their arms at each of the heights."""
    guesses = [(2 * np.pi * y / YAWS, arm) for y in range(YAWS) for arm in arms]
    count, joints = len(guesses), model.body.joint_count
    turns = torch.zeros(count, joints, 3, device=model.device)
    turns[:, 0, 1] = torch.tensor([yaw for yaw, _ in guesses], device=model.device)
    drop = torch.tensor([arm for _, arm in guesses], device=model.device)
    turns[:, LEFT_SHOULDER, 2], turns[:, RIGHT_SHOULDER, 2] = -drop, drop
    return State(rotation_matrix(turns), torch.zeros(count, 3, device=model.device),
                 betas.expand(count, -1).clone())


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


def _height_by_surface(body: Body, target: Target) -> float:
    """The standing height of a body of that much surface."""
    own = 0.5 * lengths(face_crosses(body.template, body.skin_faces)).sum()
    share = target.area.sum() / MET / own
    return float(np.ptp(body.template[:, 1]) * np.sqrt(share))


def _robust_height(target: Target) -> float:
    low, high = np.quantile(target.points[:, 1], (0.002, 0.998))
    return float(high - low)
