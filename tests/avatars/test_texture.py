"""The baked texture shows the scan's colours at the right places of the body."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from likeness.avatars.colours import corner_mix, sampled
from likeness.avatars.surface import skin_mask
from likeness.avatars.texture import TextureSettings, bake_texture

SETTINGS = TextureSettings(size=256)
HERE = np.eye(4)


def by_place(points: np.ndarray) -> np.ndarray:
    """A colour that tells where a point is."""
    return np.clip(np.stack((60 + 300 * np.abs(points[:, 0]), 130 * points[:, 1],
                             128 + 200 * points[:, 2]), axis=1), 0, 255).astype(np.uint8)


def colours_on_skin(avatar, texture) -> tuple[np.ndarray, np.ndarray]:
    """Points on the skin, and the texture's colours there."""
    keep = skin_mask(avatar)
    draw = np.random.default_rng(0)
    face = draw.integers(int(keep.sum()), size=4000)
    bary = draw.dirichlet((1, 1, 1), 4000)[:, 1:].astype(np.float32)
    points = corner_mix(avatar.vertices, avatar.faces[keep], face, bary)
    return points, sampled(texture, corner_mix(avatar.uv, avatar.uv_faces[keep], face, bary))


@pytest.mark.parametrize("cloud", [False, True], ids=["mesh", "cloud"])
def test_every_place_gets_the_colour_the_scan_has_there(avatar, make_scan, cloud) -> None:
    scan = make_scan(cloud=cloud)
    scan = replace(scan, colors=by_place(scan.vertices))
    texture = bake_texture(scan, HERE, avatar, SETTINGS)
    points, found = colours_on_skin(avatar, texture)
    error = np.abs(found - by_place(points)).max(axis=1)
    assert np.median(error) < 3
    assert np.percentile(error, 99) < 12


@pytest.mark.parametrize("cloud", [False, True], ids=["mesh", "cloud"])
def test_a_scan_in_another_frame_gives_the_same_texture(avatar, make_scan, cloud) -> None:
    scan = make_scan(cloud=cloud)
    scan = replace(scan, colors=by_place(scan.vertices))
    turn = trimesh.transformations.rotation_matrix(2.0, (1, 2, 3), (0.1, 0.2, 0.3))
    vertices = trimesh.transform_points(scan.vertices, np.linalg.inv(turn)).astype(np.float32)
    turned = replace(scan, vertices=vertices, normals=None)
    here, there = (bake_texture(each, frame, avatar, SETTINGS).astype(int)
                   for each, frame in ((scan, HERE), (turned, turn)))
    assert np.percentile(np.abs(here - there), 99.5) <= 2


def test_a_scans_texture_is_read_the_right_way_up(avatar, make_scan, textured) -> None:
    scan = textured_scan(avatar, make_scan, textured.texture)
    texture = bake_texture(scan, HERE, avatar, SETTINGS)
    # Same UVs, so the same picture, away from where the colours meet.
    for row, column in ((60, 60), (60, 200), (200, 60), (200, 200)):
        assert np.abs(texture[row, column].astype(int)
                      - textured.texture[row // 4, column // 4]).max() <= 1


def textured_scan(avatar, make_scan, texture):
    """The avatar's skin as a scan: its corners apart, so that each has its own UV."""
    keep = skin_mask(avatar)
    vertices = avatar.vertices[avatar.faces[keep].ravel()]
    faces = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    return make_scan(vertices=vertices, faces=faces, uv=avatar.uv[avatar.uv_faces[keep].ravel()],
                     texture=texture)


def test_where_the_scan_is_silent_the_nearest_colour_continues(avatar, make_scan) -> None:
    scan = make_scan()
    scan = replace(scan, colors=np.tile(np.uint8([90, 120, 30]), (len(scan.vertices), 1)))
    # Only the lower half was scanned.
    low = (scan.vertices[scan.faces][..., 1] < 0.8).all(axis=1)
    texture = bake_texture(replace(scan, faces=scan.faces[low]), HERE, avatar, SETTINGS)
    assert (np.abs(texture.astype(int) - (90, 120, 30)) <= 1).all()


def test_a_scan_far_away_or_inside_out_colours_nothing(avatar, make_scan) -> None:
    scan = make_scan()
    scan = replace(scan, colors=by_place(scan.vertices))
    far = np.eye(4)
    far[:3, 3] = 3
    assert bake_texture(scan, far, avatar, SETTINGS) is None
    turned = replace(scan, faces=np.ascontiguousarray(scan.faces[:, ::-1]))
    assert bake_texture(turned, HERE, avatar, SETTINGS) is None


def test_there_is_no_texture_without_colours_or_without_uvs(avatar, make_scan) -> None:
    scan = make_scan()
    assert bake_texture(scan, HERE, avatar, SETTINGS) is None
    coloured = replace(scan, colors=by_place(scan.vertices))
    bare = replace(avatar, uv=None, uv_faces=None)
    assert bake_texture(coloured, HERE, bare, SETTINGS) is None
