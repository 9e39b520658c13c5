"""Files that somebody made to be trouble: one builder each, and how reading it must end.

A builder gets a folder of its own and returns the path to open.
"""

import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.hostile.outcomes import REFUSED, SCAN
from tests.hostile.shapes import FORMATS, ball, honest
from tests.scans import scan_files

EITHER = "either"
Builder = Callable[[Path], Path]

CRAFTED: dict[str, tuple[str, Builder]] = {}


def case(expected: str, name: str = "") -> Callable[[Builder], Builder]:
    """Put a builder into the table."""

    def put(builder: Builder) -> Builder:
        CRAFTED[name or builder.__name__.strip("_").replace("_", " ")] = (expected, builder)
        return builder

    return put


def many(expected: str, make: Callable[[Path, str], Path], named: dict[str, str]) -> None:
    """One builder for several texts, each a case."""
    for name, text in named.items():
        CRAFTED[name] = (expected, lambda folder, text=text: make(folder, text))


def _written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)
    return path


def _changed(folder: Path, name: str, old: bytes, new: bytes) -> Path:
    path = honest(folder, name)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    return path


# Every honest file must be read, or the rest says nothing.
for _name in FORMATS:
    CRAFTED[f"honest {_name}"] = (SCAN, lambda folder, name=_name: honest(folder, name))


# Things that are no file of their own


@case(REFUSED)
def _a_folder(folder: Path) -> Path:
    (folder / "a.ply").mkdir()
    return folder / "a.ply"


@case(REFUSED)
def _an_empty_file(folder: Path) -> Path:
    return _written(folder, "a.obj", b"")


@case(REFUSED)
def _a_link_to_itself(folder: Path) -> Path:
    os.symlink("a.ply", folder / "a.ply")
    return folder / "a.ply"


@case(REFUSED)
def _a_link_to_nowhere(folder: Path) -> Path:
    os.symlink("absent.ply", folder / "a.ply")
    return folder / "a.ply"


@case(REFUSED)
def _a_link_to_endless_zeros(folder: Path) -> Path:
    os.symlink("/dev/zero", folder / "a.ply")
    return folder / "a.ply"


@case(REFUSED)
def _a_pipe_that_nobody_writes_to(folder: Path) -> Path:
    os.mkfifo(folder / "a.stl")
    return folder / "a.stl"


@case(SCAN)
def _a_link_to_a_scan(folder: Path) -> Path:
    os.symlink(honest(folder, "little.ply").name, folder / "link.ply")
    return folder / "link.ply"


@case(REFUSED)
def _a_name_that_is_too_long(folder: Path) -> Path:
    return folder / ("n" * 5000 + ".ply")


@case(REFUSED)
def _a_name_with_a_null(folder: Path) -> Path:
    return folder / "a\0.ply"


@case(SCAN)
def _a_name_in_other_letters(folder: Path) -> Path:
    return honest(folder, "little.ply").rename(folder / "Ünïcode 扫描 😀.ply")


@case(SCAN)
def _a_name_of_bytes_that_are_no_text(folder: Path) -> Path:
    return honest(folder, "textured.obj").rename(folder / "caf\udce9.obj")


@case(SCAN)
def _a_name_with_a_line_break(folder: Path) -> Path:
    return honest(folder, "plain.off").rename(folder / "two\nlines.off")


@case(REFUSED)
def _a_file_nobody_may_read(folder: Path) -> Path:
    path = honest(folder, "little.ply")
    if os.geteuid() == 0:  # root may read everything
        path.unlink()
    else:
        path.chmod(0)
    return path


# PLY


many(REFUSED, lambda folder, text: _changed(
    folder, "little.ply", b"element vertex 1936", text.encode()), {
    "PLY with more vertices than bytes": "element vertex 99999999999",
    "PLY with vertices beyond any integer": "element vertex " + "9" * 60,
    "PLY with a negative count": "element vertex -5",
    "PLY with a count of five thousand digits": "element vertex " + "9" * 5000,
    "PLY with a digit that is no number": "element vertex 1\u00b236",
    "PLY with a count that is no number": "element vertex many",
    "PLY without a count": "element vertex",
})
many(REFUSED, lambda folder, text: _changed(
    folder, "little.ply", b"property list uchar int vertex_indices", text.encode()), {
    "PLY with a list of an unknown kind": "property list uchar quaternion vertex_indices",
    "PLY whose list counts are floats": "property list float int vertex_indices",
    "PLY whose list counts are huge": "property list uint int vertex_indices",
})
CRAFTED["PLY whose faces have no list"] = (EITHER, lambda folder: _changed(
    folder, "little.ply", b"property list uchar int vertex_indices",
    b"property int vertex_indices"))
many(REFUSED, lambda folder, text: _changed(
    folder, "little.ply", b"property float x", text.encode()), {
    "PLY without x": "property float a",
    "PLY with x twice": "property float y",
    "PLY with an unknown number": "property complex x",
})


@case(REFUSED)
def _PLY_whose_header_never_ends(folder: Path) -> Path:
    return _written(folder, "a.ply", b"ply\nformat ascii 1.0\n" + b"comment x\n" * 400_000)


@case(REFUSED)
def _PLY_with_a_hundred_thousand_properties(folder: Path) -> Path:
    rows = "".join(f"property float p{k}\n" for k in range(100_000))
    return _written(folder, "a.ply", "ply\nformat binary_little_endian 1.0\nelement vertex 2000\n"
                    f"property float x\nproperty float y\nproperty float z\n{rows}end_header\n")


@case(REFUSED)
def _PLY_with_a_face_of_four_billion_corners(folder: Path) -> Path:
    path = _changed(folder, "little.ply", b"property list uchar int",
                    b"property list uint  int")
    with path.open("r+b") as file:
        at = path.read_bytes().index(b"end_header\n") + 11 + 12 * 1936
        file.seek(at)
        file.write(b"\xff" * 8)
    return path


def _ply_of(folder: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    return scan_files.ply(folder / "a.ply", vertices, faces)


def _with(value: float, rows: slice) -> Builder:
    def build(folder: Path) -> Path:
        vertices, faces = ball()
        vertices = vertices.copy()
        vertices[rows] = value
        return _ply_of(folder, vertices, faces)

    return build


CRAFTED |= {
    "a few points that are no numbers": (SCAN, _with(np.nan, slice(0, 40))),
    "nothing but no numbers": (REFUSED, _with(np.nan, slice(None))),
    "a few points at infinity": (SCAN, _with(np.inf, slice(0, 40))),
    "a point at 1e38": (REFUSED, _with(1e38, slice(700, 701))),
    "all points in one place": (REFUSED, _with(0.25, slice(None))),
    "all points at 1e-38": (EITHER, lambda folder: _ply_of(folder, ball()[0] * 1e-38, ball()[1])),
    "a person of a thousandth of a millimetre": (
        EITHER, lambda folder: _ply_of(folder, ball()[0] * 1e-6, ball()[1])),
    "a person on the moon": (
        EITHER, lambda folder: scan_files.ply(folder / "a.ply", ball()[0] + 3.8e8, ball()[1],
                                              kind="f8")),
    "all points in a plane": (
        EITHER, lambda folder: _ply_of(folder, ball()[0] * (1, 1, 0), ball()[1])),
}


def _with_face(corner: int) -> Builder:
    def build(folder: Path) -> Path:
        vertices, faces = ball()
        faces = faces.copy()
        faces[5, 1] = corner
        return _ply_of(folder, vertices, faces)

    return build


CRAFTED |= {
    "a face of a vertex that is not there": (REFUSED, _with_face(1936)),
    "a face of a negative vertex": (REFUSED, _with_face(-1)),
    "a face of the smallest integer": (REFUSED, _with_face(-2**31)),
    "the same face a thousand times": (SCAN, lambda folder: _ply_of(
        folder, ball()[0], np.concatenate((ball()[1], np.repeat(ball()[1][:1], 1000, axis=0))))),
    "faces of one vertex": (EITHER, lambda folder: _ply_of(
        folder, ball()[0], np.zeros((2000, 3), np.int64))),
}


# OBJ and its materials


many(REFUSED, lambda folder, text: _written(
    folder, "a.obj", honest(folder, "plain.obj").read_bytes() + text.encode()), {
    "OBJ with a face of vertex zero": "f 0 1 2\n",
    "OBJ with a vertex beyond the last": "f 1 2 99999999\n",
    "OBJ with a vertex before the first": "f 1 2 -99999999\n",
})
many(EITHER, lambda folder, text: _written(
    folder, "a.obj", honest(folder, "plain.obj").read_bytes() + text.encode()), {
    "OBJ with a corner of slashes": "f 1//// 2/ 3\n",
    "OBJ with a face beyond any integer": f"f 1 2 {'9' * 40}\n",
    "OBJ with a vertex of one number": "v 1\n",
    "OBJ with a vertex of words": "v one two three\n",
    "OBJ with a polygon of a hundred thousand corners": "f " + "1 2 3 " * 33_000 + "\n",
    "OBJ with a line of ten megabytes": "#" * 10_000_000 + "\n",
    "OBJ with ten megabytes of spaces": " " * 10_000_000 + "\n",
    "OBJ with ten megabytes of joined lines": "\\\n" * 5_000_000,
    "OBJ with a million line breaks": "\r\n" * 1_000_000,
    "OBJ with curves": "cstype bspline\ndeg 3\ncurv 0 1 1 2 3 4\nend\n",
    "OBJ with a null inside": "v 0 0 \0 0\n",
})


def _library(text: str) -> Builder:
    def build(folder: Path) -> Path:
        inner = folder / "scan"
        inner.mkdir()
        honest(folder, "textured.obj")  # outside, where nothing may be taken from
        path = honest(inner, "textured.obj")
        path.with_suffix(".mtl").write_text(text)
        return path

    return build


CRAFTED |= {
    "a material that leaves the folder": (SCAN, _library("newmtl skin\nmap_Kd ../textured.png\n")),
    "a material of an absolute path": (SCAN, _library("newmtl skin\nmap_Kd /etc/passwd\n")),
    "a material of an address": (SCAN, _library("newmtl skin\nmap_Kd http://example.com/a.png\n")),
    "a material whose picture is a folder": (SCAN, _library("newmtl skin\nmap_Kd .\n")),
    "a material of itself": (SCAN, _library("newmtl skin\nmap_Kd textured.mtl\n")),
    "a material of no colour": (SCAN, _library("newmtl skin\nKd nan inf -1\n")),
    "a library of ten megabytes": (SCAN, _library("newmtl skin\n" * 800_000)),
}


@case(SCAN)
def _a_picture_that_is_a_pipe(folder: Path) -> Path:
    path = honest(folder, "textured.obj")
    path.with_suffix(".png").unlink()
    os.mkfifo(path.with_suffix(".png"))
    return path


@case(SCAN)
def _a_picture_that_is_a_link_out_of_the_folder(folder: Path) -> Path:
    (folder / "in").mkdir()
    path = honest(folder / "in", "textured.obj")
    path.with_suffix(".png").unlink()
    _written(folder, "secret.png", _png(8, 8))
    os.symlink("../secret.png", path.with_suffix(".png"))
    return path


def _png(width: int, height: int, rows: int | None = None) -> bytes:
    """A black grey-scale PNG; with fewer `rows` than it declares where told so."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    packer = zlib.compressobj(9)
    line = bytes(width + 1)
    packed = b"".join(packer.compress(line) for _ in range(height if rows is None else rows))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0,
                                                              0, 0))
            + chunk(b"IDAT", packed + packer.flush()) + chunk(b"IEND", b""))


def _pictured(data: bytes) -> Builder:
    def build(folder: Path) -> Path:
        path = honest(folder, "textured.obj")
        path.with_suffix(".png").write_bytes(data)
        return path

    return build


CRAFTED |= {
    "a picture of four billion pixels": (SCAN, _pictured(_png(65_535, 65_535, 1))),
    "a picture that unpacks to 144 million pixels": (SCAN, _pictured(_png(12_000, 12_000))),
    "a picture cut short": (SCAN, _pictured(_png(800, 800)[:150])),
    "a picture of no size": (SCAN, _pictured(_png(0, 0))),
    "a picture of noise": (SCAN, _pictured(np.random.default_rng(1).bytes(5000))),
}


# STL, OFF, PCD and tables


@case(REFUSED)
def _STL_with_four_billion_triangles(folder: Path) -> Path:
    return _written(folder, "a.stl", bytes(80) + b"\xff\xff\xff\xff" + bytes(500))


@case(REFUSED)
def _STL_of_no_triangles(folder: Path) -> Path:
    return _written(folder, "a.stl", bytes(84))


@case(EITHER)
def _STL_that_says_solid_and_is_binary(folder: Path) -> Path:
    path = honest(folder, "binary.stl")
    return _written(folder, "a.stl", b"solid".ljust(80) + path.read_bytes()[80:])


many(REFUSED, lambda folder, text: _written(folder, "a.off", text), {
    "OFF with more faces than bytes": "OFF\n3 99999999999 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n",
    "OFF with a negative count": "OFF\n-3 1 0\n",
    "OFF with a count of five thousand digits": f"OFF\n{'9' * 5000} 1 0\n",
    "OFF without counts": "OFF\n",
    "OFF in four dimensions": "4OFF\n3 1 0\n0 0 0 0\n",
})
many(REFUSED, lambda folder, text: _written(
    folder, "a.pcd", "VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\n" + text), {
    "PCD with more points than bytes": "WIDTH 1\nHEIGHT 1\nPOINTS 99999999999\nDATA binary\n",
    "PCD of a width and height beyond memory": "WIDTH 9999999\nHEIGHT 9999999\nDATA binary\n",
    "PCD of negative points": "WIDTH 1\nHEIGHT 1\nPOINTS -1\nDATA binary\n",
    "PCD of an unknown encoding": "WIDTH 1\nHEIGHT 1\nPOINTS 1\nDATA rot13\n",
    "PCD without data": "WIDTH 1\nHEIGHT 1\nPOINTS 1\n",
})


@case(REFUSED)
def _PCD_that_unpacks_to_gigabytes(folder: Path) -> Path:
    points = 400_000_000
    head = (f"VERSION .7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH {points}\n"
            f"HEIGHT 1\nPOINTS {points}\nDATA binary_compressed\n").encode()
    packed = b"\x00\x00" + b"\xe0\xff\x00" * 20_000  # copies of 264 bytes each
    return _written(folder, "a.pcd", head + struct.pack("<II", len(packed), 12 * points % 2**32)
                    + packed)


many(REFUSED, lambda folder, text: _written(folder, "a.xyz", text), {
    "a table of one column": "1.0\n" * 3000,
    "a table of ten megabytes without a break": "1" * 10_000_000,
    "a table of words": "alpha beta gamma\n" * 3000,
    "a table of commas only": "," * 100_000,
})
many(EITHER, lambda folder, text: _written(folder, "a.csv", text), {
    "a table with decimal commas": "x;y;z\n" + "".join(
        f"{x:.4f};{y:.4f};{z:.4f}\n".replace(".", ",") for x, y, z in ball()[0]),
    "a table of ever longer rows": "\n".join("1 " * k for k in range(1, 1500)),
    "a table of a hundred thousand columns": ("1 " * 100_000 + "\n") * 3,
})


# glTF


def _gltf_with(change: Callable[[dict], object]) -> Builder:
    def build(folder: Path) -> Path:
        path = honest(folder, "plain.gltf")
        tree = json.loads(path.read_text())
        change(tree)
        path.write_text(json.dumps(tree))
        return path

    return build


def _nodes_in_a_circle(tree: dict) -> None:
    tree["nodes"] = [{"children": [1], "mesh": 0}, {"children": [0]}]
    tree["scenes"] = [{"nodes": [0]}]
    tree["scene"] = 0


def _deep_nodes(tree: dict) -> None:
    tree["nodes"] = [*({"children": [k + 1]} for k in range(5000)), {"mesh": 0}]
    tree["scenes"], tree["scene"] = [{"nodes": [0]}], 0


def _many_instances(tree: dict) -> None:
    tree["nodes"] = [{"mesh": 0} for _ in range(30_000)]
    tree["scenes"], tree["scene"] = [{"nodes": list(range(30_000))}], 0


def _set(*keys: str | int, value: object) -> Callable[[dict], None]:
    def change(tree: dict) -> None:
        inner: object = tree
        for key in keys[:-1]:
            inner = inner[key]  # type: ignore[index]
        inner[keys[-1]] = value  # type: ignore[index]

    return change


for _name, (_expected, _change) in {
    "glTF whose nodes go in a circle": (EITHER, _nodes_in_a_circle),
    "glTF of nodes five thousand deep": (EITHER, _deep_nodes),
    "glTF with thirty thousand of the same": (REFUSED, _many_instances),
    "glTF whose buffer leaves the folder": (
        REFUSED, _set("buffers", 0, "uri", value="../../../etc/passwd")),
    "glTF whose buffer is an address": (
        REFUSED, _set("buffers", 0, "uri", value="http://example.com/a.bin")),
    "glTF whose buffer is a device": (REFUSED, _set("buffers", 0, "uri", value="/dev/zero")),
    "glTF whose buffer is itself": (REFUSED, _set("buffers", 0, "uri", value="plain.gltf")),
    "glTF with more values than bytes": (
        REFUSED, _set("accessors", 0, "count", value=4_000_000_000)),
    "glTF with a negative count": (REFUSED, _set("accessors", 0, "count", value=-1)),
    "glTF with a count in words": (REFUSED, _set("accessors", 0, "count", value="many")),
    "glTF with numbers of an unknown kind": (
        REFUSED, _set("accessors", 0, "componentType", value=9999)),
    "glTF with a view beyond its buffer": (
        REFUSED, _set("bufferViews", 0, "byteOffset", value=10**12)),
    "glTF with a stride of nothing": (EITHER, _set("bufferViews", 0, "byteStride", value=0)),
    "glTF without meshes": (REFUSED, _set("meshes", value=[])),
    "glTF whose meshes are a number": (REFUSED, _set("meshes", value=7)),
    "glTF with a matrix of no numbers": (
        EITHER, _set("nodes", 0, "matrix", value=[float("nan")] * 16)),
    "glTF with a matrix of zeros": (REFUSED, _set("nodes", 0, "matrix", value=[0.0] * 16)),
}.items():
    CRAFTED[_name] = (_expected, _gltf_with(_change))

many(REFUSED, lambda folder, text: _written(folder, "a.gltf", text), {
    "glTF of brackets fifty thousand deep": "[" * 50_000,
    "glTF that is a list": "[]",
    "glTF that is a number of a million digits": "9" * 1_000_000,
    "glTF with a name twice": '{"asset": {"version": "2.0"}, "asset": 3, "meshes": []}',
})


@case(REFUSED)
def _GLB_that_claims_four_gigabytes(folder: Path) -> Path:
    return _written(folder, "a.glb", b"glTF" + struct.pack("<II", 2, 2**32 - 1)
                    + struct.pack("<I", 2**32 - 8) + b"JSON" + b"{}")


@case(REFUSED)
def _GLB_of_another_version(folder: Path) -> Path:
    data = honest(folder, "plain.glb").read_bytes()
    return _written(folder, "a.glb", data[:4] + struct.pack("<I", 77) + data[8:])
