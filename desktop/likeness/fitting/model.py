"""A body as tensors: batched linear blend skinning of chosen vertices."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, joint_rotations
from likeness.fitting.rotations import axis_angle, rotation_matrix


@dataclass(frozen=True, eq=False)
class State:
    """M candidate fits at once: local joint rotations, root translation and shape."""

    rotations: Float[Tensor, "M J 3 3"]
    transl: Float[Tensor, "M 3"]
    betas: Float[Tensor, "M B"]

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """What it is made of."""
        return self.rotations, self.transl, self.betas

    def select(self, rows: Int[Tensor, " K"]) -> "State":
        """The candidates in `rows`."""
        return State(self.rotations[rows], self.transl[rows], self.betas[rows])

    def stepped(self, step: Float[Tensor, "M P"], joints: Int[Tensor, " Q"], shapes: int,
                ) -> "State":
        """Apply a solver step: rotations of `joints` (parent frame), translation, first betas."""
        n = 3 * len(joints)
        turn = rotation_matrix(step[:, :n].reshape(len(step), -1, 3))
        rotations = self.rotations.clone()
        rotations[:, joints] = turn @ rotations[:, joints]
        betas = self.betas.clone()
        betas[:, :shapes] += step[:, n + 3:]
        return State(rotations, self.transl + step[:, n:n + 3], betas)


def joined(states: list[State]) -> State:
    """All candidates of several states in one."""
    return State(*map(torch.cat, zip(*(state.tensors for state in states), strict=True)))


@dataclass(frozen=True, eq=False)
class Posed:
    """Vertices and what their Jacobian needs: how bones stand and what they add to the vertices.

    `frames` are the world rotations of each joint's parent, `shift` is where a bone takes the
    origin of the rest pose.
    """

    TENSORS: ClassVar[int] = 10  # that it is made of

    state: State
    vertices: Float[Tensor, "M N 3"]
    skin: Float[Tensor, "M N 3 3"]
    rotations: Float[Tensor, "M J 3 3"]
    frames: Float[Tensor, "M J 3 3"]
    joints: Float[Tensor, "M J 3"]
    shift: Float[Tensor, "M J 3"]
    rest: Float[Tensor, "M N 3"]

    @staticmethod
    def of(tensors: Sequence[Tensor]) -> "Posed":
        """From what it is made of."""
        return Posed(State(*tensors[:3]), *tensors[3:])

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """What it is made of."""
        return (*self.state.tensors, self.vertices, self.skin, self.rotations, self.frames,
                self.joints, self.shift, self.rest)


class BodyModel:
    """The vertices `chosen` of a body, on a device, ready to be posed."""

    def __init__(self, body: Body, chosen: Int[np.ndarray, " N"], device: torch.device,
                 displacements: Float[np.ndarray, "V 3"] | None = None) -> None:
        def tensor(a: np.ndarray) -> Tensor:
            return torch.as_tensor(np.ascontiguousarray(a), dtype=torch.float32, device=device)

        shape = body.shape_directions
        regress = body.joint_regressor
        self.body, self.chosen, self.device = body, chosen, device
        template = body.template[chosen]
        self.template = tensor(template if displacements is None
                               else template + displacements[chosen])
        self.shape = tensor(shape[chosen])
        self.weights = tensor(body.skin_weights[chosen])
        self.rest_joints = tensor(regress @ body.template.astype(np.float64))
        by_joint = regress @ shape.reshape(len(shape), -1).astype(np.float64)
        self.joint_shape = tensor(by_joint.reshape(body.joint_count, 3, -1))
        self.correctives = (None if body.pose_directions is None
                            else tensor(body.pose_directions[chosen]))
        self._parents, *self._ancestors = (torch.as_tensor(each, device=device)
                                           for each in _ancestors(body.parents))
        self.below = tensor(_below(body.parents))
        self._indices: dict[tuple[int, ...], Tensor] = {}

    def restricted(self, rows: Int[np.ndarray, " K"]) -> "BodyModel":
        """The same model on a subset of its own rows."""
        part = copy(self)
        part.chosen = self.chosen[rows]
        part.template, part.shape, part.weights = (
            each[rows] for each in (self.template, self.shape, self.weights))
        part.correctives = None if self.correctives is None else self.correctives[rows]
        return part

    def following(self, joint: int) -> Bool[Tensor, " N"]:
        """Which vertices follow a joint more than they do not."""
        return self.weights @ self.below[:, joint] > 0.5

    def pose(self, state: State, offsets: Float[Tensor, "N 3"] | None = None) -> Posed:
        """Skin the chosen vertices; `offsets` are displacements in the rest pose."""
        betas = state.betas
        rest = self.template + torch.einsum("ncb,mb->mnc", self.shape, betas)
        if self.correctives is not None:
            eye = torch.eye(3, device=self.device)
            feature = (state.rotations[:, 1:] - eye).flatten(1)
            rest = rest + torch.einsum("ncp,mp->mnc", self.correctives, feature)
        if offsets is not None:
            rest = rest + offsets
        rest_joints = self.rest_joints + torch.einsum("jcb,mb->mjc", self.joint_shape, betas)
        rotations, frames = self._chained(state.rotations)
        joints = self.below @ self._along(frames, rest_joints[..., None])[..., 0]
        joints = joints + state.transl[:, None]
        skin = torch.einsum("nk,mkab->mnab", self.weights, rotations)
        shift = joints - (rotations @ rest_joints[..., None])[..., 0]
        vertices = (skin @ rest[..., None])[..., 0] + self.weights @ shift
        return Posed(state, vertices, skin, rotations, frames, joints, shift, rest)

    def index(self, joints: tuple[int, ...]) -> Int[Tensor, " Q"]:
        """The joints as a tensor on the model's device, made once."""
        if joints not in self._indices:
            self._indices[joints] = torch.tensor(joints, dtype=torch.long, device=self.device)
        return self._indices[joints]

    def _chained(self, local: Float[Tensor, "M J 3 3"],
                 ) -> tuple[Float[Tensor, "M J 3 3"], Float[Tensor, "M J 3 3"]]:
        """World rotations of the joints and of their parents, by doubling the chains."""
        eye = torch.eye(3, device=self.device).expand(len(local), 1, -1, -1)
        world = torch.cat((local, eye), 1)
        for ancestors in (self._parents, *self._ancestors):
            world = world[:, ancestors] @ world
        return world[:, :-1], world[:, self._parents[:-1]]

    def _along(self, frames: Float[Tensor, "M J 3 3"], places: Float[Tensor, "*m J 3 C"],
               ) -> Float[Tensor, "M J 3 C"]:
        """The way from each joint's parent to it, given the places of joints at rest."""
        padded = torch.nn.functional.pad(places, (0, 0, 0, 0, 0, 1))
        return frames @ (places - padded[..., self._parents[:-1], :, :])

    def shape_shift(self, posed: Posed, shapes: int) -> Float[Tensor, "M J 3 S"]:
        """What the first shape components add to where bones take the origin of the rest pose."""
        rest_move = self.joint_shape[..., :shapes]
        along = self._along(posed.frames, rest_move)
        move = (self.below @ along.flatten(2)).unflatten(-1, (3, -1))
        return move - posed.rotations @ rest_move

    def state(self, parameters: BodyParameters) -> State:
        """One candidate from parameters."""
        turns = torch.as_tensor(joint_rotations(self.body, parameters), dtype=torch.float32,
                                device=self.device)
        betas = torch.as_tensor(parameters.betas, dtype=torch.float32, device=self.device)
        transl = torch.as_tensor(parameters.transl, dtype=torch.float32, device=self.device)
        return State(rotation_matrix(turns)[None], transl[None], betas[None])

    def parameters(self, state: State, row: int = 0) -> BodyParameters:
        """The parameters of one candidate, hand means taken off again."""
        turns = axis_angle(state.rotations[row].double()).cpu().numpy()
        pose = {}
        for group in self.body.groups:
            if group.parameter != "global_orient":
                mean = self.body.hand_means.get(group.parameter, 0.0)
                pose[group.parameter] = (turns[list(group.joints)].ravel() - mean
                                         ).astype(np.float32)
        return BodyParameters(state.betas[row].cpu().numpy(), turns[0].astype(np.float32),
                              state.transl[row].cpu().numpy(), pose)


def _below(parents: Int[np.ndarray, " J"]) -> Float[np.ndarray, "J J"]:
    """below[k, j] = 1 where bone k moves with joint j."""
    below = np.eye(len(parents))
    for k, parent in enumerate(parents):
        if parent >= 0:
            below[k] += below[parent]
    return below


def _ancestors(parents: Int[np.ndarray, " J"]) -> list[Int[np.ndarray, " K"]]:
    """Of each joint the parent, the grandparent, the one four above and so on to the root.

    What is above the root is one joint more, which is its own parent.
    """
    above = np.append(np.where(parents < 0, len(parents), parents), len(parents)).astype(np.int64)
    found = [above]
    while (found[-1] < len(parents)).any():
        found.append(found[-1][found[-1]])
    return found[:-1] if len(found) > 1 else found
