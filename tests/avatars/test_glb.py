"""What other programs see in a GLB: the fitted surface, its skeleton, its UVs and its texture."""

import os
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from likeness.avatars.glb import write_glb
from likeness.avatars.surface import skin_mask

_VALIDATE = """
const validator = require('gltf-validator'), fs = require('fs');
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1]))).then(report => {
  console.log(JSON.stringify(report.issues));
  process.exit(report.issues.numErrors + report.issues.numWarnings ? 1 : 0);
});
"""


@pytest.fixture
def written(tmp_path: Path, read_glb):
    def write(avatar, pose):
        write_glb(avatar, tmp_path / "avatar.glb", pose=pose)
        return read_glb(tmp_path / "avatar.glb")
    return write


def sources(glb) -> np.ndarray:
    return glb.attribute("_VERTEX")[:, 0].astype(int)


def test_the_scan_pose_skins_to_the_fitted_surface(avatar, written) -> None:
    glb = written(avatar, "scan")
    assert np.abs(glb.skinned() - avatar.vertices[sources(glb)]).max() < 1e-6


def test_the_t_pose_is_the_rest_surface_and_moves_nothing(avatar, written) -> None:
    glb = written(avatar, "T")
    assert np.array_equal(glb.attribute("POSITION"), avatar.rest_vertices[sources(glb)])
    assert np.abs(glb.skinned() - glb.attribute("POSITION")).max() < 1e-6


def test_joints_stand_where_the_fit_put_them(avatar, written) -> None:
    glb = written(avatar, "scan")
    rest = np.hstack((avatar.rest_joints, np.ones((3, 1))))
    posed = np.einsum("jab,jb->ja", glb.joint_matrices(), rest)[:, :3]
    assert np.abs(posed - avatar.joints).max() < 1e-6


def test_the_skeleton_is_a_tree_of_uniquely_named_joints(avatar, written) -> None:
    glb = written(avatar, "T")
    nodes = [glb.document["nodes"][j] for j in glb.document["skins"][0]["joints"]]
    assert [node["name"] for node in nodes] == ["pelvis", "spine", "spine_2"]
    assert [node.get("children", []) for node in nodes] == [[1], [2], []]
    assert all(node["rotation"] == [0, 0, 0, 1] for node in nodes)


def test_inverse_bind_matrices_are_exactly_affine(avatar, written) -> None:
    glb = written(avatar, "scan")
    binds = glb.accessor(glb.document["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4)
    assert (binds[:, :, 3] == [0, 0, 0, 1]).all()


def test_corners_keep_their_vertex_and_uv_and_the_interior_is_gone(avatar, written) -> None:
    glb = written(avatar, "T")
    keep = skin_mask(avatar)
    assert np.array_equal(sources(glb)[glb.faces], avatar.faces[keep])
    uv = avatar.uv[avatar.uv_faces[keep]]
    found = glb.attribute("TEXCOORD_0")[glb.faces]
    assert np.allclose(found[..., 0], uv[..., 0], atol=1e-7)
    assert np.allclose(1 - found[..., 1], uv[..., 1], atol=1e-6)
    assert not avatar.interior[sources(glb)].any()


def test_normals_are_unit_outward_and_agree_across_the_seam(avatar, written) -> None:
    glb = written(avatar, "T")
    normals, points = glb.attribute("NORMAL"), glb.attribute("POSITION")
    assert np.abs(np.linalg.norm(normals, axis=1) - 1).max() < 1e-6
    assert (np.einsum("ij,ij->i", normals[:, [0, 2]], points[:, [0, 2]]) > 0).all()
    first = np.unique(sources(glb), return_index=True)[1]
    one = dict(zip(sources(glb)[first].tolist(), normals[first], strict=True))
    assert all(np.array_equal(one[v], n) for v, n in zip(sources(glb).tolist(), normals,
                                                         strict=True))


def test_bounds_and_weights_are_exact(avatar, written) -> None:
    glb = written(avatar, "scan")
    accessor = glb.document["accessors"][glb.primitive["attributes"]["POSITION"]]
    points = glb.attribute("POSITION")
    assert np.array_equal(np.float32(accessor["min"]), points.min(axis=0))
    assert np.array_equal(np.float32(accessor["max"]), points.max(axis=0))
    assert (glb.attribute("WEIGHTS_0").sum(axis=1) == 1).all()


def test_the_texture_comes_back_pixel_for_pixel(textured, written) -> None:
    glb = written(textured, "T")
    image = glb.document["images"][0]
    assert image["mimeType"] == "image/png"
    pixels = np.array(Image.open(BytesIO(glb.view(image["bufferView"]))))
    assert np.array_equal(pixels, textured.texture)


def test_another_reader_finds_the_same_mesh_in_metres_y_up(textured, tmp_path) -> None:
    write_glb(textured, tmp_path / "avatar.glb")
    mesh = trimesh.load(tmp_path / "avatar.glb", process=False).to_geometry()
    skin = textured.rest_vertices[~textured.interior]
    assert np.allclose(mesh.bounds, (skin.min(axis=0), skin.max(axis=0)), atol=1e-6)
    assert len(mesh.faces) == int(skin_mask(textured).sum())
    assert mesh.visual.material.baseColorTexture.size == (64, 64)


def test_the_same_avatar_gives_the_same_bytes(textured, tmp_path) -> None:
    for name in ("a.glb", "b.glb"):
        write_glb(textured, tmp_path / name, pose="scan")
    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()


@pytest.mark.parametrize("pose", ["T", "scan"])
@pytest.mark.parametrize("looks", ["textured", "plain", "without_uv"])
def test_the_khronos_validator_has_nothing_to_say(avatar, textured, tmp_path, looks, pose) -> None:
    require_validator()
    variant = {"textured": textured, "plain": avatar,
               "without_uv": replace(avatar, uv=None, uv_faces=None)}[looks]
    write_glb(variant, tmp_path / "avatar.glb", pose=pose)
    run = subprocess.run(["node", "-e", _VALIDATE, str(tmp_path / "avatar.glb")],
                         capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


def require_validator() -> None:
    node = shutil.which("node")
    if node is None or subprocess.run([node, "-e", "require('gltf-validator')"],
                                      capture_output=True, check=False).returncode:
        pytest.skip("needs node and the npm package gltf-validator, found through NODE_PATH "
                    f"(now {os.environ.get('NODE_PATH', 'unset')})")
