"""Names that people understand for pieces inside a person, by shape and place."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from likeness.scans.flaws.pieces import Pieces

# Parts of the height at which what is inside the middle of the body has a name.
_LEVELS = ((0.87, "head"), (0.82, "neck"), (0.66, "chest"), (0.5, "belly"), (0.43, "hips"),
           (0.27, "thigh"), (0.06, "shin"), (0.0, "foot"))
_EYE_LEVEL, _EYES_LEVEL = 0.9, 0.012
_EYE_SIZE = (0.008, 0.03)  # against the height
_ARM_AWAY = 0.13
_LARGE = 0.05


@dataclass(frozen=True)
class Stature:
    """Where the person stands: feet and height, whatever floats above."""

    feet: float
    height: float

    def level(self, y: float) -> float:
        """0 at the feet, 1 at the top of the head."""
        return (y - self.feet) / self.height


def stature_of(pieces: Pieces) -> Stature:
    """Feet and height of the larger pieces: head, coat and shoes may be several."""
    large = np.flatnonzero(pieces.area > _LARGE * pieces.area[0])
    y = np.concatenate([pieces.corners(int(piece))[:, 1] for piece in large])
    return Stature(float(y.min()), max(float(np.ptp(y)), 1e-6))


@dataclass(frozen=True, eq=False)
class Head:
    """The pieces that are eyeballs, their middle, and which way is forward and left of it."""

    eyeballs: tuple[int, ...]
    eyes: Float64[np.ndarray, "3"]
    forward: Float64[np.ndarray, "3"]
    left: Float64[np.ndarray, "3"]


def find_head(pieces: Pieces, inside: list[int], stature: Stature) -> Head | None:
    """The way the head faces, from the eyeballs among the inner pieces; None without them.

    It faces across the line between the eyes, to the side of the head's middle they are on.
    """
    balls = _level_with_highest(pieces, [each for each in inside
                                         if _is_eye(pieces, each, stature)], stature)
    if len(balls) < 2:
        return None
    eyes = np.array([pieces.corners(piece).mean(axis=0) for piece in balls], np.float64)
    between = eyes.mean(axis=0)
    line = (eyes - between)[int(np.argmax(np.linalg.norm(eyes - between, axis=1)))]
    forward = np.cross(line, (0.0, 1.0, 0.0))
    length = float(np.linalg.norm(forward))
    if length < 1e-6:
        return None
    forward /= length
    if (between - _head_middle(pieces, stature)) @ forward < 0:
        forward = -forward
    return Head(tuple(balls), between, forward, np.cross((0.0, 1.0, 0.0), forward))


def _level_with_highest(pieces: Pieces, balls: list[int], stature: Stature) -> list[int]:
    """A tongue may be as round as an eye, but not as high."""
    heights = [float(pieces.corners(piece)[:, 1].mean()) for piece in balls]
    return [piece for piece, y in zip(balls, heights, strict=True)
            if y > max(heights) - _EYES_LEVEL * stature.height]


def _head_middle(pieces: Pieces, stature: Stature) -> Float64[np.ndarray, "3"]:
    """The middle of the surface above the neck."""
    middles = pieces.scan.vertices[pieces.scan.faces].mean(axis=1, dtype=np.float64)
    level = (middles[:, 1] - stature.feet) / stature.height
    above = (level > _LEVELS[0][0]) & (level <= 1.0)
    return np.average(middles[above], axis=0, weights=pieces.face_area[above] + 1e-12)


def name_inside(pieces: Pieces, piece: int, head: Head | None, stature: Stature) -> str:
    """"left eyeball", "part of the mouth", "piece inside the chest"."""
    middle = pieces.corners(piece).mean(axis=0).astype(np.float64)
    if head is None:
        return f"piece inside the {_region(middle, stature)}"
    if piece in head.eyeballs:
        return f"{_side(middle, head)} eyeball"
    if _in_mouth(middle, head, stature.height):
        return "part of the mouth"
    return f"piece inside the {_region(middle, stature)}"


def _is_eye(pieces: Pieces, piece: int, stature: Stature) -> bool:
    corners, height = pieces.corners(piece), stature.height
    extent = np.ptp(corners, axis=0)
    large = float(extent.max())
    return (_EYE_SIZE[0] * height < large < _EYE_SIZE[1] * height
            and large < 1.7 * float(extent.min()) and len(corners) >= 20
            and stature.level(float(corners[:, 1].mean())) > _EYE_LEVEL)


def _side(middle: Float64[np.ndarray, "3"], head: Head) -> str:
    return "left" if float((middle - head.eyes) @ head.left) > 0 else "right"


def _in_mouth(middle: Float64[np.ndarray, "3"], head: Head, height: float) -> bool:
    offset = (middle - head.eyes) / height
    down, ahead = -offset[1], offset @ head.forward
    return bool(0.01 < down < 0.075 and ahead > -0.045 and abs(offset @ head.left) < 0.03)


def _region(middle: Float64[np.ndarray, "3"], stature: Stature) -> str:
    level = stature.level(float(middle[1]))
    away = float(np.hypot(middle[0], middle[2])) / stature.height
    if away > _ARM_AWAY and 0.35 < level < 0.87:
        return "arm or hand"
    return next((name for least, name in _LEVELS if level >= least), "foot")
