"""How right an avatar is against the truth of its scan: vertices, joints, facing, limbs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64
from tests.synthetic.files import Truth

from likeness.bodies.body import PARTS

RIGHT_MM = 20.0  # mean error below which a fit counts as right
LOST_MM = 100.0  # mean error of a limb above which it counts as lost
TURNED_DEGREES = 90.0
_BODY_JOINTS = 22
_HANDS = (PARTS.index("left_hand"), PARTS.index("right_hand"))
_ENDS = {"hands": ("left_hand", "right_hand"), "feet": ("left_foot", "right_foot")}
_LIMBS = ("left_arm", "right_arm", "left_hand", "right_hand", "left_leg", "right_leg",
          "left_foot", "right_foot")


@dataclass(frozen=True)
class Score:
    """Errors in mm over skin vertices without any alignment; joints are those of the body.

    Where the scan shows one side only, vertices of the other do not count.

    `turned_degrees` is how far the torso is rotated against the truth. `swapped` names pairs of
    which a side lies nearer to where the other truly is, `lost` limbs in error beyond `LOST_MM`.
    """

    v2v_mm: float
    p95_mm: float
    hands_mm: float
    joints_mm: float
    turned_degrees: float
    swapped: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def turned(self) -> bool:
        """Whether it faces or stands the wrong way round."""
        return self.turned_degrees > TURNED_DEGREES

    @property
    def right(self) -> bool:
        """Near enough, the right way round, every limb on its own side."""
        return self.v2v_mm < RIGHT_MM and not self.turned and not self.swapped


def score_fit(truth: Truth, vertices: Float[np.ndarray, "V 3"], joints: Float[np.ndarray, "J 3"],
              world_from_scan: Float[np.ndarray, "4 4"]) -> Score:
    """Score an avatar in the world that `world_from_scan` takes file coordinates to."""
    return score_vertices(truth, *(in_file_metres(world_from_scan, points)
                                   for points in (vertices, joints)))


def score_vertices(truth: Truth, vertices: Float[np.ndarray, "V 3"],
                   joints: Float[np.ndarray, "J 3"]) -> Score:
    """Score an avatar given like the truth: in the axes of the file, in true metres."""
    errors = 1000 * np.linalg.norm(vertices - truth.vertices, axis=1)
    skin, torso = truth.counted, ~truth.interior & (truth.parts == PARTS.index("torso"))
    limbs = {name: errors[own].mean() for name in _LIMBS
             if (own := skin & (truth.parts == PARTS.index(name))).any()}
    hands = skin & np.isin(truth.parts, _HANDS)
    apart = (joints - truth.joints)[:_BODY_JOINTS]
    return Score(
        v2v_mm=float(errors[skin].mean()),
        p95_mm=float(np.percentile(errors[skin], 95)),
        hands_mm=float(errors[hands].mean()) if hands.any() else 0.0,
        joints_mm=float(1000 * np.linalg.norm(apart, axis=1).mean()),
        turned_degrees=rotation_degrees(truth.vertices[torso], vertices[torso]),
        swapped=tuple(pair for pair, sides in _ENDS.items()
                      if _swapped(truth, vertices, *sides)),
        lost=tuple(name for name, error in limbs.items() if error > LOST_MM))


def in_file_metres(world_from_scan: Float[np.ndarray, "4 4"], points: Float[np.ndarray, "N 3"],
                   ) -> Float64[np.ndarray, "N 3"]:
    """Points of the fit's world back in the file's axes, as large as they are there.

    A wrongly read unit stays wrong: whoever was fitted as a child is compared as one.
    """
    back = np.linalg.inv(world_from_scan)
    metres = np.cbrt(np.linalg.det(world_from_scan[:3, :3]))
    return (points @ back[:3, :3].T + back[:3, 3]) * metres


def rotation_degrees(first: Float[np.ndarray, "N 3"], second: Float[np.ndarray, "N 3"]) -> float:
    """The angle of the rotation that best takes `first` to `second` (Kabsch 1976)."""
    a, b = first - first.mean(axis=0), second - second.mean(axis=0)
    u, _, vt = np.linalg.svd(a.T.astype(np.float64) @ b)
    flip = np.diag((1.0, 1.0, np.sign(np.linalg.det(u @ vt))))
    cosine = (np.trace(u @ flip @ vt) - 1.0) / 2.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _swapped(truth: Truth, vertices: Float[np.ndarray, "V 3"], left: str, right: str) -> bool:
    """Whether either side's middle lies nearer to where the other side truly is."""
    masks = [truth.parts == PARTS.index(name) for name in (left, right)]
    true = [truth.vertices[mask].mean(axis=0) for mask in masks]
    middles = [vertices[mask].mean(axis=0) for mask in masks]
    return any(np.linalg.norm(middles[k] - true[k]) > np.linalg.norm(middles[k] - true[1 - k])
               for k in (0, 1))
