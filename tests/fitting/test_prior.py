"""What hands are likely: curled towards the palm, the fingers of a hand alike."""

import pytest
import torch
from tests.fitting.conftest import turned_at

from likeness.bodies.body import Body
from likeness.fitting.ground import Ground
from likeness.fitting.model import State
from likeness.fitting.prior import PosePrior, pose_prior
from likeness.fitting.rotations import rotation_matrix

CPU = torch.device("cpu")
SIDES = pytest.mark.parametrize("side", ["left", "right"])
CURLED = 0.8


@pytest.fixture
def prior(open_body: Body) -> PosePrior:
    """The one of the open body."""
    return pose_prior(open_body, CPU)


def _likely(prior: PosePrior, body: Body) -> State:
    """As hands mostly are, on a body at rest."""
    hands = prior.mean.reshape(-1, 3).clone()
    hands[:22] = 0.0
    return State(rotation_matrix(hands)[None], torch.zeros(1, 3),
                 torch.zeros(1, body.shape_count))


def _fingers(body: Body, side: str) -> list[tuple[int, ...]]:
    """The joints of each finger of a hand but the thumb."""
    wrist = body.joint_names.index(f"{side}_wrist")
    return [joints for above, joints in body.fingers if above == wrist][:4]


def _curled(prior: PosePrior, body: Body, side: str, one: float) -> State:
    """The fingers of a hand curled by so much more than usual, one of them as said."""
    state = _likely(prior, body)
    for finger, joints in enumerate(_fingers(body, side)):
        for joint in joints:
            axis = torch.nn.functional.normalize(prior.mean.reshape(-1, 3)[joint], dim=0)
            more = one if finger == 1 else CURLED
            state = turned_at(state, joint, tuple((more * axis).tolist()))
    return state


@SIDES
def test_hands_at_rest_are_curled_towards_the_palm(prior: PosePrior, open_body: Body, side: str,
                                                   ) -> None:
    model, likely = Ground.of(open_body, CPU).model, _likely(prior, open_body)
    flat = State(torch.eye(3).expand_as(likely.rotations), likely.transl, likely.betas)
    for joints in _fingers(open_body, side):  # the palm faces down
        end = model.following(joints[-1])
        curled, straight = (model.pose(each).vertices[0, end, 1].mean() for each in (likely, flat))
        assert curled < straight - 0.01


@SIDES
def test_a_finger_of_which_nothing_is_known_curls_as_the_others(
        prior: PosePrior, open_body: Body, side: str) -> None:
    costs = [float(prior.cost(_curled(prior, open_body, side, one)))
             for one in (0.0, CURLED / 2, 0.9 * CURLED)]
    assert costs[2] < costs[1] < costs[0]
