"""Reads OBJ: positions, colours and textures; polygons of any size, indices of any style.

Our own rather than trimesh's, which reorders vertices where there are textures and takes longer.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from likeness.core.errors import UserError
from likeness.scans.formats.colours import as_colors
from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.materials import read_materials
from likeness.scans.formats.numerals import floats, integers
from likeness.scans.formats.pictures import Folder, joined
from likeness.scans.formats.triangles import fan_corners, fan_owners, split_corners


@dataclass(frozen=True, eq=False)
class _Lines:
    """The lines of one keyword, without it, and their places in the file."""

    texts: list[bytes]
    places: list[int]


@dataclass(frozen=True, eq=False)
class _Corners:
    """Triangles over positions and over texture coordinates (-1: none), and each one's polygon."""

    faces: Int64[np.ndarray, "F 3"]
    uv_faces: Int64[np.ndarray, "F 3"]
    polygon: Int64[np.ndarray, " F"]


def read_obj(data: bytes, path: Path) -> Content:
    """Vertices in the order of the file; split only where texture coordinates require it."""
    lines = _lines(data)
    vertices, colors = _vertices(_keyword(lines, b"v"))
    uv = _table(_keyword(lines, b"vt"), 2)
    polygons = _keyword(lines, b"f")
    if not polygons.texts:
        return Content(vertices, no_faces(), None, colors)
    corners = _corners(polygons, lines, len(vertices), len(uv))
    plain = Content(vertices, corners.faces.astype(np.int32), None, colors)
    if not len(uv) or (corners.uv_faces < 0).all():
        return plain
    return _textured(plain, corners, uv, lines, polygons, path)


def _lines(data: bytes) -> list[bytes]:
    if b"\0" in data[:4096]:
        raise UserError("This is not a text file, though its name says it is an OBJ.",
                        "Name it after its true format, or export it again.")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\\n" in data:
        data = data.replace(b"\\\n", b" ")
    if b"\t" in data:
        data = data.replace(b"\t", b" ")
    lines = data.split(b"\n")
    if b"\n " in data:
        lines = [line.lstrip() for line in lines]
    return lines


def _keyword(lines: list[bytes], keyword: bytes) -> _Lines:
    start = keyword + b" "
    places = [k for k, line in enumerate(lines) if line.startswith(start)]
    texts = [lines[k][len(start):] for k in places]
    if any(b"#" in text for text in texts[:1000]):
        texts = [text.split(b"#", 1)[0] for text in texts]
    return _Lines(texts, places)


def _table(lines: _Lines, least: int) -> Float64[np.ndarray, "n c"]:
    """The numbers of each line; columns beyond those that all lines have are left out."""
    if not lines.texts:
        return np.zeros((0, least))
    sizes = _word_counts(lines.texts)
    if sizes.min() < least:
        raise damaged("a line has too few numbers")
    values = floats(b" ".join(lines.texts))
    if len(values) != sizes.sum():
        raise damaged("a line has something other than numbers")
    width = int(sizes.min())
    if (sizes == width).all():
        return values.reshape(-1, width)
    starts = np.cumsum(sizes) - sizes
    return values[starts[:, None] + np.arange(width)]


def _word_counts(texts: list[bytes]) -> Int64[np.ndarray, " n"]:
    """How many words each line has."""
    sizes = np.fromiter((text.count(b" ") for text in texts), np.int64, len(texts)) + 1
    # Counting blanks is several times faster than splitting, and right but for spare blanks.
    if sizes.min() < 2 or any(b"  " in text or text != text.strip() for text in texts):
        sizes = np.fromiter((len(text.split()) for text in texts), np.int64, len(texts))
    return sizes


def _vertices(lines: _Lines) -> tuple[Float64[np.ndarray, "n 3"], UInt8[np.ndarray, "n 3"] | None]:
    table = _table(lines, 3)
    # x y z, with w, with r g b, or with both.
    colors = table[:, -3:] if table.shape[1] in (6, 7) else None
    return np.ascontiguousarray(table[:, :3]), None if colors is None else as_colors(colors)


def _corners(polygons: _Lines, lines: list[bytes], vertices: int, uvs: int) -> _Corners:
    texts = polygons.texts
    sizes = _word_counts(texts)
    places, uv_places = _indices(texts, int(sizes.sum()))
    owner = np.repeat(np.arange(len(sizes)), sizes)
    at = np.asarray(polygons.places, np.int64)[owner]
    places = _absolute(places, at, lines, b"v", vertices)
    uv_places = _absolute(uv_places, at, lines, b"vt", uvs)
    if len(places) and (places.min() < 0 or places.max() >= vertices):
        raise damaged("a face refers to a vertex that does not exist")
    if len(uv_places) and uv_places.max() >= uvs:
        raise damaged("a face refers to a texture coordinate that does not exist")
    fan = fan_corners(sizes)
    return _Corners(places[fan], uv_places[fan], fan_owners(sizes))


def _indices(texts: list[bytes], count: int) -> tuple[Int64[np.ndarray, " n"],
                                                     Int64[np.ndarray, " n"]]:
    """Position and texture index of each corner as written; 0 where there is none."""
    text = b" ".join(texts)
    if b"/" not in text:
        values = integers(text)
        if len(values) != count:
            raise damaged("a face has something other than whole numbers")
        return values, np.zeros_like(values)
    first = texts[0].split()[0] if texts[0].split() else b""
    width = first.count(b"/") + 1
    if text.count(b"/") == (width - 1) * count:
        if b"//" not in text:
            values = integers(text.replace(b"/", b" "))
            if len(values) == width * count:
                return values[::width], values[1::width]
        elif text.count(b"//") == count:
            values = integers(text.replace(b"//", b" "))
            if len(values) == 2 * count:
                return values[::2], np.zeros(count, np.int64)
    return _mixed_indices(text)


def _mixed_indices(text: bytes) -> tuple[Int64[np.ndarray, " n"], Int64[np.ndarray, " n"]]:
    """Corners of different styles in one file, one by one."""
    try:
        parts = [corner.split(b"/") for corner in text.split()]
        places = [int(part[0]) for part in parts]
        uv_places = [int(part[1]) if len(part) > 1 and part[1] else 0 for part in parts]
        return np.array(places, np.int64), np.array(uv_places, np.int64)
    except (ValueError, OverflowError) as error:
        raise damaged("a face has something other than whole numbers") from error


def _absolute(indices: Int64[np.ndarray, " n"], at: Int64[np.ndarray, " n"], lines: list[bytes],
              keyword: bytes, count: int) -> Int64[np.ndarray, " n"]:
    """From 0 upwards, -1 for none; negative ones count back from the line they stand on."""
    negative = indices < 0
    result = indices - 1
    if negative.any():
        before = np.searchsorted(_keyword(lines, keyword).places, at[negative])
        result[negative] = before + indices[negative]
        if result[negative].min() < 0:
            raise damaged("a face refers to something before the beginning")
    return result


def _textured(plain: Content, corners: _Corners, uv: Float64[np.ndarray, "n c"],
              lines: list[bytes], polygons: _Lines, path: Path) -> Content:
    used = [(k, line[7:].strip()) for k, line in enumerate(lines) if line.startswith(b"usemtl ")]
    libraries = [line[7:].strip() for line in lines if line.startswith(b"mtllib ")]
    names = [name.decode("utf-8", "replace") for _, name in used]
    materials = read_materials([each.decode("utf-8", "replace") for each in libraries],
                               names, Folder(path.parent))
    if not materials.pictures:
        return Content(plain.vertices, plain.faces, None, plain.colors, notes=materials.notes)
    switch = np.searchsorted([k for k, _ in used], polygons.places, "right") - 1
    owner = materials.owner_of_use[np.maximum(switch, 0)][corners.polygon]
    owners = np.broadcast_to(owner[:, None], (len(owner), 3))
    corner, faces = split_corners(corners.faces, corners.uv_faces + 1, owners)
    origin = corners.faces.ravel()[corner]
    at = np.where(corners.uv_faces.ravel()[corner] < 0, 0, corners.uv_faces.ravel()[corner])
    texture, split_uv = joined(materials.pictures, uv[at, :2], owners.ravel()[corner])
    colors = None if plain.colors is None else plain.colors[origin]
    return Content(plain.vertices[origin], faces, None, colors, split_uv, texture, materials.notes)
