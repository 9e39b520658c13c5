"""PCD point clouds (Point Cloud Library, versions 0.6 and 0.7): ascii, binary and compressed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from likeness.core.errors import UserError
from likeness.scans.raw import AGAIN, NO_FACES, RawScan

KINDS = {("F", 4): "<f4", ("F", 8): "<f8", ("U", 1): "u1", ("U", 2): "<u2", ("U", 4): "<u4",
         ("U", 8): "<u8", ("I", 1): "i1", ("I", 2): "<i2", ("I", 4): "<i4", ("I", 8): "<i8"}
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class Header:
    """Field names (one per number), the type of a point, how many, and how they are stored."""

    kind: np.dtype
    points: int
    storage: str


def read_pcd(path: Path) -> RawScan:
    """Points with finite coordinates; PCD marks missing ones as NaN."""
    data = path.read_bytes()
    try:
        header, body = _header(data)
        table = _table(header, body)
        xyz = np.stack([table[name].astype(np.float64).ravel() for name in "xyz"], axis=1)
    except (ValueError, KeyError, IndexError, TypeError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} is damaged, or not a PCD file.", AGAIN) from error
    present = np.isfinite(xyz).all(axis=1)
    normals = None
    if {"normal_x", "normal_y", "normal_z"} <= set(table.dtype.names or ()):
        normals = np.stack([table[f"normal_{c}"].astype(np.float64).ravel() for c in "xyz"],
                           axis=1)[present]
    colors = _colors(table)
    return RawScan(np.ascontiguousarray(xyz[present]), NO_FACES, normals,
                   None if colors is None else colors[present])


def _header(data: bytes) -> tuple[Header, bytes]:
    entries: dict[str, list[str]] = {}
    start = 0
    while "DATA" not in entries:
        end = data.index(b"\n", start, start + LONGEST_HEADER)
        words = data[start:end].decode("ascii").split()
        start = end + 1
        if words and not words[0].startswith("#"):
            entries[words[0].upper()] = words[1:]
    names, sizes, types = entries["FIELDS"], entries["SIZE"], entries["TYPE"]
    counts = entries.get("COUNT", ["1"] * len(names))
    fields = [(name if name != "_" else f"_{place}", KINDS[kind, int(size)], (int(count),))
              for place, (name, size, kind, count)
              in enumerate(zip(names, sizes, types, counts, strict=True))]
    points = int(entries["POINTS"][0]) if "POINTS" in entries else (
        int(entries["WIDTH"][0]) * int(entries["HEIGHT"][0]))
    return Header(np.dtype(fields), points, entries["DATA"][0]), data[start:]


def _table(header: Header, body: bytes) -> np.ndarray:
    if header.storage == "ascii":
        return _from_text(header, body)
    if header.storage == "binary":
        return np.frombuffer(body, header.kind, header.points)
    if header.storage == "binary_compressed":
        return _from_compressed(header, body)
    raise ValueError(header.storage)


def _from_text(header: Header, body: bytes) -> np.ndarray:
    names = header.kind.names or ()
    width = sum(header.kind[name].shape[0] for name in names)
    numbers = np.array(body.split()[: width * header.points]).astype(np.float64)
    numbers = numbers.reshape(header.points, width)
    table, at = np.zeros(header.points, header.kind), 0
    for name in names:
        count = header.kind[name].shape[0]
        table[name] = numbers[:, at:at + count]
        at += count
    return table


def _from_compressed(header: Header, body: bytes) -> np.ndarray:
    packed, plain = np.frombuffer(body, "<u4", 2)
    if int(plain) != header.kind.itemsize * header.points or len(body) < 8 + int(packed):
        raise ValueError("sizes do not agree")
    columns = _unpacked(body[8:8 + int(packed)], int(plain))
    table, at = np.zeros(header.points, header.kind), 0
    for name in header.kind.names or ():
        size = header.kind[name].itemsize * header.points
        table[name] = np.frombuffer(columns[at:at + size], header.kind[name].base
                                    ).reshape(header.points, -1)
        at += size
    return table


def _unpacked(packed: bytes, size: int) -> bytes:
    """LZF: a byte below 32 begins a run of literals, any other a copy of what came before."""
    out, at = bytearray(), 0
    while at < len(packed):
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
        source = len(out) - ((control & 31) << 8) - packed[at] - 1
        at += 1
        if source < 0 or len(out) + length + 2 > size:
            raise ValueError("a copy points outside the data")
        for place in range(source, source + length + 2):
            out.append(out[place])
    if len(out) != size:
        raise ValueError("the data end early")
    return bytes(out)


def _colors(table: np.ndarray) -> np.ndarray | None:
    """PCL packs red, green and blue into one number called rgb or rgba."""
    for name in ("rgb", "rgba"):
        if name in (table.dtype.names or ()) and table.dtype[name].base.itemsize == 4:
            packed = np.ascontiguousarray(table[name].ravel()).view("<u4")
            return np.stack([(packed >> shift) & 255 for shift in (16, 8, 0)], 1).astype(np.uint8)
    return None
