"""Names that people understand for pieces inside a person, by shape and place."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from likeness.scans.flaws.dark import Region, middle_of
from likeness.scans.flaws.pieces import Pieces

# Parts of the height at which what is inside the middle of the body has a name.
_LEVELS = ((0.87, "head"), (0.82, "neck"), (0.66, "chest"), (0.5, "belly"), (0.43, "hips"),
           (0.27, "thigh"), (0.06, "shin"), (0.0, "foot"))
# A child's head is a fifth of its height.
_EYE_LEVEL, _EYES_LEVEL, _FACE_LEVEL = 0.84, 0.012, 0.77
_EYE_SIZE = (0.008, 0.03)  # against the height
_ARM_AWAY = 0.13
_LARGE = 0.05
# Areas against the squared height: 100 cm² and 3 cm² of a tall adult.
_MOUTH, _NOSTRIL = 0.003, 0.0001


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
    height = np.ascontiguousarray(pieces.scan.vertices[:, 1])[pieces.scan.faces[:, 0]]
    level = (height - stature.feet) / stature.height
    return middle_of(pieces, np.flatnonzero((level > _LEVELS[0][0]) & (level <= 1.0)))


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


def region_of(pieces: Pieces, faces: Int[np.ndarray, " R"], stature: Stature) -> str:
    """The part of the body that some faces are in."""
    return _region(middle_of(pieces, faces), stature)


def name_pockets(pieces: Pieces, pockets: list[Region], head: Head | None,
                 stature: Stature) -> list[str]:
    """Eye sockets, mouth bag, nostrils by place and size; elsewhere a pocket.

    A pocket in the face opens forwards, which tells left from right without eyeballs.
    """
    middles = [middle_of(pieces, each.faces) for each in pockets]
    in_head = [k for k, middle in enumerate(middles)
               if stature.level(float(middle[1])) > _FACE_LEVEL]
    names = [f"pocket in the {_region(middle, stature)}" for middle in middles]
    mouth = max(in_head, key=lambda k: pockets[k].area, default=None)
    for k in in_head:
        scale = stature.height**2
        if k == mouth and pockets[k].area > _MOUTH * scale:
            names[k] = "mouth bag"
        elif pockets[k].area < _NOSTRIL * scale:
            names[k] = "nostril or ear"
        elif mouth is not None and middles[k][1] > middles[mouth][1]:
            side = _pocket_side(pockets[k], middles[k], middles[mouth], head)
            names[k] = f"{side}eye socket"
    return names


def _pocket_side(pocket: Region, middle: Float64[np.ndarray, "3"],
                 mouth: Float64[np.ndarray, "3"], head: Head | None) -> str:
    forward = pocket.opening - middle if head is None else head.forward
    left = np.cross((0.0, 1.0, 0.0), forward)
    away = float((middle - mouth) @ left)
    return "left " if away > 0 else "right " if away < 0 else ""
