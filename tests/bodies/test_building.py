"""The steps that build the open body, against the people it was not built from."""

import os

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

PEOPLE, OTHER_SEED = 120, 77
MIDDLE_M, JOINT_M, SHAPE_M = 0.010, 0.005, 0.002


@pytest.fixture(scope="module")
def builder(installer):
    """What the builder knows of Anny; the first construction of its model takes a minute."""
    pytest.importorskip("anny", reason="anny, which the open body is built from, is not installed")
    threads = {name: os.environ.get(name) for name in os.environ if name.endswith("_NUM_THREADS")}
    from build_open_body import Builder
    os.environ.update({name: value for name, value in threads.items() if value})
    return Builder()


@pytest.fixture(scope="module")
def others(builder):
    return builder.bodies(PEOPLE, OTHER_SEED)


def test_skinning_the_t_pose_back_gives_annys_surface(builder):
    from open_body.people import sampled_people
    from open_body.skeleton import PARENTS
    from open_body.tpose import t_posed, world_rotations
    people = next(sampled_people(builder.model, 3, 5))
    posed = t_posed(people, builder.heads, builder.weights, builder.tips)
    joints = builder.heads @ people.heads
    ends = {name: people.vertices[:, ids].mean(axis=1) for name, ids in builder.tips.items()}
    back = np.swapaxes(world_rotations(joints, ends), -1, -2)
    for m in range(3):
        local = posed.vertices[m][:, None] - posed.joints[m]
        moved = np.einsum("jab,vjb->vja", back[m], local) + joints[m]
        surface = np.einsum("vj,vja->va", builder.weights, moved)
        np.testing.assert_allclose(surface, people.vertices[m], atol=1e-9)
    bones = np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=2)
    straight = np.linalg.norm(posed.joints[:, 1:] - posed.joints[:, PARENTS[1:]], axis=2)
    np.testing.assert_allclose(straight, bones, atol=1e-9)


def test_joints_of_other_people_are_where_annys_bones_are(body, others):
    found = np.stack([body.joint_regressor @ vertices for vertices in others.vertices])
    error = np.linalg.norm(found - others.joints, axis=2).mean(axis=0)
    for name, mean in zip(body.joint_names, error, strict=True):
        assert mean < (MIDDLE_M if name.startswith(("spine", "neck")) else JOINT_M), name


def test_other_people_lie_in_the_shape_space(body, others):
    from open_body.space import ShapeSpace, projection_error
    space = ShapeSpace(body.template, body.shape_directions)
    error = projection_error(space, others.vertices, body.interior, 100)
    assert np.sqrt((error ** 2).mean()) < SHAPE_M


def test_people_of_all_ages_and_both_sides_alike(builder, others):
    heights = np.ptp(others.vertices[..., 1], axis=1)
    assert heights.min() < 1.45 < 1.7 < heights.max()
    twins = others.vertices[:, builder.mirror] * (-1.0, 1.0, 1.0)
    assert 0.0005 < np.abs(twins - others.vertices).mean() < 0.01


def test_the_file_keeps_annys_vertex_order(builder, body):
    annys = builder.model.faces.numpy()
    assert _quads(body.faces) == _quads(annys)
    assert (body.faces == annys).all(axis=1).mean() > 0.999  # some hang on the last digit
    assert np.abs(body.uv - builder.model.texture_coordinates.numpy()).max() < 1e-6


def _quads(faces):
    """The sides of each, as they run around it: whichever its diagonal is."""
    sides = [set(map(tuple, pair)) for pair in
             faces[:, (0, 1, 1, 2, 2, 0)].reshape(-1, 6, 2).tolist()]
    return [{(a, b) for a, b in each if (b, a) not in each} for each in sides]


def test_alignment_is_a_rotation_that_puts_the_first_axis_exactly(builder):
    from open_body.tpose import aligned
    draw = np.random.default_rng(9)
    first, second = draw.normal(size=(2, 20, 3))
    turn = aligned(first, second, np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(np.linalg.det(turn), 1.0)
    placed = np.einsum("mab,mb->ma", turn, first / np.linalg.norm(first, axis=1, keepdims=True))
    np.testing.assert_allclose(placed, np.tile((0.0, -1.0, 0.0), (20, 1)), atol=1e-12)
    assert Rotation.from_matrix(turn).magnitude().max() <= np.pi + 1e-9
    assert (np.einsum("mab,mb->ma", turn, second)[:, 2] > 0).all()


def test_the_same_arrays_give_the_same_bytes(builder, tmp_path):
    from open_body.storing import padded, write_npz
    arrays = {"a": np.arange(6.0).reshape(2, 3), "s": padded(np.ones((4, 3, 2)))}
    for name in ("one", "two"):
        write_npz(tmp_path / name, arrays)
        os.utime(tmp_path / name, (0, 0))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with np.load(tmp_path / "one") as stored:
        assert stored["s"].shape == (4, 3, 300)
        assert stored["s"].sum() == 24.0
