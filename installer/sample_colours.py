"""What the person of the sample scan wears: a colour for each scanned point, as RGB."""

import numpy as np
from scipy.spatial import cKDTree
from tests.synthetic.posing import Posed
from tests.synthetic.subjects import Anatomy

from likeness.bodies.body import PARTS

SKIN, HAIR, SHIRT, SHORTS = (214, 168, 140), (62, 46, 38), (46, 92, 122), (44, 48, 58)
EYE = (150, 130, 118)
_HIPS, _KNEES, _NECK, _HEAD, _SHOULDERS, _ELBOWS = (1, 2), (4, 5), 12, 15, (16, 17), (18, 19)
_SLEEVE, _LEG = 0.45, 0.45  # of the upper arm, of the thigh
_UNEVEN = 5.0


def clothed_colours(anatomy: Anatomy, posed: Posed, points: np.ndarray,
                    draw: np.random.Generator) -> np.ndarray:
    """A T-shirt, shorts, short hair; edges run where cloth ends, not along triangles."""
    nearest = cKDTree(posed.vertices).query(points)[1]
    part = np.array(PARTS)[anatomy.parts[nearest]]
    colours = np.full(points.shape, SKIN, np.float64)
    colours[_in_shirt(posed, points, part)] = SHIRT
    colours[_in_shorts(posed, points, part)] = SHORTS
    colours[_in_hair(posed, points, part)] = HAIR
    colours[anatomy.eyes[nearest]] = EYE
    colours += draw.normal(0.0, _UNEVEN, (len(points), 1))
    return np.clip(np.round(colours), 0, 255).astype(np.uint8)


def _in_shirt(posed: Posed, points: np.ndarray, part: np.ndarray) -> np.ndarray:
    joints = posed.joints
    waist = joints[list(_HIPS), 1].mean() + 0.07
    collar = joints[_NECK] + (0.0, 0.005, 0.0)
    trunk = ((part == "torso") | (part == "head")) & (points[:, 1] > waist)
    # The neckline is a ring that hangs lower in front.
    trunk &= points[:, 1] < collar[1] - 0.35 * (points[:, 2] - collar[2])
    sleeves = np.zeros(len(points), bool)
    for side, shoulder, elbow in zip(("left", "right"), _SHOULDERS, _ELBOWS, strict=True):
        along = _share(points, joints[shoulder], joints[elbow])
        sleeves |= (part == f"{side}_arm") & (along < _SLEEVE)
    return trunk | sleeves


def _in_shorts(posed: Posed, points: np.ndarray, part: np.ndarray) -> np.ndarray:
    joints = posed.joints
    waist = joints[list(_HIPS), 1].mean() + 0.07
    shorts = (part == "torso") & (points[:, 1] <= waist)
    for side, hip, knee in zip(("left", "right"), _HIPS, _KNEES, strict=True):
        shorts |= (part == f"{side}_leg") & (_share(points, joints[hip], joints[knee]) < _LEG)
    return shorts


def _in_hair(posed: Posed, points: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Above a plane that runs from the forehead down behind the ears to the nape."""
    head, top = posed.joints[_HEAD], posed.vertices[:, 1].max()
    height, ahead = (points[:, 1] - head[1]) / (top - head[1]), points[:, 2] - head[2]
    return (part == "head") & (height > 0.52 + 3.6 * ahead)


def _share(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far along a bone, 0 to 1."""
    return (points - start) @ (end - start) / ((end - start) @ (end - start))
