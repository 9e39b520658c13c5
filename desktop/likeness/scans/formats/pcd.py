"""Reads PCD point clouds: text, binary and compressed, with normals and packed colours."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.numerals import floats

_KINDS = {"F": "f", "I": "i", "U": "u"}
_WIDTHS = {"f": (4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8)}


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    counts: tuple[int, ...]
    points: int
    encoding: str
    size: int

    @property
    def record(self) -> np.dtype:
        return np.dtype([(f"{k}:{name}", "<" + kind, (count,)) for k, (name, kind, count)
                         in enumerate(zip(self.names, self.kinds, self.counts, strict=True))])


def read_pcd(data: bytes, path: Path) -> Content:
    """Points with what else the file knows of them; points without coordinates are left in."""
    header = _header(data)
    columns = _columns(data, header)
    if not {"x", "y", "z"} <= columns.keys():
        raise damaged("its points have no coordinates")
    kind = np.float32 if columns["x"].dtype == np.float32 else np.float64
    vertices = np.stack([columns[name].astype(kind) for name in "xyz"], axis=1)
    normals = None
    names = ("normal_x", "normal_y", "normal_z")
    if set(names) <= columns.keys():
        normals = np.stack([columns[name].astype(np.float32) for name in names], axis=1)
    return Content(vertices, no_faces(), normals, _colors(columns))


def _header(data: bytes) -> _Header:
    end = re.search(rb"(?:^|\n)DATA +(\w+)[ \t]*\r?\n", data[:65536])
    if end is None:
        raise damaged("it does not begin with the header of a PCD file")
    words = {line.split()[0]: line.split()[1:]
             for line in data[:end.start()].decode("latin-1").splitlines()
             if line.strip() and not line.startswith("#")}
    try:
        names = tuple(words["FIELDS"])
        widths = [int(each) for each in words["SIZE"]]
        letters = [_KINDS[each] for each in words["TYPE"]]
        counts = tuple(int(each) for each in words.get("COUNT", ["1"] * len(names)))
        points = int(words["POINTS"][0]) if "POINTS" in words else (
            int(words["WIDTH"][0]) * int(words.get("HEIGHT", ["1"])[0]))
        kinds = tuple(f"{letter}{width}" for letter, width in zip(letters, widths, strict=True))
    except (KeyError, ValueError, IndexError) as error:
        raise damaged("its header is not that of a PCD file") from error
    sound = (len(names) == len(kinds) == len(counts) and points >= 0
             and all(0 < each <= 4096 for each in counts)
             and all(width in _WIDTHS[letter] for letter, width in zip(letters, widths,
                                                                        strict=True)))
    if not sound:
        raise damaged("its header contradicts itself")
    return _Header(names, kinds, counts, points, end.group(1).decode().lower(), end.end())


def _columns(data: bytes, header: _Header) -> dict[str, np.ndarray]:
    if header.encoding == "ascii":
        return _text_columns(data, header)
    record, needed = header.record, header.points * header.record.itemsize
    if header.encoding == "binary":
        if header.size + needed > len(data):
            raise damaged(f"it declares {header.points:,} points and ends before the last")
        table = np.frombuffer(data, record, header.points, header.size)
        return {name: table[key][:, 0] for name, key in zip(header.names, record.names or (),
                                                            strict=True)}
    if header.encoding != "binary_compressed":
        raise damaged(f"its points are stored in an unknown way, {header.encoding}")
    plain = _decompressed(data, header.size, needed)
    columns, at = {}, 0
    for name, kind, count in zip(header.names, header.kinds, header.counts, strict=True):
        values = np.frombuffer(plain, "<" + kind, header.points * count, at)
        columns[name] = values.reshape(-1, count)[:, 0]
        at += values.nbytes
    return columns


def _text_columns(data: bytes, header: _Header) -> dict[str, np.ndarray]:
    width = sum(header.counts)
    if header.points * width * 2 > len(data) - header.size + 1:
        raise damaged(f"it declares {header.points:,} points and ends before the last")
    values = floats(data[header.size:])
    if len(values) < header.points * width:
        raise damaged(f"it declares {header.points:,} points and ends before the last")
    table = values[:header.points * width].reshape(-1, width)
    starts = np.cumsum((0, *header.counts[:-1]))
    columns = {}
    for name, kind, start in zip(header.names, header.kinds, starts, strict=True):
        # A packed colour is a float whose bits count, so it must become one before they are read.
        columns[name] = table[:, start].astype(kind)
    return columns


def _decompressed(data: bytes, at: int, expected: int) -> bytes:
    packed, plain = (int.from_bytes(data[at + k:at + k + 4], "little") for k in (0, 4))
    if plain != expected or at + 8 + packed > len(data):
        raise damaged("its compressed points are incomplete")
    return lzf_decompressed(data[at + 8:at + 8 + packed], expected)


def lzf_decompressed(packed: bytes, size: int) -> bytes:
    """Undo LZF: runs of literal bytes, and copies of what came up to 8 KiB before."""
    out = bytearray()
    at, end = 0, len(packed)
    try:
        while at < end:
            control = packed[at]
            at += 1
            if control < 32:
                out += packed[at:at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += packed[at]
                at += 1
            start = len(out) - ((control & 31) << 8) - packed[at] - 1
            at += 1
            length += 2
            if start < 0 or len(out) > size:
                raise damaged("its compressed points make no sense")
            part = out[start:start + length]
            while len(part) < length:  # a copy may run into what it writes
                part += part[:length - len(part)]
            out += part
    except IndexError as error:
        raise damaged("its compressed points are incomplete") from error
    if len(out) != size:
        raise damaged("its compressed points are incomplete")
    return bytes(out)


def _colors(columns: dict[str, np.ndarray]) -> UInt8[np.ndarray, "N 3"] | None:
    packed = columns.get("rgb", columns.get("rgba"))
    if packed is None:
        return None
    bits = np.ascontiguousarray(packed)
    if bits.dtype.itemsize != 4:
        return None
    bits = bits.view(np.uint32)
    return np.stack([(bits >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)], axis=1)


