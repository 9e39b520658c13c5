"""A small figure of known anatomy, so that most of these tests need neither Anny nor its model."""

import numpy as np
import pytest
from tests.synthetic.subjects import Anatomy, Subject

RINGS, ROUND, RADIUS, LENGTH = 21, 16, 0.1, 1.0


@pytest.fixture(scope="session")
def tube() -> tuple[Anatomy, Subject]:
    """An open tube along y, 1 m by 20 cm, that bends in the middle: two bones, joint 0 and 1."""
    height, angle = np.meshgrid(np.linspace(0, LENGTH, RINGS),
                                np.arange(ROUND) * 2 * np.pi / ROUND, indexing="ij")
    vertices = np.stack((RADIUS * np.sin(angle), height, RADIUS * np.cos(angle)), -1).reshape(-1, 3)
    upper = np.clip((vertices[:, 1] - 0.4) / 0.2, 0, 1)
    heads = np.array(((0.0, 0.0, 0.0), (0.0, 0.5, 0.0)))
    joint_heads = np.zeros((52, 2))
    joint_heads[:, 0] = 1.0
    joint_heads[1] = 0.0, 1.0
    anatomy = Anatomy(
        faces=_faces(), bone_indices=np.tile(np.array((0, 1), np.int32), (len(vertices), 1)),
        bone_weights=np.column_stack((1 - upper, upper)),
        bone_parents=np.array((-1, 0), np.int32), bone_joints=np.array((0, 1), np.int32),
        joint_heads=joint_heads, joint_parents=np.array([-1, 0] + [0] * 50, np.int32),
        interior=np.zeros(len(vertices), bool), eyes=np.zeros(len(vertices), bool),
        parts=np.full(len(vertices), 1, np.int8))
    return anatomy, Subject(vertices.astype(np.float32), heads, np.tile(np.eye(3), (52, 1, 1)))


def _faces() -> np.ndarray:
    rows, columns = np.meshgrid(np.arange(RINGS - 1), np.arange(ROUND), indexing="ij")
    a = (rows * ROUND + columns).ravel()
    b = (rows * ROUND + (columns + 1) % ROUND).ravel()
    return np.vstack((np.column_stack((a, b, a + ROUND)),
                      np.column_stack((b, b + ROUND, a + ROUND)))).astype(np.int32)
