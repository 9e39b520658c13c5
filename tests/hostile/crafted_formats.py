"""Crafted files: STL, OFF, PCD, tables and glTF."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

from tests.hostile.crafting import CRAFTED, EITHER, Builder, case, many, written
from tests.hostile.outcomes import REFUSED
from tests.hostile.shapes import ball, honest

# STL, OFF, PCD and tables


@case(REFUSED)
def _STL_with_four_billion_triangles(folder: Path) -> Path:
    return written(folder, "a.stl", bytes(80) + b"\xff\xff\xff\xff" + bytes(500))


@case(REFUSED)
def _STL_of_no_triangles(folder: Path) -> Path:
    return written(folder, "a.stl", bytes(84))


@case(EITHER)
def _STL_that_says_solid_and_is_binary(folder: Path) -> Path:
    path = honest(folder, "binary.stl")
    return written(folder, "a.stl", b"solid".ljust(80) + path.read_bytes()[80:])


many(REFUSED, lambda folder, text: written(folder, "a.off", text), {
    "OFF with more faces than bytes": "OFF\n3 99999999999 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n",
    "OFF with a negative count": "OFF\n-3 1 0\n",
    "OFF with a count of five thousand digits": f"OFF\n{'9' * 5000} 1 0\n",
    "OFF without counts": "OFF\n",
    "OFF in four dimensions": "4OFF\n3 1 0\n0 0 0 0\n",
})
many(REFUSED, lambda folder, text: written(
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
    return written(folder, "a.pcd", head + struct.pack("<II", len(packed), 12 * points % 2**32)
                    + packed)


many(REFUSED, lambda folder, text: written(folder, "a.xyz", text), {
    "a table of one column": "1.0\n" * 3000,
    "a table of ten megabytes without a break": "1" * 10_000_000,
    "a table of words": "alpha beta gamma\n" * 3000,
    "a table of commas only": "," * 100_000,
})
many(EITHER, lambda folder, text: written(folder, "a.csv", text), {
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

many(REFUSED, lambda folder, text: written(folder, "a.gltf", text), {
    "glTF of brackets fifty thousand deep": "[" * 50_000,
    "glTF that is a list": "[]",
    "glTF that is a number of a million digits": "9" * 1_000_000,
    "glTF with a name twice": '{"asset": {"version": "2.0"}, "asset": 3, "meshes": []}',
})


@case(REFUSED)
def _GLB_that_claims_four_gigabytes(folder: Path) -> Path:
    return written(folder, "a.glb", b"glTF" + struct.pack("<II", 2, 2**32 - 1)
                    + struct.pack("<I", 2**32 - 8) + b"JSON" + b"{}")


@case(REFUSED)
def _GLB_of_another_version(folder: Path) -> Path:
    data = honest(folder, "plain.glb").read_bytes()
    return written(folder, "a.glb", data[:4] + struct.pack("<I", 77) + data[8:])
