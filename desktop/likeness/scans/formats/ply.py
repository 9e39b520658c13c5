"""Reads PLY: text or binary of either byte order, meshes and point clouds, colours and textures.

Our own rather than trimesh's, which drops the normals of point clouds and takes short files.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float, Int32, UInt8

from likeness.scans.formats.colours import as_colors
from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.pictures import Folder, Picture, opened_picture
from likeness.scans.formats.ply_header import Header, read_header
from likeness.scans.formats.ply_records import Columns, Lists, read_records
from likeness.scans.formats.triangles import fan_corners, split_corners

_CORNERS = ("vertex_indices", "vertex_index")
_UV_NAMES = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"))


def read_ply(data: bytes, path: Path) -> Content:
    """Vertices and faces; polygons become triangles."""
    header = read_header(data)
    records = read_records(data, header, ("vertex", "face"))
    columns = records.get("vertex", {})
    vertices = _triple(columns, ("x", "y", "z"))
    if vertices is None:
        raise damaged("its vertices have no coordinates")
    normals, colors = _triple(columns, ("nx", "ny", "nz")), _colors(columns)
    faces = _faces(records.get("face", {}))
    texture, notes = _texture(header, path)
    uv = next((each for names in _UV_NAMES if (each := _pair(columns, names)) is not None), None)
    wedge = None if texture is None or uv is not None else _wedges(records.get("face", {}))
    if wedge is not None:
        _check_range(faces, len(vertices))
        vertices, faces, normals, colors, uv = _split(vertices, faces, normals, colors, wedge)
    if texture is None:
        uv = None
    return Content(vertices, faces, normals, colors, uv, texture if uv is not None else None, notes)


def _triple(columns: Columns, names: tuple[str, ...]) -> Float[np.ndarray, "N 3"] | None:
    parts = [columns.get(name) for name in names]
    if any(part is None or isinstance(part, Lists) for part in parts):
        return None
    kinds = {part.dtype.newbyteorder("=") for part in parts if isinstance(part, np.ndarray)}
    kind = np.float32 if kinds == {np.dtype(np.float32)} else np.float64
    return np.stack([np.asarray(part, kind) for part in parts], axis=1)


def _pair(columns: Columns, names: tuple[str, str]) -> Float[np.ndarray, "N 2"] | None:
    parts = [columns.get(name) for name in names]
    if any(not isinstance(part, np.ndarray) for part in parts):
        return None
    return np.stack([np.asarray(part, np.float32) for part in parts], axis=1)


def _colors(columns: Columns) -> UInt8[np.ndarray, "N 3"] | None:
    for names in (("red", "green", "blue"), ("r", "g", "b"),
                  ("diffuse_red", "diffuse_green", "diffuse_blue")):
        parts = [columns.get(name) for name in names]
        if all(isinstance(part, np.ndarray) for part in parts):
            values = np.stack([np.asarray(part) for part in parts], axis=1)
            return values if values.dtype == np.uint8 else as_colors(values.astype(np.float64))
    return None


def _faces(columns: Columns) -> Int32[np.ndarray, "F 3"]:
    lists = _polygons(columns)
    if lists is None or not len(lists.sizes):
        return no_faces()
    indices = (lists.values.reshape(-1, 3) if (lists.sizes == 3).all()
               else lists.values[fan_corners(lists.sizes)])
    if len(indices) and not (indices.min() >= 0 and indices.max() < 2**31):
        raise damaged("a face refers to a vertex that does not exist")
    return indices.astype(np.int32)


def _polygons(columns: Columns) -> Lists | None:
    found = next((columns[name] for name in _CORNERS if name in columns), None)
    return found if isinstance(found, Lists) else None


def _check_range(faces: Int32[np.ndarray, "F 3"], count: int) -> None:
    if len(faces) and not (faces.min() >= 0 and faces.max() < count):
        raise damaged("a face refers to a vertex that does not exist")


def _texture(header: Header, path: Path) -> tuple[Picture | None, tuple[str, ...]]:
    names = [each.split(maxsplit=1)[1] for each in header.comments
             if each.lower().startswith("texturefile ") and len(each.split()) > 1]
    if not names:
        return None, ()
    data = Folder(path.parent).bytes_of(names[0])
    picture = opened_picture(data) if data is not None else None
    if picture is None:
        return None, (f"The texture {names[0]} was not found beside the scan.",)
    if len(names) > 1:
        return picture, (f"Only the first of its {len(names)} textures is shown.",)
    return picture, ()


def _wedges(columns: Columns) -> Float[np.ndarray, "F 3 2"] | None:
    """Texture coordinates per corner, as MeshLab writes them."""
    lists, polygons = columns.get("texcoord"), _polygons(columns)
    if not isinstance(lists, Lists) or polygons is None or not len(polygons.sizes):
        return None
    if not np.array_equal(lists.sizes, 2 * polygons.sizes):
        return None
    return lists.values.reshape(-1, 2)[fan_corners(polygons.sizes)].astype(np.float32)


def _split(vertices: np.ndarray, faces: np.ndarray, normals: np.ndarray | None,
           colors: np.ndarray | None, wedge: Float[np.ndarray, "F 3 2"]) -> tuple:
    """Vertices of their own for corners with different texture coordinates."""
    flat = wedge.reshape(-1, 2)
    _, which = np.unique(flat, axis=0, return_inverse=True)
    corner, split_faces = split_corners(faces, which.reshape(-1, 3))
    origin = faces.ravel()[corner]
    return (vertices[origin], split_faces, None if normals is None else normals[origin],
            None if colors is None else colors[origin], flat[corner])
