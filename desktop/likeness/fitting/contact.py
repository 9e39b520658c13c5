"""Fingers keep out of each other and out of the palm.

A finger whose scan is poor costs least where it is hidden in another one, for there scan is near
that explains it. The bones of a hand stand for the flesh around them as capsules, and what of a
finger gets into one is pushed out again (as in Bogo et al. 2016, Keep it SMPL).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from likeness.bodies.body import Body
from likeness.core.triangles import lengths
from likeness.fitting.correspondence import Pull
from likeness.fitting.model import Posed

_FINGERS, _THUMB = 5, 4  # of a hand, the thumb last
_PALM, _MIDDLE, _TIP = 0, 2, 3  # how far out a bone is
# So much of the skin around a bone is nearer to the axis than where its capsule would end, were
# all of the flesh hard.
_NEARER, _HARD = 0.25, 0.9
_LEAST = 1e-12  # squared metres that an axis has
_HALF = 0.5  # of the way apart each side goes


@dataclass(frozen=True, eq=False)
class Contact:
    """C capsules, and K of a model's vertices that keep out of some of them.

    Each capsule moves with one of `bones`; `axes` are where its axis begins and ends at rest,
    `axes_shape` what the shape components add to that; `radius` and `length` in metres at rest.
    `own` is the capsule that each vertex of `rows` belongs to, `keeps_out` says out of which it
    keeps.
    """

    rows: Int[Tensor, " K"]
    own: Int[Tensor, " K"]
    keeps_out: Bool[Tensor, "K C"]
    bones: Int[Tensor, " C"]
    axes: Float[Tensor, "C 2 3"]
    axes_shape: Float[Tensor, "C 2 3 B"]
    radius: Float[Tensor, " C"]
    length: Float[Tensor, " C"]

    @staticmethod
    def of(body: Body, device: torch.device) -> "Contact | None":
        """For all vertices of a body; None where it has no fingers."""
        bones = list(_hand_bones(body))
        around = _around(body, bones)
        if not bones or min(map(len, around)) < 3:
            return None
        ends = [_ends(body.template[own], own, bone)
                for own, bone in zip(around, bones, strict=True)]
        axes, shape = (np.stack([[values[end].mean(axis=0) for end in both] for both in ends])
                       for values in (body.template, body.shape_directions))
        radius = [_HARD * np.quantile(_from_axis(body.template[own], *axis)[0], _NEARER)
                  for own, axis in zip(around, axes, strict=True)]
        fingers = [k for k, bone in enumerate(bones) if bone.out != _PALM]
        rows = np.concatenate([around[k] for k in fingers])
        own = np.repeat(fingers, [len(around[k]) for k in fingers])
        order = np.argsort(rows)
        keeps_out = np.array([[one.keeps_out_of(other) for other in bones] for one in bones])
        joints = [bone.joint for bone in bones]
        indices = (torch.as_tensor(each, device=device)
                   for each in (rows[order], own[order], keeps_out[own[order]], joints))
        numbers = (torch.as_tensor(np.asarray(each), dtype=torch.float32, device=device)
                   for each in (axes, shape, radius, lengths(axes[:, 1] - axes[:, 0])))
        return Contact(*indices, *numbers)

    def restricted(self, rows: Int[np.ndarray, " R"]) -> "Contact | None":
        """For some of the vertices; None where none of them is on a finger."""
        own = self.rows.cpu().numpy()
        _, kept, place = np.intersect1d(own, rows, assume_unique=True, return_indices=True)
        if not len(kept):
            return None
        return replace(self, rows=torch.as_tensor(place, device=self.rows.device),
                       own=self.own[kept], keeps_out=self.keeps_out[kept])

    def added(self, pull: Pull, posed: Posed, weight: Float[Tensor, " N"]) -> Pull:
        """The pull with what pushes fingers apart, where each vertex weighs so much."""
        depth, way = self.depths(posed)
        push = weight[self.rows, None] * way * (depth > 0)[..., None]
        hessian = pull.hessian.index_add(1, self.rows, push[..., :, None] * way[..., None, :])
        gradient = pull.gradient.index_add(1, self.rows, -_HALF * depth[..., None] * push)
        return replace(pull, hessian=hessian, gradient=gradient,
                       cost=pull.cost + self.cost(depth, weight))

    def cost(self, depth: Float[Tensor, "M K"], weight: Float[Tensor, " N"],
             ) -> Float[Tensor, " M"]:
        """What being so deep costs."""
        return (weight[self.rows] * depth.square()).sum(1)

    def depths(self, posed: Posed) -> tuple[Float[Tensor, "M K"], Float[Tensor, "M K 3"]]:
        """How far each vertex must go to leave the capsule it is deepest in, and which way.

        All of a finger goes one way, to the side on which its own axis is: each vertex the shortest
        would tear it in two.
        """
        axes = self.axes + torch.einsum("cedb,mb->mced", self.axes_shape, posed.state.betas)
        axes = axes @ posed.rotations[:, self.bones].mT + posed.shift[:, self.bones, None]
        begin, along = axes[:, :, 0], axes[:, :, 1] - axes[:, :, 0]
        radius = self.radius * along.norm(dim=-1) / self.length
        vertices = posed.vertices[:, self.rows]
        inside = (radius[:, None] - _apart(vertices, begin, along)).clamp_min(0.0) * self.keeps_out
        deepest, which = inside.max(-1)
        each = torch.arange(len(which), device=which.device)[:, None]
        begin, along, radius, own_begin, own_along = (
            begin[each, which], along[each, which], radius[each, which],
            begin[:, self.own], along[:, self.own])
        off = _off_axis(vertices, begin, along)
        middle = vertices - _off_axis(vertices, own_begin, own_along)
        way = torch.nn.functional.normalize(_off_axis(middle, begin, along), dim=-1)
        across = (off * way).sum(-1)
        left = (across.square() + radius.square() - off.square().sum(-1)).clamp_min(0.0).sqrt()
        return (left - across) * (deepest > 0), way


def _off_axis(points: Float[Tensor, "M K 3"], begin: Float[Tensor, "M K 3"],
              along: Float[Tensor, "M K 3"]) -> Float[Tensor, "M K 3"]:
    """From the nearest place on a stretch, which begins there and goes so far, to each point."""
    off = points - begin
    part = (off * along).sum(-1) / along.square().sum(-1).clamp_min(_LEAST)
    return off - part.clamp(0.0, 1.0)[..., None] * along


def _apart(points: Float[Tensor, "M K 3"], begin: Float[Tensor, "M C 3"],
           along: Float[Tensor, "M C 3"]) -> Float[Tensor, "M K C"]:
    """How far every point is from every stretch, to a hundredth of a millimetre."""
    long = along.square().sum(-1)[:, None]
    dot = points @ along.mT - (begin * along).sum(-1)[:, None]
    part = (dot / long.clamp_min(_LEAST)).clamp(0.0, 1.0)
    squared = torch.cdist(points, begin).square() - part * (2 * dot - part * long)
    return squared.clamp_min(0.0).sqrt()


class _Bone(NamedTuple):
    """A bone of one hand, from one place at rest to the next; `out` as `_PALM` to `_TIP`."""

    wrist: int
    finger: int
    out: int
    joint: int
    begin: Float64[np.ndarray, " 3"]
    end: Float64[np.ndarray, " 3"]

    def keeps_out_of(self, other: "_Bone") -> bool:
        """Whether this one's skin is never where that one is: not what grows out of it.

        The ball of the thumb lies on the palm.
        """
        if self.wrist != other.wrist:
            return False
        if other.out == _PALM:
            return self.out >= (_TIP if self.finger == _THUMB else _MIDDLE)
        return self.finger != other.finger


def _hand_bones(body: Body) -> Iterator[_Bone]:
    """Those from the wrist to the fingers, but for the thumb, and those in the fingers."""
    places = body.joint_regressor @ body.template.astype(np.float64)
    for number, (wrist, joints) in enumerate(body.fingers):
        finger, (one, two, three) = number % _FINGERS, places[list(joints)]
        if finger != _THUMB:
            yield _Bone(wrist, finger, _PALM, wrist, places[wrist], one)
        for k, (begin, end) in enumerate(((one, two), (two, three), (three, 2 * three - two))):
            yield _Bone(wrist, finger, k + 1, joints[k], begin, end)


def _around(body: Body, bones: list[_Bone]) -> list[Int[np.ndarray, " E"]]:
    """The skin that moves with each bone; of several that do with one joint with the nearest."""
    owner, found = body.skin_weights.argmax(axis=1), []
    owner[body.interior] = -1
    for bone in bones:
        own = np.flatnonzero(owner == bone.joint)
        apart = [_from_axis(body.template[own], each.begin, each.end)[0]
                 for each in bones if each.joint == bone.joint]
        mine, _ = _from_axis(body.template[own], bone.begin, bone.end)
        found.append(own[mine <= np.min(apart, axis=0)])
    return found


def _ends(around: Float[np.ndarray, "E 3"], rows: Int[np.ndarray, " E"], bone: _Bone,
          ) -> list[Int[np.ndarray, " T"]]:
    """The first and the last third of the skin around a bone: joints lie off a finger's middle."""
    along = np.argsort(_from_axis(around, bone.begin, bone.end)[1], kind="stable")
    third = len(rows) // 3
    return [rows[along[:third]], rows[along[-third:]]]


def _from_axis(points: Float[np.ndarray, "N 3"], begin: Float[np.ndarray, " 3"],
               end: Float[np.ndarray, " 3"],
               ) -> tuple[Float[np.ndarray, " N"], Float[np.ndarray, " N"]]:
    """How far each point is from a stretch, and where along it, 0 to 1 from begin to end."""
    off, along = points - begin, end - begin
    part = off @ along / (along @ along)
    return lengths(off - np.clip(part, 0.0, 1.0)[:, None] * along), part
