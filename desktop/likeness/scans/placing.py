"""From file coordinates to metres, y up, feet at y = 0, the middle at x = z = 0."""

import numpy as np
from jaxtyping import Float, Float32, Float64

from likeness.core.triangles import by_blocks

_SAMPLE = 200_000
# So many points below the feet are noise.
_STRAY = 0.0005

# Rotations that turn each axis to +y and keep the frame right-handed; -z looking up means that
# what pointed to +y points to +z, as in the common z-up files of people facing -y.
UPRIGHT: dict[str, Float64[np.ndarray, "3 3"]] = {
    "+x": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "-x": np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]),
    "+y": np.eye(3),
    "-y": np.array([[-1.0, 0, 0], [0, -1, 0], [0, 0, 1]]),
    "+z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "-z": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
}


def sampled(points: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "K 3"]:
    """Enough points to see extents by, the same ones every time."""
    step = max(1, len(points) // _SAMPLE)
    return points[::step].astype(np.float64)


def robust_extent(values: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Lowest and highest value but for strays."""
    low, high = np.quantile(values, (_STRAY, 1 - _STRAY))
    return float(low), float(high)


def world_from_file(points: Float[np.ndarray, "N 3"], up: str, scale: float,
                    ) -> Float64[np.ndarray, "4 4"]:
    """The whole transform in float64, so that scans far from the origin lose nothing."""
    turned = sampled(points) @ (UPRIGHT[up] * scale).T
    feet = robust_extent(turned[:, 1])[0]
    transform = np.eye(4)
    transform[:3, :3] = UPRIGHT[up] * scale
    transform[:3, 3] = (-np.median(turned[:, 0]), -feet, -np.median(turned[:, 2]))
    return transform


def placed(points: Float[np.ndarray, "N 3"], transform: Float64[np.ndarray, "4 4"],
           ) -> Float32[np.ndarray, "N 3"]:
    """Points in the world, computed exactly before they are stored in single precision."""
    world = np.empty(points.shape, np.float32)

    def fill(block: slice, coordinates: list[Float[np.ndarray, " _"]]) -> None:
        exact = transform[:3, :3] @ np.array(coordinates, np.float64)
        world[block] = (exact + transform[:3, 3:]).T

    by_blocks(fill, points)
    return world


def turned(normals: Float[np.ndarray, "N 3"], up: str) -> Float32[np.ndarray, "N 3"]:
    """Directions in the world."""
    return (normals @ UPRIGHT[up].T.astype(np.float32)).astype(np.float32)
