"""Reads OFF: polygons, and colours per vertex where the header announces them."""

import re
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int32

from likeness.scans.formats.colours import as_colors
from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.numerals import floats, is_count
from likeness.scans.formats.triangles import fan_corners

_KEYWORD = re.compile(rb"\s*((?:ST)?C?N?OFF)\b")


def read_off(data: bytes, path: Path) -> Content:
    """Vertices and triangles; short files are refused."""
    keyword = _KEYWORD.match(data)
    if keyword is None:
        raise damaged("it does not begin with the header of an OFF file")
    text = re.sub(rb"#[^\n]*", b"", data[keyword.end():].replace(b"\r", b"\n"))
    lines = [line for line in text.split(b"\n") if line.strip()]
    vertex_count, face_count = _counts(lines)
    if len(lines) < 1 + vertex_count + face_count:
        raise damaged(f"it declares {vertex_count:,} vertices and {face_count:,} faces and ends "
                      "before the last")
    values = _table(lines[1:1 + vertex_count])
    colors = None
    if b"C" in keyword.group(1) and values.shape[1] >= 6:
        after = 3 if b"N" not in keyword.group(1) else 6
        if values.shape[1] >= after + 3:
            colors = as_colors(values[:, after:after + 3])
    faces = _faces(lines[1 + vertex_count:1 + vertex_count + face_count])
    if len(faces) and (faces.min() < 0 or faces.max() >= vertex_count):
        raise damaged("a face refers to a vertex that does not exist")
    return Content(values[:, :3].copy(), faces, None, colors)


def _counts(lines: list[bytes]) -> tuple[int, int]:
    words = lines[0].split() if lines else []
    if len(words) < 2 or not all(is_count(word) for word in words[:2]):
        raise damaged("its header counts nothing")
    return int(words[0]), int(words[1])


def _table(lines: list[bytes]) -> Float64[np.ndarray, "n c"]:
    values = floats(b" ".join(lines))
    if not lines or len(values) % len(lines) or len(values) < 3 * len(lines):
        raise damaged("its vertices do not all have the same number of coordinates")
    return values.reshape(len(lines), -1)


def _faces(lines: list[bytes]) -> Int32[np.ndarray, "F 3"]:
    """Polygons as fans; what follows their corners is colour."""
    if not lines:
        return no_faces()
    widths = np.fromiter((len(line.split()) for line in lines), np.int64, len(lines))
    values = floats(b" ".join(lines))
    if len(values) != widths.sum():
        raise damaged("a face has something other than numbers")
    starts = np.cumsum(widths) - widths
    sizes = values[starts]
    if not ((sizes >= 0) & (sizes < widths)).all():
        raise damaged("a face has fewer corners than it declares")
    sizes = sizes.astype(np.int64)
    first = np.repeat(starts + 1 - (np.cumsum(sizes) - sizes), sizes)
    corners = values[first + np.arange(sizes.sum())]
    if len(corners) and not (np.abs(corners) < 2**31).all():
        raise damaged("a face refers to a vertex that does not exist")
    return corners[fan_corners(sizes)].astype(np.int32)
