"""Reads point clouds written as text: one point a line, with normals or colours where given."""

import re
from pathlib import Path

import numpy as np
from jaxtyping import Float64, UInt8

from likeness.core.errors import UserError
from likeness.scans.formats.colours import as_colors
from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.numerals import floats

_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)", re.I)
_MOST_HEADER_LINES = 50


def read_xyz(data: bytes, path: Path) -> Content:
    """Columns x y z, then normals, colours or an intensity, told apart by their values."""
    text = _spaced(data)
    text, columns = _without_header(text)
    values = floats(text)
    if columns < 3 or len(values) % columns:
        raise damaged("its lines do not all have the same number of columns")
    table = values.reshape(-1, columns)
    normals, colors = _extras(table[:, 3:])
    return Content(table[:, :3].copy(), no_faces(), normals, colors)


def _spaced(data: bytes) -> bytes:
    """Spaces instead of commas, semicolons and tabs; points instead of decimal commas."""
    if b"\0" in data[:4096]:
        raise UserError("This is not a text file, though its name says it holds points as text.",
                        "Name it after its true format, or export it again.")
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    head = text[:20_000]
    if b"," in head and b"." not in head and (b";" in head or (b", " not in head and b" " in head)):
        text = text.replace(b",", b".")
    text = text.translate(bytes.maketrans(b",;\t", b"   "))
    if b"#" in text or b"//" in text:
        text = re.sub(rb"(?:#|//)[^\n]*", b"", text)
    return text


def _without_header(text: bytes) -> tuple[bytes, int]:
    """Leave out titles and a count above the points; returns how many columns the points have."""
    start = 0
    for _ in range(_MOST_HEADER_LINES):
        end = text.find(b"\n", start)
        line = text[start:end if end >= 0 else None].split()
        if len(line) >= 3 and all(_NUMBER.fullmatch(each) for each in line):
            return text[start:], len(line)
        if end < 0:
            break
        start = end + 1
    raise UserError("No points were found in this text file.",
                    "Write one point a line: x y z, separated by spaces, commas or semicolons.")


def _extras(rest: Float64[np.ndarray, "N C"]) -> tuple[Float64[np.ndarray, "N 3"] | None,
                                                     UInt8[np.ndarray, "N 3"] | None]:
    """Normals and colours among the columns after x y z."""
    columns = rest.shape[1]
    if columns in (4, 7):  # an intensity first
        rest = rest[:, 1:]
    triples = [rest[:, k:k + 3] for k in range(0, rest.shape[1] - 2, 3)]
    normals = next((each for each in triples if _are_normals(each)), None)
    colors = next((each for each in triples if each is not normals), None)
    return (None if normals is None else normals.copy(),
            None if colors is None else as_colors(colors))


def _are_normals(triple: Float64[np.ndarray, "N 3"]) -> bool:
    length = np.linalg.norm(triple[:10_000], axis=1)
    return bool((np.abs(length - 1.0) < 0.05).mean() > 0.9 and (triple < 0).any())
