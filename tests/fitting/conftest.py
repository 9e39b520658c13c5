"""A small body of random shape, so that the solver's mathematics is tested without any file."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from likeness.bodies.body import Body, JointGroup


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
