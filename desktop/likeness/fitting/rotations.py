"""Rotations in torch: exponential and logarithm of SO(3), batched over leading axes."""

from collections.abc import Callable
from functools import lru_cache
from math import pi

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor


def cross_matrix(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """The matrix K with K @ u = v x u."""
    return (v @ _constant(_crosses, v.dtype, v.device)).unflatten(-1, (3, 3))


def rotation_matrix(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """Axis-angle in radians to rotation matrix (Rodrigues), smooth at zero."""
    turns = v.norm(dim=-1)[..., None, None] / pi
    k = cross_matrix(v)
    once, twice = torch.sinc(turns), torch.sinc(turns / 2).square() / 2
    return torch.addcmul(once * k, twice, k @ k) + torch.eye(3, dtype=v.dtype, device=v.device)


def axis_angle(r: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 3"]:
    """Rotation matrix to axis-angle of length at most pi; through the quaternion, stable at pi."""
    q = _quaternion(r)
    q = torch.where(q[..., :1] < 0, -q, q)
    sine = q[..., 1:].norm(dim=-1, keepdim=True)
    stretch = 2 * torch.atan2(sine, q[..., :1]) / sine.clamp_min(1e-12)
    return q[..., 1:] * torch.where(sine > 1e-9, stretch, 2.0)


def largest_turn(one: Float[Tensor, "*b 3 3"], other: Float[Tensor, "*b 3 3"]) -> float:
    """The largest angle in radians between two of the rotations."""
    return float(axis_angle(one.mT @ other).norm(dim=-1).max())


def inverse_left_jacobian(v: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """d log(exp(e) R) / d e at e = 0, where v = log R (Barfoot 2017, eq. 7.77)."""
    angle = v.norm(dim=-1)[..., None, None]
    half = (angle / 2).clamp_max(1.55)
    c = torch.where(angle < 1e-3, 1 / 12, (1 - half / half.tan()) / angle.square())
    k = cross_matrix(v)
    return torch.addcmul(-0.5 * k, c, k @ k) + torch.eye(3, dtype=v.dtype, device=v.device)


def _quaternion(r: Float[Tensor, "*b 3 3"]) -> Float[Tensor, "*b 4"]:
    """Unit quaternion (w, x, y, z) from the largest of its four components, so no cancellation.

    4 q q' is linear in the rotation matrix but for its diagonal; any of its rows is along q.
    """
    rows = (r.flatten(-2) @ _constant(_products, r.dtype, r.device)).unflatten(-1, (4, 4))
    rows = rows + torch.eye(4, dtype=r.dtype, device=r.device)
    best = rows.diagonal(dim1=-2, dim2=-1).argmax(-1)[..., None, None]
    q = rows.gather(-2, best.expand(*best.shape[:-1], 4)).squeeze(-2)
    return q / q.norm(dim=-1, keepdim=True)


@lru_cache
def _constant(values: Callable[[], np.ndarray], dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # who differentiates may be the next to ask
        return torch.as_tensor(values(), dtype=dtype, device=device)


def _crosses() -> Float64[np.ndarray, "3 9"]:
    """What each component of a vector adds to its cross product matrix."""
    crosses = np.zeros((3, 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        crosses[i, k, j], crosses[i, j, k] = 1, -1
    return crosses.reshape(3, 9)


def _products() -> Float64[np.ndarray, "9 16"]:
    """What each entry of a rotation matrix adds to four times the products of its quaternion."""
    products = np.zeros((3, 3, 4, 4))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        w, x, y, z = 0, 1 + i, 1 + j, 1 + k
        products[i, i, (w, x), (w, x)] = 1
        products[i, i, (y, z), (y, z)] = -1
        products[k, j, (w, x), (x, w)] = 1
        products[j, k, (w, x), (x, w)] = -1
        products[i, j, (x, y), (y, x)] = 1
        products[j, i, (x, y), (y, x)] = 1
    return products.reshape(9, 16)
