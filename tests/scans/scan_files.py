"""Writes scans in every format, straightforwardly and apart from the readers under test."""

import struct
from pathlib import Path

import numpy as np


def ply(path: Path, vertices: np.ndarray, polygons: list[list[int]] | np.ndarray = (),
        order: str = "<", colors: np.ndarray | None = None, normals: np.ndarray | None = None,
        kind: str = "f4") -> Path:
    """PLY as text (order "") or binary of either order."""
    names = {"": "ascii", "<": "binary_little_endian", ">": "binary_big_endian"}
    fields = [(axis, kind) for axis in "xyz"]
    columns = [vertices]
    if normals is not None:
        fields += [(name, "f4") for name in ("nx", "ny", "nz")]
        columns.append(normals)
    if colors is not None:
        fields += [(name, "u1") for name in ("red", "green", "blue")]
        columns.append(colors)
    words = {"f4": "float", "f8": "double", "u1": "uchar"}
    header = ["ply", f"format {names[order]} 1.0", "comment made",
              f"element vertex {len(vertices)}",
              *(f"property {words[each]} {name}" for name, each in fields),
              f"element face {len(polygons)}", "property list uchar int vertex_indices",
              "end_header", ""]
    flat = [column for group in columns for column in np.asarray(group).T]
    if order == "":
        rows = [" ".join(f"{value:.17g}" for value in row) for row in zip(*flat, strict=True)]
        rows += [" ".join(map(str, (len(each), *each))) for each in polygons]
        path.write_bytes("\n".join(header).encode() + ("\n".join(rows) + "\n").encode())
        return path
    table = np.zeros(len(vertices), [(name, order + each) for name, each in fields])
    for (name, _), column in zip(fields, flat, strict=True):
        table[name] = column
    faces = b"".join(struct.pack(f"{order}B{len(each)}i", len(each), *each) for each in polygons)
    path.write_bytes("\n".join(header).encode() + table.tobytes() + faces)
    return path


def obj(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """OBJ of positions and triangles only."""
    lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in vertices.tolist()]
    lines += [f"f {a} {b} {c}" for a, b, c in (faces + 1).tolist()]
    path.write_text("\n".join(lines) + "\n")
    return path


def stl(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """Binary STL."""
    record = np.zeros(len(faces), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)),
                                   ("attribute", "<u2")])
    record["corners"] = vertices[faces]
    path.write_bytes(b"made".ljust(80) + struct.pack("<I", len(faces)) + record.tobytes())
    return path


def stl_text(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """STL as text."""
    lines = ["solid made"]
    for corners in vertices[faces].tolist():
        lines += ["facet normal 0 0 0", " outer loop",
                  *(f"  vertex {x!r} {y!r} {z!r}" for x, y, z in corners), " endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid made", ""]))
    return path


def off(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """OFF."""
    lines = ["OFF", f"{len(vertices)} {len(faces)} 0"]
    lines += [f"{x!r} {y!r} {z!r}" for x, y, z in vertices.tolist()]
    lines += [f"3 {a} {b} {c}" for a, b, c in faces.tolist()]
    path.write_text("\n".join(lines) + "\n")
    return path


def pcd(path: Path, vertices: np.ndarray, encoding: str, colors: np.ndarray) -> Path:
    """PCD with x y z and packed rgb."""
    packed = (colors.astype(np.uint32) * (65536, 256, 1)).sum(axis=1).astype(np.uint32)
    columns = [*vertices.T.astype("<f4"), packed.view("<f4")]
    header = ("# .PCD v.7\nVERSION .7\nFIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F F\n"
              f"COUNT 1 1 1 1\nWIDTH {len(vertices)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
              f"POINTS {len(vertices)}\nDATA {encoding}\n").encode()
    if encoding == "ascii":
        rows = [" ".join(f"{value:.9g}" for value in row) for row in zip(*columns, strict=True)]
        path.write_bytes(header + "\n".join(rows).encode() + b"\n")
    elif encoding == "binary":
        path.write_bytes(header + np.stack(columns, axis=1).tobytes())
    else:
        plain = b"".join(column.tobytes() for column in columns)
        small = lzf_compressed(plain)
        path.write_bytes(header + struct.pack("<II", len(small), len(plain)) + small)
    return path


def lzf_compressed(data: bytes) -> bytes:
    """LZF by the book: copies of the last place where the same three bytes stood."""
    out, literals, seen, at = bytearray(), bytearray(), {}, 0

    def flush() -> None:
        for start in range(0, len(literals), 32):
            run = literals[start:start + 32]
            out.append(len(run) - 1)
            out.extend(run)
        literals.clear()

    while at < len(data):
        key = data[at:at + 3]
        before = seen.get(key, -1)
        seen[key] = at
        back = at - before - 1
        if len(key) < 3 or before < 0 or back >= 8192:
            literals.append(data[at])
            at += 1
            continue
        length = 3
        while (length < 264 and at + length < len(data)
               and data[before + length] == data[at + length]):
            length += 1
        flush()
        if length < 9:
            out.append((length - 2) << 5 | back >> 8)
        else:
            out.extend((7 << 5 | back >> 8, length - 9))
        out.append(back & 255)
        at += length
    flush()
    return bytes(out)
