"""Names that people understand for pieces inside a person, by shape and place."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from likeness.scans.pieces import Pieces

# Parts of the height at which what is inside the middle of the body has a name.
_LEVELS = ((0.87, "head"), (0.82, "neck"), (0.66, "chest"), (0.5, "belly"), (0.43, "hips"),
           (0.27, "thigh"), (0.06, "shin"), (0.0, "foot"))
_EYE_LEVEL = 0.9
_EYE_SIZE = (0.008, 0.03)  # against the height
_ARM_AWAY = 0.13


@dataclass(frozen=True, eq=False)
class Head:
    """Where the eyes are, and which way is forward and left of them."""

    eyes: Float64[np.ndarray, "3"]
    forward: Float64[np.ndarray, "3"]
    left: Float64[np.ndarray, "3"]


def find_head(pieces: Pieces, inside: list[int]) -> Head | None:
    """The way the head faces, from the eyeballs among the inner pieces; None without them."""
    eyes = [pieces.corners(piece).mean(axis=0).astype(np.float64) for piece in inside
            if _is_eye(pieces, piece)]
    if len(eyes) < 2:
        return None
    vertices = pieces.scan.vertices
    top = vertices[vertices[:, 1] > _LEVELS[0][0] * pieces.scan.height_m]
    between = np.mean(eyes, axis=0)
    forward = between - (top.min(axis=0) + top.max(axis=0)).astype(np.float64) / 2
    forward[1] = 0.0
    length = float(np.linalg.norm(forward))
    if length < 1e-6:
        return None
    forward /= length
    return Head(between, forward, np.cross((0.0, 1.0, 0.0), forward))


def name_inside(pieces: Pieces, piece: int, head: Head | None) -> str:
    """"left eyeball", "part of the mouth", "piece inside the chest"."""
    middle = pieces.corners(piece).mean(axis=0).astype(np.float64)
    if _is_eye(pieces, piece):
        return f"{_side(middle, head)}eyeball"
    if head is not None and _in_mouth(middle, head, pieces.scan.height_m):
        return "part of the mouth"
    return f"piece inside the {_region(pieces, middle)}"


def _is_eye(pieces: Pieces, piece: int) -> bool:
    corners, height = pieces.corners(piece), pieces.scan.height_m
    extent = np.ptp(corners, axis=0)
    large = float(extent.max())
    return (_EYE_SIZE[0] * height < large < _EYE_SIZE[1] * height
            and large < 1.7 * float(extent.min()) and len(corners) >= 20
            and float(corners[:, 1].mean()) > _EYE_LEVEL * height)


def _side(middle: Float64[np.ndarray, "3"], head: Head | None) -> str:
    if head is None:
        return ""
    return "left " if float((middle - head.eyes) @ head.left) > 0 else "right "


def _in_mouth(middle: Float64[np.ndarray, "3"], head: Head, height: float) -> bool:
    offset = (middle - head.eyes) / height
    down, ahead = -offset[1], offset @ head.forward
    return bool(0.01 < down < 0.075 and ahead > -0.045 and abs(offset @ head.left) < 0.03)


def _region(pieces: Pieces, middle: Float64[np.ndarray, "3"]) -> str:
    height = pieces.scan.height_m
    level = float(middle[1]) / height
    away = float(np.hypot(middle[0], middle[2])) / height
    if away > _ARM_AWAY and 0.35 < level < 0.87:
        return "arm or hand"
    return next((name for least, name in _LEVELS if level >= least), "foot")
