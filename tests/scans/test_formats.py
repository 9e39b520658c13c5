"""Every format comes back exactly as it was written: order, coordinates, colours, textures."""

from pathlib import Path

import numpy as np
import pytest
import scan_files
import trimesh
from PIL import Image

from likeness.scans.formats.content import Content
from likeness.scans.formats.files import READERS, load_file, reader_for


def content_of(path: Path) -> Content:
    return reader_for(path)(load_file(path), path)


@pytest.fixture(scope="module")
def cloud() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(4)
    normals = draw.normal(size=(1500, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return (draw.normal(size=(1500, 3)).astype(np.float32),
            draw.integers(0, 256, (1500, 3)).astype(np.uint8), normals.astype(np.float32))


@pytest.mark.parametrize("order", ["", "<", ">"])
def test_ply_mesh(person, tmp_path: Path, order: str) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    content = content_of(scan_files.ply(tmp_path / "a.ply", vertices, faces, order))
    np.testing.assert_array_equal(content.vertices, vertices)
    np.testing.assert_array_equal(content.faces, faces)


@pytest.mark.parametrize("order", ["", "<", ">"])
def test_ply_cloud_keeps_colours_and_normals(cloud, tmp_path: Path, order: str) -> None:
    points, colors, normals = cloud
    path = scan_files.ply(tmp_path / "a.ply", points, (), order, colors, normals)
    content = content_of(path)
    np.testing.assert_array_equal(content.vertices, points)
    np.testing.assert_array_equal(content.colors, colors)
    np.testing.assert_array_equal(content.normals, normals)
    assert content.faces.shape == (0, 3)


def test_ply_keeps_double_precision(cloud, tmp_path: Path) -> None:
    far = cloud[0].astype(np.float64) + 1e7
    content = content_of(scan_files.ply(tmp_path / "a.ply", far, kind="f8"))
    np.testing.assert_array_equal(content.vertices, far)


@pytest.mark.parametrize("order", ["", "<", ">"])
def test_ply_polygons_become_fans(cloud, tmp_path: Path, order: str) -> None:
    polygons = [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9, 10, 11], [1, 2, 3]]
    content = content_of(scan_files.ply(tmp_path / "a.ply", cloud[0], polygons, order))
    expected = [(0, 1, 2), (3, 4, 5), (3, 5, 6), (7, 8, 9), (7, 9, 10), (7, 10, 11), (1, 2, 3)]
    assert [tuple(face) for face in content.faces.tolist()] == expected


def test_obj_mesh(person, tmp_path: Path) -> None:
    content = content_of(scan_files.obj(tmp_path / "a.obj", *person))
    np.testing.assert_array_equal(content.vertices, person[0])
    np.testing.assert_array_equal(content.faces, person[1])


def test_obj_styles_of_indices_mean_the_same(tmp_path: Path) -> None:
    places = "".join(f"v {x} {y} 0\n" for x in range(3) for y in range(2))
    extra = "vt 0 0\nvt 1 0\nvt 0 1\nvn 0 0 1\n"
    for text in ("f 1 2 3 4\n", "f 1/1 2/2 3/3 4/1\n", "f 1//1 2//1 3//1 4//1\n",
                 "f 1/1/1 2/2/1 3/3/1 4/1/1\n", "f -6 -5 -4 -3\n", "f 1/1 2//1 3 4/2/1\n",
                 "f\t1 2 \\\n 3 4\n", "  f 1 2 3 4  # a comment\n"):
        path = tmp_path / "a.obj"
        path.write_text(places + extra + text)
        assert content_of(path).faces.tolist() == [[0, 1, 2], [0, 2, 3]], text


def test_obj_vertex_colours(cloud, tmp_path: Path) -> None:
    lines = [f"v {x!r} {y!r} {z!r} {r / 255} {g / 255} {b / 255}" for (x, y, z), (r, g, b)
             in zip(cloud[0].tolist(), cloud[1].tolist(), strict=True)]
    path = tmp_path / "a.obj"
    path.write_text("\n".join(lines))
    content = content_of(path)
    np.testing.assert_array_equal(content.vertices, cloud[0])
    np.testing.assert_array_equal(content.colors, cloud[1])


def test_obj_with_several_textures_shows_each_where_it_belongs(tmp_path: Path) -> None:
    for name, color in (("red.png", (200, 0, 0)), ("blue.png", (0, 0, 200))):
        Image.new("RGB", (8, 4), color).save(tmp_path / name)
    (tmp_path / "a.mtl").write_text("newmtl r\nmap_Kd red.png\nnewmtl b\nmap_Kd blue.png\n"
                                    "newmtl g\nKd 0 1 0\n")
    (tmp_path / "a.obj").write_text(
        "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
        "usemtl r\nf 1/1 2/2 3/3\nusemtl b\nf 2/1 4/2 3/3\nusemtl g\nf 1/1 4/2 2/3\n")
    content = content_of(tmp_path / "a.obj")
    assert content.uv is not None
    assert content.texture is not None
    corners = [[(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(1, 0, 0), (1, 1, 0), (0, 1, 0)],
               [(0, 0, 0), (1, 1, 0), (1, 0, 0)]]
    np.testing.assert_array_equal(content.vertices[content.faces], corners)
    height, width = content.texture.shape[:2]
    for face, color in zip(content.faces, ((200, 0, 0), (0, 0, 200), (0, 255, 0)), strict=True):
        for u, v in (content.uv[face], content.uv[face].mean(axis=0, keepdims=True))[0]:
            texel = content.texture[min(int((1 - v) * height), height - 1), int(u * width)]
            assert tuple(texel) == color


def test_obj_texture_outside_its_folder_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    Image.new("RGB", (4, 4), (9, 9, 9)).save(tmp_path / "secret.png")
    (folder / "a.mtl").write_text("newmtl m\nmap_Kd ../secret.png\n")
    (folder / "a.obj").write_text("mtllib a.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\n"
                                  "f 1/1 2/1 3/1\n")
    content = content_of(folder / "a.obj")
    assert content.texture is None
    assert "secret.png" in content.notes[0]


@pytest.mark.parametrize("write", [scan_files.stl, scan_files.stl_text])
def test_stl_joins_corners_at_the_same_place(person, tmp_path: Path, write) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    content = content_of(write(tmp_path / "a.stl", vertices, faces))
    np.testing.assert_array_equal(content.vertices[content.faces], vertices[faces])
    assert len(content.vertices) == len(np.unique(vertices[np.unique(faces)], axis=0))


def test_off_mesh(person, tmp_path: Path) -> None:
    content = content_of(scan_files.off(tmp_path / "a.off", *person))
    np.testing.assert_array_equal(content.vertices, person[0])
    np.testing.assert_array_equal(content.faces, person[1])


@pytest.mark.parametrize("suffix", ["glb", "gltf"])
def test_gltf_with_texture_and_a_moved_node(person, tmp_path: Path, suffix: str) -> None:
    vertices, faces = person[0].astype(np.float32), person[1]
    uv = np.random.default_rng(1).random((len(vertices), 2))
    picture = np.random.default_rng(2).integers(0, 256, (16, 8, 3)).astype(np.uint8)
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(picture))
    mesh = trimesh.Trimesh(vertices, faces, process=False,
                           visual=trimesh.visual.TextureVisuals(uv=uv, material=material))
    scene = trimesh.Scene()
    moved = np.eye(4)
    moved[:3, 3] = (1, 2, 3)
    scene.add_geometry(mesh, transform=moved)
    path = tmp_path / f"a.{suffix}"
    if suffix == "glb":
        path.write_bytes(scene.export(file_type="glb"))
    else:
        for name, data in scene.export(file_type="gltf").items():
            (tmp_path / name.replace("model", "a")).write_bytes(data)
    content = content_of(path)
    np.testing.assert_allclose(content.vertices, vertices.astype(np.float64) + moved[:3, 3])
    np.testing.assert_array_equal(content.faces, faces)
    np.testing.assert_allclose(content.uv, uv, atol=1e-6)
    np.testing.assert_array_equal(content.texture, picture)


@pytest.mark.parametrize("encoding", ["ascii", "binary", "binary_compressed"])
def test_pcd(cloud, tmp_path: Path, encoding: str) -> None:
    points = np.round(cloud[0], 1)  # repeats, so that compression has something to copy
    content = content_of(scan_files.pcd(tmp_path / "a.pcd", points, encoding, cloud[1]))
    np.testing.assert_array_equal(content.vertices, points)
    np.testing.assert_array_equal(content.colors, cloud[1])


@pytest.mark.parametrize(("separator", "head"), [(" ", ""), (",", "x,y,z\n"), (";", "# made\n"),
                                                 ("\t", "1500\n"), (", ", "")])
def test_xyz_separators_and_headers(cloud, tmp_path: Path, separator: str, head: str) -> None:
    rows = [separator.join(repr(value) for value in row) for row in cloud[0].tolist()]
    (tmp_path / "a.xyz").write_text(head + "\n".join(rows) + "\n")
    np.testing.assert_array_equal(content_of(tmp_path / "a.xyz").vertices, cloud[0])


def test_xyz_decimal_commas(cloud, tmp_path: Path) -> None:
    rows = [";".join(repr(value).replace(".", ",") for value in row) for row in cloud[0].tolist()
            if "e" not in repr(row)]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    expected = [row for row in cloud[0].tolist() if "e" not in repr(row)]
    np.testing.assert_array_equal(content_of(tmp_path / "a.csv").vertices, expected)


@pytest.mark.parametrize("turned", [False, True])
def test_xyz_tells_normals_from_colours(cloud, tmp_path: Path, turned: bool) -> None:
    points, colors, normals = cloud
    extras = (normals, colors) if turned else (colors, normals)
    table = np.hstack((points, *extras)).tolist()
    (tmp_path / "a.xyz").write_text("\n".join(" ".join(map(repr, row)) for row in table))
    content = content_of(tmp_path / "a.xyz")
    np.testing.assert_array_equal(content.colors, colors)
    np.testing.assert_array_equal(content.normals, normals)


def test_every_format_is_tested_here() -> None:
    tested = {".ply", ".obj", ".stl", ".off", ".glb", ".gltf", ".pcd", ".xyz", ".csv"}
    assert set(READERS) - tested == {".txt", ".pts"}  # the same reader as .xyz
    assert READERS[".txt"] is READERS[".pts"] is READERS[".xyz"]
