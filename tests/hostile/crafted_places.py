"""Crafted files: what is no file of its own, PLY, and numbers that break things."""

import os
from pathlib import Path

import numpy as np
from tests.hostile.crafting import CRAFTED, EITHER, Builder, case, changed, many, written
from tests.hostile.outcomes import REFUSED, SCAN
from tests.hostile.shapes import FORMATS, ball, honest
from tests.scans import scan_files

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
    return written(folder, "a.obj", b"")


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


many(REFUSED, lambda folder, text: changed(
    folder, "little.ply", b"element vertex 1936", text.encode()), {
    "PLY with more vertices than bytes": "element vertex 99999999999",
    "PLY with vertices beyond any integer": "element vertex " + "9" * 60,
    "PLY with a negative count": "element vertex -5",
    "PLY with a count of five thousand digits": "element vertex " + "9" * 5000,
    "PLY with a digit that is no number": "element vertex 1\u00b236",
    "PLY with a count that is no number": "element vertex many",
    "PLY without a count": "element vertex",
})
many(REFUSED, lambda folder, text: changed(
    folder, "little.ply", b"property list uchar int vertex_indices", text.encode()), {
    "PLY with a list of an unknown kind": "property list uchar quaternion vertex_indices",
    "PLY whose list counts are floats": "property list float int vertex_indices",
    "PLY whose list counts are huge": "property list uint int vertex_indices",
})
CRAFTED["PLY whose faces have no list"] = (EITHER, lambda folder: changed(
    folder, "little.ply", b"property list uchar int vertex_indices",
    b"property int vertex_indices"))
many(REFUSED, lambda folder, text: changed(
    folder, "little.ply", b"property float x", text.encode()), {
    "PLY without x": "property float a",
    "PLY with x twice": "property float y",
    "PLY with an unknown number": "property complex x",
})


@case(REFUSED)
def _PLY_whose_header_never_ends(folder: Path) -> Path:
    return written(folder, "a.ply", b"ply\nformat ascii 1.0\n" + b"comment x\n" * 400_000)


@case(REFUSED)
def _PLY_with_a_hundred_thousand_properties(folder: Path) -> Path:
    rows = "".join(f"property float p{k}\n" for k in range(100_000))
    return written(folder, "a.ply", "ply\nformat binary_little_endian 1.0\nelement vertex 2000\n"
                    f"property float x\nproperty float y\nproperty float z\n{rows}end_header\n")


@case(REFUSED)
def _PLY_with_a_face_of_four_billion_corners(folder: Path) -> Path:
    path = changed(folder, "little.ply", b"property list uchar int",
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


