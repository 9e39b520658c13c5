"""What points meet among others: one alone, or several by their shares, without a jump."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from likeness.fitting.neighbours import Near

_TOUCHING_M = 1e-5
# A GPU adds in any order; whole numbers of these parts of one give the same sum all the same.
_GRAINS = 2.0**50


@dataclass(frozen=True, eq=False)
class Meeting:
    """Where K points of each candidate meet N others: the nearest of those, and each one's share.

    As with Franke and Nielson 1980 the shares fall to nothing at the last of the nearest, which is
    not among them any more: as one goes farther than the next, what is met does not jump.
    `share` is None where each point meets one alone.
    """

    index: Int[Tensor, "M K k"]
    share: Float[Tensor, "M K k"] | None = None

    @staticmethod
    def of(near: Near) -> "Meeting":
        """From the nearest and how far they are."""
        if near.apart is None or near.index.shape[-1] < 3:
            return Meeting(near.index[..., :1])
        closeness = 1 / near.apart.clamp_min(_TOUCHING_M)
        share = (closeness[..., :-1] - closeness[..., -1:]).square() + 1e-12
        return Meeting(near.index[..., :-1], share / share.sum(-1, keepdim=True))

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """What it is made of."""
        return (self.index,) if self.share is None else (self.index, self.share)

    def mean(self, values: Float[Tensor, "*m N C"]) -> Float[Tensor, "M K C"]:
        """The values of the others, the same or each candidate's own, by their shares."""
        rows = self.index if values.dim() == 2 else self._rows(values.shape[1])
        flat = values.flatten(0, -2)
        if self.share is None:
            return flat[rows[..., 0]]
        met = torch.nn.functional.embedding_bag(rows.flatten(0, 1), flat, mode="sum",
                                                per_sample_weights=self.share.flatten(0, 1))
        return met.view(*rows.shape[:2], -1)

    def sums(self, values: Float[Tensor, "M K C"], count: int, *, exact: bool,
             ) -> Float[Tensor, "M N C"]:
        """For each of the `count` others the sum of the values as far as they are its share.

        `exact` sums do not depend on the order in which they are added up.
        """
        width = values.shape[-1]
        total = torch.zeros(len(values) * count, width, device=values.device,
                            dtype=torch.long if exact else values.dtype)
        for k, rows in enumerate(self._rows(count).unbind(-1)):
            part = values if self.share is None else self.share[..., k, None] * values
            total.index_add_(0, rows.flatten(),
                             ((part * _GRAINS).long() if exact else part).view(-1, width))
        return (total / _GRAINS if exact else total).view(len(values), count, width)

    def _rows(self, count: int) -> Int[Tensor, "M K k"]:
        """The index among the others of all candidates, one after the other."""
        first = torch.arange(0, count * len(self.index), count, device=self.index.device)
        return self.index + first[:, None, None]
