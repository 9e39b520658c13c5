"""Rotations in torch: exponential and logarithm of SO(3), batched over leading axes."""

import torch
from jaxtyping import Float
from torch import Tensor


def cross_matrix(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """The matrix K with K @ u = v x u."""
    x, y, z = v.unbind(-1)
    o = torch.zeros_like(x)
    return torch.stack((o, -z, y, z, o, -x, -y, x, o), -1).reshape(*v.shape, 3)


def rotation_matrix(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """Axis-angle in radians to rotation matrix (Rodrigues), smooth at zero."""
    angle2 = (v * v).sum(-1)[..., None, None]
    angle = angle2.clamp_min(1e-16).sqrt()
    small = angle2 < 1e-8
    a = torch.where(small, 1 - angle2 / 6, angle.sin() / angle)
    b = torch.where(small, 0.5 - angle2 / 24, (1 - angle.cos()) / angle2.clamp_min(1e-16))
    k = cross_matrix(v)
    return torch.eye(3, dtype=v.dtype, device=v.device) + a * k + b * (k @ k)


def axis_angle(r: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 3"]:
    """Rotation matrix to axis-angle of length at most pi; through the quaternion, stable at pi."""
    q = _quaternion(r)
    q = torch.where(q[..., :1] < 0, -q, q)
    sine = q[..., 1:].norm(dim=-1, keepdim=True)
    angle = 2 * torch.atan2(sine, q[..., :1])
    return torch.where(sine > 1e-9, q[..., 1:] * (angle / sine.clamp_min(1e-12)), 2 * q[..., 1:])


def largest_turn(one: Float[Tensor, "*b 3 3"], other: Float[Tensor, "*b 3 3"]) -> float:
    """The largest angle in radians between two of the rotations."""
    return float(axis_angle(one.mT @ other).norm(dim=-1).max())


def _quaternion(r: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 4"]:
    """Unit quaternion (w, x, y, z) from the largest of its four components, so no cancellation."""
    t = r.diagonal(dim1=-2, dim2=-1)
    trace = t.sum(-1)
    squares = torch.stack((1 + trace, *(1 + 2 * t[..., i] - trace for i in range(3))), -1)
    wx, wy, wz = (r[..., 2, 1] - r[..., 1, 2], r[..., 0, 2] - r[..., 2, 0],
                  r[..., 1, 0] - r[..., 0, 1])
    xy, xz, yz = (r[..., 1, 0] + r[..., 0, 1], r[..., 0, 2] + r[..., 2, 0],
                  r[..., 2, 1] + r[..., 1, 2])
    rows = torch.stack((
        torch.stack((squares[..., 0], wx, wy, wz), -1),
        torch.stack((wx, squares[..., 1], xy, xz), -1),
        torch.stack((wy, xy, squares[..., 2], yz), -1),
        torch.stack((wz, xz, yz, squares[..., 3]), -1)), -2)
    best = squares.argmax(-1)[..., None, None].expand(*squares.shape[:-1], 1, 4)
    q = rows.gather(-2, best).squeeze(-2)
    return q / q.norm(dim=-1, keepdim=True)


def inverse_left_jacobian(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """d log(exp(e) R) / d e at e = 0, where v = log R (Barfoot 2017, eq. 7.77)."""
    angle2 = (v * v).sum(-1)[..., None, None]
    angle = angle2.clamp_min(1e-16).sqrt()
    half = (angle / 2).clamp_max(1.55)
    c = torch.where(angle2 < 1e-6, torch.full_like(angle2, 1 / 12),
                    (1 - half / half.tan()) / angle2.clamp_min(1e-16))
    k = cross_matrix(v)
    return torch.eye(3, dtype=v.dtype, device=v.device) - 0.5 * k + c * (k @ k)
