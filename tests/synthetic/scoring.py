"""How right a fit is, against the truth of its scan: vertices, joints, facing, swapped limbs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from tests.synthetic.files import Truth

SUCCESS_MM = 20.0
FACING_DEGREES = 45.0
LEFT_RIGHT = ((4, 5), (8, 9))  # hands and feet, as numbered in the bodies' parts


@dataclass(frozen=True)
class Score:
    """Millimetres, degrees and swaps; v2v is over the skin, without any alignment."""

    v2v_mm: float
    v2v_p95_mm: float
    hands_mm: float
    joints_mm: float
    facing_degrees: float
    swapped: bool

    @property
    def right(self) -> bool:
        """Whether the fit counts as a success."""
        return (self.v2v_mm < SUCCESS_MM and not self.swapped
                and self.facing_degrees < FACING_DEGREES)


def score_fit(truth: Truth, vertices: Float[np.ndarray, "V 3"], joints: Float[np.ndarray, "J 3"],
              world_from_scan: Float[np.ndarray, "4 4"]) -> Score:
    """Compare a fit in its own frame with the truth, which is moved there."""
    true_vertices, true_joints = (_placed(truth, points, world_from_scan)
                                  for points in (truth.vertices, truth.joints))
    errors = 1000 * np.linalg.norm(vertices - true_vertices, axis=1)
    skin = ~truth.interior
    hands = skin & np.isin(truth.parts, LEFT_RIGHT[0])
    joint_errors = 1000 * np.linalg.norm(joints[:22] - true_joints[:22], axis=1)
    return Score(float(errors[skin].mean()), float(np.percentile(errors[skin], 95)),
                 float(errors[hands].mean()), float(joint_errors.mean()),
                 _turned_degrees(joints, true_joints), _swapped(truth, vertices, true_vertices))


def _placed(truth: Truth, points: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """From the truth's metres to file units to the fit's frame."""
    return points / truth.metres_per_unit @ frame[:3, :3].T + frame[:3, 3]


def _turned_degrees(joints: np.ndarray, true_joints: np.ndarray) -> float:
    """Angle between the hip axes, which turns with the facing."""
    a, b = joints[1] - joints[2], true_joints[1] - true_joints[2]
    cosine = a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _swapped(truth: Truth, vertices: np.ndarray, true_vertices: np.ndarray) -> bool:
    """Whether a hand or foot lies nearer to where the opposite one should be."""
    for left, right in LEFT_RIGHT:
        middles = {part: (vertices[truth.parts == part].mean(0),
                          true_vertices[truth.parts == part].mean(0)) for part in (left, right)}
        for own, other in ((left, right), (right, left)):
            found = middles[own][0]
            if (np.linalg.norm(found - middles[other][1])
                    < np.linalg.norm(found - middles[own][1])):
                return True
    return False
