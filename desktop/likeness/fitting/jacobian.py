"""How vertices move with pose and shape, and the normal equations of quadratics over them.

The Jacobian with respect to a joint's rotation uses the positions of a vertex under each bone
alone: turning joint j moves the parts of vertex i skinned to bones below j, rigidly about j. Few
joints move a vertex, so vertices go in blocks, each with the parameters that it depends on.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from likeness.fitting.correspondence import Pull
from likeness.fitting.devices import side_by_side
from likeness.fitting.model import BodyModel, Posed

# What a block costs beside its multiplications, counted in these: on a GPU all of them are one.
_BLOCK = {"cpu": 8e6, "cuda": 1e12}
_WIDENING = 60  # parameters whose columns take as long to fill as to multiply


@dataclass(frozen=True, eq=False)
class Block:
    """Vertices, the joints that move them, their bones, and where their parameters are among all.

    These are the rotations of the joints in their parents' frames, the translation and the first
    shape components. `below` is 1 where a bone moves with a joint.
    """

    rows: Int[Tensor, " R"]
    joints: Int[Tensor, " Q"]
    bones: Int[Tensor, " K"]
    parameters: Int[Tensor, " P"]
    weights: Float[Tensor, "K R"]
    below: Float[Tensor, "Q K"]
    shape: Float[Tensor, "S 3 R"]


class Jacobian:
    """d vertex / d parameters of one model, for the rotations of `joints` and the first `shapes`.

    `candidates` at once are what it is laid out for.
    """

    def __init__(self, model: BodyModel, joints: tuple[int, ...], shapes: int, candidates: int = 1,
                 ) -> None:
        self.model, self.joints, self.shapes = model, joints, shapes
        self.size = 3 * len(joints) + 3 + shapes
        moved = (model.weights @ model.below[:, model.index(joints)] > 0).cpu().numpy()
        block = _BLOCK[model.device.type] / candidates
        self.blocks = [self._block(rows, moved) for rows in grouped(moved, 3 + shapes, block)]

    def _block(self, rows: Int[np.ndarray, " R"], moved: Bool[np.ndarray, "N Q"]) -> Block:
        model, places = self.model, np.flatnonzero(moved[rows].any(axis=0))
        turn = 3 * len(self.joints)
        turns = (3 * places[:, None] + np.arange(3)).ravel()
        parameters = np.concatenate((turns, np.arange(turn, self.size)))
        rows, joints, own = (torch.as_tensor(each, device=model.device) for each in (
            rows, np.asarray(self.joints)[places], parameters))
        weights = model.weights[rows]
        bones = (weights > 0).any(0).nonzero()[:, 0]
        return Block(rows, joints, bones, own, weights[:, bones].T.contiguous(),
                     model.below[bones][:, joints].T.contiguous(),
                     model.shape[rows, :, :self.shapes].permute(2, 1, 0).contiguous())

    def of(self, posed: Posed) -> Float[Tensor, "M N 3 P"]:
        """All of it, where nobody minds its size."""
        found = torch.zeros(*posed.vertices.shape, self.size, device=self.model.device)
        shift = self.model.shape_shift(posed, self.shapes)
        for block in self.blocks:
            columns = self._columns(posed, shift, block)
            found[:, block.rows[:, None], :, block.parameters] = columns.permute(3, 1, 0, 2)
        return found

    def normal_equations(self, posed: Posed, pull: Pull,
                         ) -> tuple[Float[Tensor, "M P P"], Float[Tensor, "M P"]]:
        """Sum the vertices' quadratics over the parameters: J' H J and J' g, block by block."""
        count, device = len(posed.vertices), self.model.device
        hessian = torch.zeros(count, self.size, self.size, device=device)
        gradient = torch.zeros(count, self.size, device=device)
        shift = self.model.shape_shift(posed, self.shapes)

        def sums(block: Block) -> tuple[Float[Tensor, "M P P"], Float[Tensor, "M P"]]:
            columns = self._columns(posed, shift, block)
            within = pull.hessian[:, block.rows].permute(0, 2, 3, 1)[:, None]
            weighted = _mixed(columns[:, :, None], within, torch.empty_like(columns))
            flat = columns.flatten(2)
            along = pull.gradient[:, block.rows].transpose(1, 2).flatten(1)
            return flat @ weighted.flatten(2).mT, (flat @ along[..., None])[..., 0]

        found = side_by_side(sums, self.blocks, device)
        for block, (square, slope) in zip(self.blocks, found, strict=True):
            own = block.parameters
            hessian[:, own[:, None], own] += square
            gradient[:, own] += slope
        return hessian, gradient

    def _columns(self, posed: Posed, shift: Float[Tensor, "M J 3 S"], block: Block,
                 ) -> Float[Tensor, "M P 3 R"]:
        """The block's Jacobian, a parameter after the other: so its rows lie side by side."""
        count, turn = len(posed.vertices), 3 * len(block.joints)
        columns = torch.empty(count, len(block.parameters), 3, len(block.rows),
                              device=self.model.device)
        _turn(posed, block, columns[:, :turn].unflatten(1, (-1, 3)))
        columns[:, turn:turn + 3] = torch.eye(3, device=self.model.device)[..., None]
        if self.shapes:
            skin = posed.skin[:, block.rows].permute(0, 2, 3, 1)[:, None]
            part = _mixed(block.shape[None, :, None], skin, columns[:, turn + 3:])
            part += shift[:, block.bones].permute(0, 3, 2, 1) @ block.weights
        return columns


def _mixed(vectors: Float[Tensor, "#M P 1 3 R"], matrices: Float[Tensor, "M 1 3 3 R"],
           out: Float[Tensor, "M P 3 R"]) -> Float[Tensor, "M P 3 R"]:
    """matrix @ vector, for each row a matrix of its own; in `out`."""
    torch.mul(vectors[..., 0, :], matrices[..., 0, :], out=out)
    for d in (1, 2):
        out.addcmul_(vectors[..., d, :], matrices[..., d, :])
    return out


def _turn(posed: Posed, block: Block, columns: Float[Tensor, "M Q 3 3 R"]) -> None:
    """Fill in what turning each joint about each axis of its parent's frame moves.

    That is axis x arm, where the arm reaches from the joint to the parts of the vertex below it, as
    far as they weigh.
    """
    bones = torch.cat((posed.rotations[:, block.bones], posed.shift[:, block.bones, :, None]), -1)
    rest = torch.nn.functional.pad(posed.rest[:, block.rows], (0, 1), value=1.0).mT
    under = (bones.flatten(1, 2) @ rest).unflatten(1, (-1, 3))
    under *= block.weights[:, None]
    arm = (block.below @ under.flatten(2)).unflatten(2, (3, -1))
    arm -= posed.joints[:, block.joints, :, None] * (block.below @ block.weights)[:, None]
    axes = posed.frames[:, block.joints]
    for c in range(3):
        one, two = (c + 1) % 3, (c + 2) % 3
        torch.mul(axes[:, :, one, :, None], arm[:, :, None, two], out=columns[:, :, :, c])
        columns[:, :, :, c].addcmul_(axes[:, :, two, :, None], arm[:, :, None, one], value=-1)


def grouped(moved: Bool[np.ndarray, "N Q"], others: int, block: float,
            ) -> list[Int[np.ndarray, " R"]]:
    """Rows with the joints that move them, so that blocks of them are multiplied soonest.

    Rows of the same joints belong together; two groups that cost less as one are one, the most
    costly couple first. `others` are parameters that all rows depend on, `block` is what one costs.
    """
    packed = np.packbits(moved, axis=1)
    _, first, group, rows = np.unique(packed.view(f"S{packed.shape[1]}")[:, 0], return_index=True,
                                      return_inverse=True, return_counts=True)
    sets = moved[first].astype(np.float32)  # whole numbers, multiplied quickly

    def cost(count: Int[np.ndarray, " G"], joints: Float[np.ndarray, " G"],
             ) -> Float[np.ndarray, " G"]:
        width = 3 * joints + others
        return count * width * (width + _WIDENING) + block

    def saved(one: int) -> Float[np.ndarray, " G"]:
        """What it saves if this group is one with each."""
        own, both = sets.sum(1), sets @ sets[one]
        apart = cost(rows, own)
        gain = apart[one] + apart - cost(rows[one] + rows, own[one] + own - both)
        return np.where(gone | (np.arange(len(own)) == one), -np.inf, gain)

    gone = np.zeros(len(sets), bool)
    gain = np.stack([saved(one) for one in range(len(sets))])
    while gain.max() > 0:
        one, two = sorted(np.unravel_index(gain.argmax(), gain.shape))
        sets[one] = np.maximum(sets[one], sets[two])
        rows[one] += rows[two]
        group[group == two] = one
        gone[two] = True
        gain[two] = gain[:, two] = -np.inf
        gain[one] = gain[:, one] = saved(int(one))
    return [np.flatnonzero(group == number) for number in np.unique(group)]
