"""A fit: the parameters found, how far the surface leaves the shape space, and how good it is."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Float64

from likeness.bodies.pose import BodyParameters

REFINEMENTS = ("none", "low", "standard", "high")


@dataclass(frozen=True)
class FitSettings:
    """What the user chooses. `device` is "auto", "cpu" or "cuda".

    `clothed` keeps the body inside the scan where cloth is loose.
    """

    refinement: str = "standard"
    device: str = "auto"
    seed: int = 0
    clothed: bool = False


@dataclass(frozen=True)
class Spread:
    """Mean, median and 95th percentile of distances, in millimetres."""

    mean: float
    median: float
    p95: float


@dataclass(frozen=True)
class Distances:
    """True point-to-triangle distances over area-uniform samples, both ways.

    `coverage` is the share of the avatar's skin area that has scan within 20 mm.
    """

    scan_to_avatar: Spread
    avatar_to_scan: Spread
    coverage: float


@dataclass(frozen=True)
class Verdict:
    """"good", "check" or "poor", with the reasons in plain sentences."""

    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """The answer of `fit_body`; everything in metres in the world frame: y up, person facing +z.

    `world_from_scan` maps file coordinates to this frame (the scan's own, turned to face +z).
    `displacements` live in the rest pose, before skinning; `confidence` is 0 where the scan is
    silent. `surface_mm` is each avatar vertex's distance to the scan, NaN for interior vertices.
    """

    body: str
    parameters: BodyParameters
    displacements: Float32[np.ndarray, "V 3"]
    vertices: Float32[np.ndarray, "V 3"]
    joints: Float32[np.ndarray, "J 3"]
    confidence: Float32[np.ndarray, " V"]
    surface_mm: Float32[np.ndarray, " V"]
    world_from_scan: Float64[np.ndarray, "4 4"]
    distances: Distances
    verdict: Verdict
    settings: FitSettings
    warnings: tuple[str, ...] = ()
    stage_seconds: dict[str, float] = field(default_factory=dict)
