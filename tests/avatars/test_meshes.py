"""OBJ and PLY hold the posed mesh in the avatar's own order."""

from dataclasses import replace

import numpy as np
import trimesh
from PIL import Image

from likeness.avatars.obj import write_obj
from likeness.avatars.ply import write_ply
from likeness.avatars.surface import skin_mask


def obj_lines(path, word: str) -> list[list[str]]:
    lines = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [line[1:] for line in lines if line and line[0] == word]


def test_obj_holds_every_vertex_in_order(avatar, tmp_path) -> None:
    write_obj(avatar, tmp_path / "avatar.obj")
    vertices = np.array(obj_lines(tmp_path / "avatar.obj", "v"), float)
    assert np.abs(vertices - avatar.vertices).max() <= 0.6e-6


def test_obj_faces_name_vertex_uv_and_normal(avatar, tmp_path) -> None:
    write_obj(avatar, tmp_path / "avatar.obj")
    corners = np.array([[corner.split("/") for corner in line]
                        for line in obj_lines(tmp_path / "avatar.obj", "f")], int) - 1
    keep = skin_mask(avatar)
    assert np.array_equal(corners[..., 0], avatar.faces[keep])
    assert np.array_equal(corners[..., 1], avatar.uv_faces[keep])
    assert np.array_equal(corners[..., 2], avatar.faces[keep])


def test_obj_shows_its_texture_in_another_reader(textured, tmp_path) -> None:
    write_obj(textured, tmp_path / "avatar.obj")
    mesh = trimesh.load(tmp_path / "avatar.obj", process=False)
    assert np.array_equal(np.array(mesh.visual.material.image.convert("RGB")), textured.texture)
    assert np.array_equal(np.array(Image.open(tmp_path / "avatar_texture.png")), textured.texture)
    # v = 0 is the bottom: the foot of the tube lies in the lower half of the image.
    assert mesh.visual.uv[mesh.vertices[:, 1].argmin(), 1] < 0.5


def test_obj_without_uv_or_texture_stands_alone(avatar, tmp_path) -> None:
    write_obj(replace(avatar, uv=None, uv_faces=None), tmp_path / "avatar.obj")
    assert [file.name for file in tmp_path.iterdir()] == ["avatar.obj"]
    mesh = trimesh.load(tmp_path / "avatar.obj", process=False)
    assert len(mesh.faces) == int(skin_mask(avatar).sum())


def test_ply_comes_back_exactly(avatar, fit, tmp_path) -> None:
    write_ply(avatar, fit.confidence, tmp_path / "avatar.ply")
    mesh = trimesh.load(tmp_path / "avatar.ply", process=False)
    assert np.array_equal(mesh.vertices.astype(np.float32), avatar.vertices)
    assert np.array_equal(mesh.faces, avatar.faces[skin_mask(avatar)])
    raw = mesh.metadata["_ply_raw"]["vertex"]["data"]
    assert np.array_equal(np.ravel(raw["confidence"]), fit.confidence)


def test_ply_normals_point_out_of_the_faces(avatar, fit, tmp_path) -> None:
    write_ply(avatar, fit.confidence, tmp_path / "avatar.ply")
    mesh = trimesh.load(tmp_path / "avatar.ply", process=False)
    raw = mesh.metadata["_ply_raw"]["vertex"]["data"]
    normals = np.stack([np.ravel(raw[name]) for name in ("nx", "ny", "nz")], axis=1)
    corners = normals[mesh.faces].mean(axis=1)
    assert (np.einsum("ij,ij->i", corners, mesh.face_normals) > 0.8).all()
