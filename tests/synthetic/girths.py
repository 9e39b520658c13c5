"""Girths as a tape measures them, at places that are fixed on the body and go along with its pose.

A tape lies in the plane through a ring of vertices chosen once on the template; it spans hollows,
so its length is that of the convex hull of the section.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.spatial import ConvexHull

from likeness.bodies.body import PARTS, Body

GIRTHS = ("chest", "waist", "hip", "thigh", "upper arm", "neck")
_TRUNK = ("torso", "left_leg", "right_leg")
# Half the height of the ring; how far from it triangles count, on the trunk and elsewhere.
_RING_M, _TRUNK_M, _LIMB_M = 0.012, 0.09, 0.045
_LEVELS = 25


@dataclass(frozen=True, eq=False)
class Tape:
    """The vertices whose plane the tape lies in, and the triangles it may touch."""

    ring: Int[np.ndarray, " R"]
    faces: Int[np.ndarray, "F 3"]

    def length(self, vertices: Float[np.ndarray, "V 3"]) -> float:
        """In the unit of the vertices."""
        points = vertices[self.ring].astype(np.float64)
        middle = points.mean(axis=0)
        _, _, axes = np.linalg.svd(points - middle)
        return _hull_length((_section(vertices, self.faces, middle, axes[2]) - middle) @ axes[:2].T)


def _section(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
             origin: Float64[np.ndarray, "3"], normal: Float64[np.ndarray, "3"],
             ) -> Float64[np.ndarray, "S 3"]:
    """Where the edges of the triangles cross the plane."""
    edges = np.unique(np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    a, b = (vertices[edges[:, k]].astype(np.float64) for k in (0, 1))
    p, q = (a - origin) @ normal, (b - origin) @ normal
    cut = (p < 0) != (q < 0)
    share = (p[cut] / (p[cut] - q[cut]))[:, None]
    return a[cut] + share * (b[cut] - a[cut])


def _hull_length(points: Float64[np.ndarray, "S 2"]) -> float:
    return float(ConvexHull(points).area) if len(points) > 2 else 0.0  # in the plane: perimeter


def tapes(body: Body) -> dict[str, tuple[Tape, ...]]:
    """The tapes of each girth on a body of the SMPL family; limbs have one a side."""
    joints = body.joint_regressor @ body.template
    at = {name: joints[k] for k, name in enumerate(body.joint_names[:22])}
    hip, neck = 0.5 * (at["left_hip"] + at["right_hip"]), at["neck"]
    up = np.array((0.0, 1.0, 0.0))
    waist = _narrowest(body, hip + 0.15 * (neck - hip), hip + 0.65 * (neck - hip), up, 1)
    made = {
        "chest": (_widest_chest(body, hip, neck),),
        "waist": (waist,),
        "hip": (_narrowest(body, hip - 0.12 * (neck - hip), hip + 0.25 * (neck - hip), up, -1),),
        "thigh": tuple(_limb(body, f"{side}_leg", at[f"{side}_hip"], at[f"{side}_knee"], 0.4)
                       for side in ("left", "right")),
        "upper arm": tuple(_limb(body, f"{side}_arm", at[f"{side}_shoulder"],
                                 at[f"{side}_elbow"], 0.5) for side in ("left", "right")),
        "neck": (_neck(body, neck, at["head"]),)}
    return {name: made[name] for name in GIRTHS}


def girths_mm(body_tapes: dict[str, tuple[Tape, ...]], vertices: Float[np.ndarray, "V 3"],
              ) -> dict[str, float]:
    """In millimetres; limbs as the mean of both sides."""
    return {name: float(np.mean([1000 * tape.length(vertices) for tape in sides]))
            for name, sides in body_tapes.items()}


def _tape(body: Body, parts: tuple[str, ...], origin: Float[np.ndarray, "3"],
          normal: Float[np.ndarray, "3"]) -> Tape:
    """At rest in this plane; faces further off than a pose can tilt it stay out."""
    own = np.isin(body.parts, [PARTS.index(name) for name in parts]) & ~body.interior
    height = (body.template - origin) @ (normal / np.linalg.norm(normal))
    ring = np.flatnonzero(own & (np.abs(height) < _RING_M))
    near = own & (np.abs(height) < (_TRUNK_M if parts == _TRUNK else _LIMB_M))
    return Tape(ring, body.faces[near[body.faces].all(axis=1)])


def _narrowest(body: Body, low: Float[np.ndarray, "3"], high: Float[np.ndarray, "3"],
               up: Float64[np.ndarray, "3"], sign: int) -> Tape:
    """The level between two heights of the trunk with the smallest girth; sign -1: the largest."""
    choices = [_tape(body, _TRUNK, low + share * (high - low), up)
               for share in np.linspace(0, 1, _LEVELS)]
    return min(choices, key=lambda tape: sign * tape.length(body.template))


def _widest_chest(body: Body, hip: Float[np.ndarray, "3"], neck: Float[np.ndarray, "3"]) -> Tape:
    """Below the armpits, where the trunk still ends at the side."""
    up = np.array((0.0, 1.0, 0.0))
    return _narrowest(body, hip + 0.56 * (neck - hip), hip + 0.65 * (neck - hip), up, -1)


def _limb(body: Body, part: str, start: Float[np.ndarray, "3"], end: Float[np.ndarray, "3"],
          share: float) -> Tape:
    """Across a limb, so far from its start to the next joint."""
    return _tape(body, (part,), start + share * (end - start), end - start)


def _neck(body: Body, low: Float[np.ndarray, "3"], high: Float[np.ndarray, "3"]) -> Tape:
    along = high - low
    choices = [_tape(body, ("head",), low + share * along, along)
               for share in np.linspace(0.1, 0.6, 11)]
    return min(choices, key=lambda tape: tape.length(body.template))
