"""From a fit of the open body to an avatar that keeps the fit's surface, at rest and posed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from likeness.avatars.avatar import Avatar
from likeness.avatars.building import build_avatar
from likeness.avatars.glb import write_glb
from likeness.avatars.surface import skin_mask
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.fitting.fit import Distances, Fit, FitSettings, Spread, Verdict
from likeness.scans.scan import Choice, Scan, Source


@pytest.fixture(scope="module")
def body():
    return find_body("open")


@pytest.fixture(scope="module")
def fit(body) -> Fit:
    draw = np.random.default_rng(2)
    pose = {group.parameter: draw.normal(0, 0.25, 3 * len(group.joints))
            for group in body.groups if group.parameter != "global_orient"}
    parameters = BodyParameters(draw.normal(size=body.shape_count), np.array([0.1, 0.5, 0]),
                                np.array([0.2, 0.9, -0.1]), pose)
    displacements = draw.normal(0, 0.002, body.template.shape).astype(np.float32)
    posed = pose_body(body, parameters, displacements)
    count = len(body.template)
    return Fit(body.name, parameters, displacements, np.float32(posed.vertices),
               np.float32(posed.joints), np.ones(count, np.float32),
               np.zeros(count, np.float32), np.eye(4),
               Distances(Spread(0.0, 0.0, 0.0), Spread(0.0, 0.0, 0.0), 1.0), Verdict("good", ()),
               FitSettings())


@pytest.fixture(scope="module")
def scan(body, fit) -> Scan:
    """The skin of the fit as it would be read from a file that faces another way."""
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_rotvec([0, 2.5, 0]).as_matrix()
    colors = np.clip(120 + 100 * fit.vertices, 0, 255).astype(np.uint8)
    return Scan(np.float32(fit.vertices @ turn[:3, :3].T), body.skin_faces,
                Choice("m", "given"), Choice("+y", "given"),
                Source("person.ply", "0" * 64, len(colors), len(body.skin_faces)), turn,
                colors=colors)


@pytest.fixture(scope="module")
def avatar(scan, body, fit) -> Avatar:
    return build_avatar(scan, body, fit)


def test_it_keeps_the_fitted_surface_and_the_bodys_topology(avatar, body, fit) -> None:
    assert np.array_equal(avatar.vertices, fit.vertices)
    assert np.array_equal(avatar.faces, body.faces)
    assert np.array_equal(avatar.joints, fit.joints)


def test_at_rest_it_stands_in_the_t_pose_with_its_displacements(avatar, body, fit) -> None:
    shaped = body.template + body.shape_directions @ fit.parameters.betas
    assert np.abs(avatar.rest_vertices - shaped - fit.displacements).max() < 1e-5
    assert np.abs(avatar.rest_joints - body.joint_regressor @ shaped).max() < 1e-5


def test_its_rotations_take_the_rest_pose_to_the_scans(avatar, reference_skinning) -> None:
    posed, joints = reference_skinning(
        avatar.rest_vertices + avatar.pose_correctives, avatar.skin_weights, avatar.rest_joints,
        avatar.parents, avatar.rotations, avatar.transl)
    assert np.abs(posed - avatar.vertices).max() < 1e-5
    assert np.abs(joints - avatar.joints).max() < 1e-5


def test_a_grey_scan_gives_no_texture(scan, body, fit) -> None:
    assert build_avatar(replace(scan, colors=None), body, fit).texture is None


def test_the_scans_colours_become_its_texture(avatar, read_glb, tmp_path) -> None:
    assert avatar.texture is not None
    keep = skin_mask(avatar)
    uv = avatar.uv[avatar.uv_faces[keep]].mean(axis=1)
    size = len(avatar.texture)
    found = avatar.texture[((1 - uv[:, 1]) * size).astype(int), (uv[:, 0] * size).astype(int)]
    middle = avatar.vertices[avatar.faces[keep]].mean(axis=1)
    error = np.abs(found - np.clip(120 + 100 * middle, 0, 255)).max(axis=1)
    assert np.percentile(error, 95) < 4


def test_its_glb_skins_to_the_fitted_surface(avatar, read_glb, tmp_path) -> None:
    write_glb(avatar, tmp_path / "avatar.glb", pose="scan")
    glb = read_glb(tmp_path / "avatar.glb")
    source = glb.attribute("_VERTEX")[:, 0].astype(int)
    assert np.abs(glb.skinned() - avatar.vertices[source]).max() < 1e-5
    assert [glb.document["nodes"][j]["name"] for j in glb.document["skins"][0]["joints"]] == list(
        avatar.joint_names)
