"""A small body of random shape for the mathematics, and people posed from the open body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from likeness.bodies.body import PARTS, Body, JointGroup
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.fitting.model import State
from likeness.fitting.rotations import rotation_matrix
from likeness.scans.scan import Choice, Scan, Source


@dataclass(frozen=True)
class Person:
    """A scan made from known parameters: the vertices it was sampled from, in its own frame."""

    scan: Scan
    vertices: np.ndarray
    parameters: BodyParameters


def turned_at(state: State, joint: int, turn: tuple[float, float, float]) -> State:
    """The state with one joint turned in its own frame."""
    rotations = state.rotations.clone()
    rotations[:, joint] = rotations[:, joint] @ rotation_matrix(torch.tensor(turn))
    return State(rotations, state.transl, state.betas)


@pytest.fixture(scope="session")
def random_body() -> Body:
    """30 vertices, 6 joints in a branching tree, 5 shape components, pose correctives none."""
    draw = np.random.default_rng(11)
    vertices, joints, shapes = 30, 6, 5
    weights = draw.random((vertices, joints)) ** 4
    regress = draw.random((joints, vertices)) ** 6
    return Body(
        name="random", family="smplh",
        template=draw.normal(size=(vertices, 3)).astype(np.float32),
        faces=draw.integers(0, vertices, (40, 3)).astype(np.int32),
        shape_directions=(0.1 * draw.normal(size=(vertices, 3, shapes))).astype(np.float32),
        joint_regressor=csr_array(regress / regress.sum(1, keepdims=True)),
        parents=np.array([-1, 0, 1, 1, 0, 4], np.int32),
        skin_weights=(weights / weights.sum(1, keepdims=True)).astype(np.float32),
        joint_names=tuple(f"joint {k}" for k in range(joints)),
        groups=(JointGroup("global_orient", (0,)), JointGroup("body_pose", (1, 2, 3, 4, 5))),
        parts=np.zeros(vertices, np.int8), interior=np.zeros(vertices, bool))


@pytest.fixture(scope="session")
def open_body() -> Body:
    """The body that ships."""
    return find_body("open")


@pytest.fixture(scope="session")
def make_person(open_body: Body) -> Callable[..., Person]:
    """People of the open body, arms at any height, joints bent, sampled with 1 mm noise."""

    def make(seed: int = 1, arms: float = 0.7, yaw: float = 2.0, points: int = 40_000,
             without: tuple[str, ...] = (),
             bent: Mapping[int, tuple[float, float, float]] | None = None) -> Person:
        draw = np.random.default_rng(seed)
        body_pose = draw.normal(0.0, 0.05, (21, 3))
        hands = np.zeros((30, 3))
        for joint, turn in (bent or {}).items():  # numbered as in the SMPL family
            if joint > 21:
                hands[joint - 22] += turn
            else:
                body_pose[joint - 1] += turn
        body_pose[15, 2] -= arms
        body_pose[16, 2] += arms
        betas = draw.normal(0.0, 0.8, open_body.shape_count).astype(np.float32)
        parameters = BodyParameters(betas, np.array([0.0, yaw, 0.0]), np.array([0.1, 0.9, -0.2]),
                                    {"body_pose": body_pose.ravel(),
                                     "left_hand_pose": hands[:15].ravel(),
                                     "right_hand_pose": hands[15:].ravel()})
        vertices = pose_body(open_body, parameters).vertices
        return Person(_scanned(open_body, vertices, draw, points, without), vertices, parameters)

    return make


@pytest.fixture(scope="session")
def scan_of() -> Callable[..., Scan]:
    """Scans of any body's skin, given its vertices and what draws the points."""
    def make(body: Body, vertices: np.ndarray, draw: np.random.Generator) -> Scan:
        return _scanned(body, vertices, draw, 40_000, ())

    return make


def _scanned(body: Body, vertices: np.ndarray, draw: np.random.Generator, points: int,
             without: tuple[str, ...]) -> Scan:
    """A cloud with normals, area-uniform over the skin of all parts but `without`."""
    hidden = np.isin(body.parts, [PARTS.index(name) for name in without])
    faces = body.skin_faces[~hidden[body.skin_faces].any(axis=1)]
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    area = np.linalg.norm(across, axis=1)
    drawn = draw.choice(len(faces), points, p=area / area.sum())
    u, v = np.sort(draw.random((2, points, 1)), axis=0)
    cloud = u * a[drawn] + (v - u) * b[drawn] + (1 - v) * c[drawn]
    cloud += draw.normal(0.0, 0.001, cloud.shape)
    normals = across[drawn] / area[drawn, None]
    return Scan(cloud.astype(np.float32), np.zeros((0, 3), np.int32), Choice("m", "given"),
                Choice("+y", "given"), Source("person.ply", "", points, 0), np.eye(4),
                normals.astype(np.float32))
