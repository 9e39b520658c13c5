"""A person to scan, in arrays: the open body in a standing pose, and how to read a file of it."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.progress import silent
from likeness.scans.reading import ReadSettings, read_scan
from likeness.scans.scan import Choice, Scan, Source

sys.path.insert(0, str(Path(__file__).parent))

# Axis-angle about z that lets the left arm down from the T-pose, by name.
ARMS = {"t": 0.0, "a": 0.7, "down": 1.25}


def standing(arms: str, betas: np.ndarray | None = None,
             bent: Mapping[int, tuple[float, float, float]] | None = None,
             ) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of the open body's skin; metres, y up, facing +z.

    `bent` joints, numbered as in the SMPL family, are turned from there.
    """
    body = find_body("open")
    pose = np.zeros((21, 3), np.float32)
    pose[15, 2], pose[16, 2] = -ARMS[arms], ARMS[arms]
    for joint, turn in (bent or {}).items():
        pose[joint - 1] += turn
    shape = np.zeros(body.shape_count, np.float32) if betas is None else betas
    parameters = BodyParameters(shape, np.zeros(3, np.float32), np.zeros(3, np.float32),
                                {"body_pose": pose.ravel()})
    vertices = pose_body(body, parameters).vertices
    used, faces = np.unique(body.skin_faces, return_inverse=True)
    return vertices[used], faces.reshape(-1, 3).astype(np.int32)


@pytest.fixture(scope="session")
def person() -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of someone standing with lowered arms."""
    return standing("a")


@pytest.fixture(scope="session")
def as_scan() -> Callable[..., Scan]:
    """A scan of given arrays as reading would make it, feet at y = 0."""

    def make(vertices: np.ndarray, faces: np.ndarray | None = None) -> Scan:
        placed = (vertices - (0, vertices[:, 1].min(), 0)).astype(np.float32)
        triangles = np.zeros((0, 3), np.int32) if faces is None else faces.astype(np.int32)
        return Scan(placed, triangles, Choice("m", "", True), Choice("+y", "", True),
                    Source("made", "", len(placed), len(triangles)), np.eye(4))

    return make


@pytest.fixture(scope="session")
def read() -> Callable[..., Scan]:
    """Read a file with the given settings."""

    def run(path: Path, unit: str = "auto", up: str = "auto") -> Scan:
        return read_scan(path, ReadSettings(unit, up), silent)

    return run


@pytest.fixture(scope="session")
def sphere() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """A closed sphere of latitudes and longitudes with exactly shared vertices."""

    def make(centre: tuple[float, float, float], radius: float, rings: int = 10,
             around: int = 16) -> tuple[np.ndarray, np.ndarray]:
        theta, phi = np.meshgrid(np.linspace(0, np.pi, rings + 1)[1:-1],
                                 np.arange(around) * 2 * np.pi / around, indexing="ij")
        body = np.stack((np.sin(theta) * np.cos(phi), np.cos(theta),
                         np.sin(theta) * np.sin(phi)), axis=2).reshape(-1, 3)
        vertices = np.concatenate((body, [(0, 1, 0), (0, -1, 0)]))
        faces = []
        for i in range(around):
            j = (i + 1) % around
            faces.append((len(body), j, i))
            last = (rings - 2) * around
            faces.append((len(body) + 1, last + i, last + j))
            for ring in range(rings - 2):
                a, b = ring * around, (ring + 1) * around
                faces += [(a + i, a + j, b + i), (a + j, b + j, b + i)]
        return vertices * radius + centre, np.array(faces, np.int32)

    return make
