"""Dual quaternion skinning: rigid where one bone holds, joints where the bones meet."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from tests.synthetic.posing import pose_subject, soft_tissue, vertex_normals
from tests.synthetic.subjects import Anatomy, Subject

Tube = tuple[Anatomy, Subject]


def _bent(degrees: float) -> np.ndarray:
    pose = np.zeros((52, 3))
    pose[1, 0] = np.radians(degrees)
    return pose


def test_no_pose_leaves_the_rest_surface(tube: Tube) -> None:
    anatomy, subject = tube
    posed = pose_subject(anatomy, subject, np.zeros((52, 3)))
    np.testing.assert_allclose(posed.vertices, subject.vertices, atol=1e-7)
    np.testing.assert_allclose(posed.joints[1], (0.0, 0.5, 0.0), atol=1e-12)


def test_turning_the_root_turns_everything_about_it(tube: Tube) -> None:
    anatomy, subject = tube
    pose = np.zeros((52, 3))
    pose[0, 0] = np.pi / 2  # y to z
    posed = pose_subject(anatomy, subject, pose)
    x, y, z = subject.vertices.T
    np.testing.assert_allclose(posed.vertices, np.column_stack((x, -z, y)), atol=1e-6)


def test_a_bone_is_rigid_where_it_holds_alone(tube: Tube) -> None:
    anatomy, subject = tube
    posed = pose_subject(anatomy, subject, _bent(90))
    end = subject.vertices[:, 1] > 0.7
    x, y, z = subject.vertices[end].T
    np.testing.assert_allclose(posed.vertices[end], np.column_stack((x, 0.5 - z, y - 0.5)),
                               atol=1e-6)


def test_twisting_does_not_pinch_as_linear_skinning_does(tube: Tube) -> None:
    anatomy, subject = tube
    pose = np.zeros((52, 3))
    pose[1, 1] = np.radians(170)
    posed = pose_subject(anatomy, subject, pose)
    radius = np.hypot(posed.vertices[:, 0], posed.vertices[:, 2])
    assert radius.min() > 0.0999


@pytest.mark.parametrize("degrees", [100, 170, 185, 260])
def test_skinning_does_not_mind_which_way_the_person_is_turned(tube: Tube, degrees: int) -> None:
    anatomy, subject = tube
    pose = np.zeros((52, 3))
    pose[1, 1] = np.radians(20)
    still = pose_subject(anatomy, subject, pose).vertices
    pose[0, 1] = np.radians(degrees)
    turned = pose_subject(anatomy, subject, pose).vertices
    expected = Rotation.from_rotvec((0, np.radians(degrees), 0)).apply(still)
    np.testing.assert_allclose(turned, expected, atol=1e-9)


def test_equals_the_skinning_of_anny(tube: Tube) -> None:
    skinning = pytest.importorskip("anny.skinning.skinning", reason="only benchmarks need anny")
    import torch

    anatomy, subject = tube
    transforms = np.tile(np.eye(4), (2, 1, 1))
    transforms[1, :3, :3] = Rotation.from_rotvec((np.radians(110), 0, 0)).as_matrix()
    transforms[1, :3, 3] = subject.heads[1] - transforms[1, :3, :3] @ subject.heads[1]
    theirs = skinning.dual_quaternion_skinning(*(torch.as_tensor(each)[None] for each in (
        subject.vertices.astype(np.float64), anatomy.bone_weights,
        anatomy.bone_indices.astype(np.int64), transforms)))[0].numpy()
    ours = pose_subject(anatomy, subject, _bent(110)).vertices
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_soft_tissue_is_millimetres_along_the_normals(tube: Tube) -> None:
    anatomy, subject = tube
    offsets = soft_tissue(anatomy, subject, np.random.default_rng(3))
    assert np.sqrt((offsets ** 2).sum(axis=1).mean()) == pytest.approx(0.0025, rel=1e-6)
    across = np.cross(offsets, vertex_normals(subject.vertices, anatomy.faces))
    assert np.abs(across).max() < 1e-9
