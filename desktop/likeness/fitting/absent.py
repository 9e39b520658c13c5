"""Parts of the body that the scan does not show, for it was cut off there or never went so far.

Drawn to what scan there is they would fold up inside of it: arms in a chest, legs in a belly. Such
a part is known by what it explains, which is nothing that the rest of the body would not. It is
left out of all that follows, and stands as people stand who hold the rest like that.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from likeness.fitting.model import State
from likeness.fitting.neighbours import nearest
from likeness.fitting.rotations import rotation_matrix
from likeness.fitting.solver import GaussNewton
from likeness.fitting.target import Target

# Each from the outermost joint inwards, as in all of the SMPL family: elbow and shoulder, knee and
# hip; neck and spine. Hands and feet are too thin to be told like this.
_CHAINS = ((18, 16), (19, 17), (4, 1), (5, 2), (12, 9, 6, 3))
_FOREARMS = {18, 19}
# What a part alone explains is so much farther from all the rest, normals counted. Of a part that
# is seen it is at least so much of its share of the body: of hidden ones it is 0.04 at most, of
# arms held close to the body 0.16 at least.
_FARTHER_M, _NORMAL_M, _SHARE = 0.03, 0.04, 0.08


def absent_joints(solver: GaussNewton, target: Target, state: State) -> list[int]:
    """The joints beyond which the body (of one candidate) explains no scan that the rest would not.

    One after the other, that which is needed least first: of two legs on one only one can go. None
    where it is but forearms, which the body itself may hide.
    """
    rest, found = _Rest(solver, target, state), list[int]()
    while left := [chain for chain in _CHAINS if not set(chain) <= set(found)]:
        following = [next(joint for joint in chain if joint not in found) for chain in left]
        joint = min(following, key=rest.need_of)
        if rest.need_of(joint) >= _SHARE:
            break
        found.append(joint)
        rest.leave_out(joint)
    return [] if set(found) <= _FOREARMS else found


class _Rest:
    """What is left of a body, and which points of the scan it explains."""

    def __init__(self, solver: GaussNewton, target: Target, state: State) -> None:
        self._model, self._share = solver.model, solver.matcher.weight
        self._points = torch.as_tensor(target.features(_NORMAL_M), device=solver.model.device)
        self._area = torch.as_tensor(target.area / target.area.sum(), device=solver.model.device)
        self._body = solver.features(state, _NORMAL_M)
        self._here = torch.ones_like(self._share, dtype=torch.bool)
        self._meet()

    def _meet(self) -> None:
        rows = self._here.nonzero()[:, 0]
        self._near = rows[nearest(self._points, self._body[rows])]
        self._needs: dict[int, float] = {}

    def leave_out(self, joint: int) -> None:
        """What lies beyond a joint."""
        self._here &= ~self._model.following(joint)
        self._meet()

    def need_of(self, joint: int) -> float:
        """The share of the scan that is explained by what lies beyond a joint alone.

        Against that part's share of the body.
        """
        if joint not in self._needs:
            own = self._model.following(joint)
            mine = own[self._near]
            points = self._points[mine]
            with_it = (points - self._body[self._near[mine]]).norm(dim=1)
            without = torch.cdist(points, self._body[self._here & ~own]).amin(dim=1)
            alone = self._area[mine][without - with_it > _FARTHER_M].sum()
            self._needs[joint] = float(alone / self._share[own & self._here].sum())
        return self._needs[joint]


def as_usual(solver: GaussNewton, state: State, joints: Sequence[int]) -> State:
    """The state with these joints, and all beyond, as they mostly are."""
    below = solver.model.below[:, joints].any(dim=1).nonzero()[:, 0]
    likely: Float[Tensor, "J 3"] = solver.prior.mean.reshape(-1, 3)
    rotations = state.rotations.clone()
    rotations[:, below] = rotation_matrix(likely[below])
    return State(rotations, state.transl, state.betas)
