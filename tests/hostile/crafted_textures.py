"""Crafted files: OBJ, its materials and their pictures."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
from tests.hostile.crafting import CRAFTED, EITHER, Builder, case, many, written
from tests.hostile.outcomes import REFUSED, SCAN
from tests.hostile.shapes import honest

# OBJ and its materials


many(REFUSED, lambda folder, text: written(
    folder, "a.obj", honest(folder, "plain.obj").read_bytes() + text.encode()), {
    "OBJ with a face of vertex zero": "f 0 1 2\n",
    "OBJ with a vertex beyond the last": "f 1 2 99999999\n",
    "OBJ with a vertex before the first": "f 1 2 -99999999\n",
})
many(EITHER, lambda folder, text: written(
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
    written(folder, "secret.png", _png(8, 8))
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


