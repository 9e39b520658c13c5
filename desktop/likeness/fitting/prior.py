"""What poses and hands are likely before any scan is seen: a Gaussian over joint rotations."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.bodies.body import Body
from likeness.core.paths import resource
from likeness.fitting.model import State
from likeness.fitting.rotations import axis_angle, inverse_left_jacobian

# Radians, from flat hands to fists: what all fingers of a hand curl alike, and each joint besides
# (Santello et al. 1998, Postural hand synergies for tool use: most of how hands differ is the
# former). Fingers hardly go sideways, but the axes about which they curl are known no better:
# tighter, and curled fingers come out straightened.
FINGER_CURL, HAND_CURL_SD, FINGER_CURL_SD = 0.25, 0.35, 0.3
FINGER_SIDE_SD, THUMB_SD, OTHER_SD = 0.25, 0.35, 0.15


@dataclass(frozen=True, eq=False)
class PosePrior:
    """Mean (J*3,) and precision (J*3, J*3) of the axis-angle of all joints; root is free."""

    mean: Float[Tensor, " R"]
    precision: Float[Tensor, "R R"]

    def terms(self, state: State, joints: Int[Tensor, " Q"],
              ) -> tuple[Float[Tensor, "M P P"], Float[Tensor, "M P"]]:
        """Hessian and gradient with respect to small turns of `joints` in their parents' frames."""
        turns = axis_angle(state.rotations)
        residual = turns.flatten(1) - self.mean
        columns = (3 * joints[:, None] + torch.arange(3, device=joints.device)).flatten()
        jacobian = _block_diagonal(inverse_left_jacobian(turns[:, joints]))
        within = self.precision[columns][:, columns]
        hessian = jacobian.transpose(1, 2) @ within @ jacobian
        pull = residual @ self.precision[:, columns]
        return hessian, (pull[:, None] @ jacobian)[:, 0]

    def cost(self, state: State) -> Float[Tensor, " M"]:
        """Half the squared Mahalanobis distance of each candidate's pose."""
        residual = axis_angle(state.rotations).flatten(1) - self.mean
        return 0.5 * torch.einsum("mp,pq,mq->m", residual, self.precision, residual)


def pose_prior(body: Body, device: torch.device) -> PosePrior:
    """The prior of a body: motion-capture statistics for the body, anatomy for the hands."""
    count = 3 * body.joint_count
    mean, precision = np.zeros(count), np.eye(count) / OTHER_SD**2
    precision[:3, :3] = 0.0
    _add_body(mean, precision)
    for side in ("left", "right"):
        group = body.group(f"{side}_hand_pose")
        if group is not None:
            rest = body.joint_regressor @ body.template.astype(np.float64)
            _add_hand(body, rest, group.joints, mean, precision)
    return PosePrior(torch.as_tensor(mean, dtype=torch.float32, device=device),
                     torch.as_tensor(precision, dtype=torch.float32, device=device))


def _add_body(mean: Float[np.ndarray, " R"], precision: Float[np.ndarray, "R R"]) -> None:
    """Joints 1 to 21 of the SMPL family, from the statistics that ship with the open body."""
    with np.load(resource("bodies/pose_prior.npz")) as prior:
        size = len(prior["mean"])
        mean[3:3 + size] = prior["mean"]
        precision[3:3 + size, 3:3 + size] = np.linalg.inv(prior["covariance"])


def _add_hand(body: Body, rest: Float[np.ndarray, "J 3"], joints: tuple[int, ...],
              mean: Float[np.ndarray, " R"], precision: Float[np.ndarray, "R R"]) -> None:
    """Fingers curl towards the palm, which faces down in the T-pose, and hardly sideways.

    The last three joints of a hand are the thumb's, which turns about no one axis.
    """
    fingers, thumb = joints[:12], joints[12:]
    for j in thumb:
        precision[3 * j:3 * j + 3, 3 * j:3 * j + 3] = np.eye(3) / THUMB_SD**2
    curls = np.zeros((len(fingers), len(mean)))
    for curl, j in zip(curls, fingers, strict=True):
        bone = rest[j] - rest[body.parents[j]]
        axis = np.cross(bone, (0.0, -1.0, 0.0))
        axis /= np.linalg.norm(axis)
        curl[3 * j:3 * j + 3] = axis
        precision[3 * j:3 * j + 3, 3 * j:3 * j + 3] = (
            (np.eye(3) - np.outer(axis, axis)) / FINGER_SIDE_SD**2)
    mean += FINGER_CURL * curls.sum(axis=0)
    covariance = HAND_CURL_SD**2 + FINGER_CURL_SD**2 * np.eye(len(fingers))
    precision += curls.T @ np.linalg.inv(covariance) @ curls


def _block_diagonal(blocks: Float[Tensor, "M J 3 3"]) -> Float[Tensor, "M P P"]:
    m, j = blocks.shape[:2]
    full = torch.zeros(m, j, 3, j, 3, device=blocks.device)
    index = torch.arange(j, device=blocks.device)
    full[:, index, :, index] = blocks.transpose(0, 1)
    return full.reshape(m, 3 * j, 3 * j)
