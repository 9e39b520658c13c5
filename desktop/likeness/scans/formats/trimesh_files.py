"""Reads STL and glTF through trimesh, which never crashed on a broken file, and checks it."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int32, UInt8

from likeness.core.welding import same_places
from likeness.scans.checking import MOST_POINTS, too_many
from likeness.scans.formats.content import Content, no_faces
from likeness.scans.formats.damage import damaged
from likeness.scans.formats.pictures import (
    LARGEST_SIDE,
    LARGEST_SIDE_OF_SEVERAL,
    Folder,
    Picture,
    as_picture,
    joined,
    plain_picture,
)

_STL_HEADER, _STL_FACET = 84, 50


def read_stl(data: bytes, path: Path) -> Content:
    """Text or binary; corners at the same place become one vertex."""
    if not data[:1024].lstrip().lower().startswith(b"solid") or b"facet" not in data[:4096]:
        declared = int.from_bytes(data[80:84], "little")
        if len(data) < _STL_HEADER + _STL_FACET * declared or len(data) < _STL_HEADER:
            raise damaged(f"it declares {declared:,} triangles and ends before the last")
    piece = _only(_loaded(data, path, "stl"))
    first, place = same_places(piece.vertices)
    return Content(piece.vertices[first], place[piece.faces].astype(np.int32))


def read_gltf(data: bytes, path: Path) -> Content:
    """All meshes of the scene where its nodes put them, with base colour textures."""
    pieces = list(_loaded(data, path, path.suffix.lower().lstrip(".")))
    if not pieces:
        raise damaged("it holds no mesh")
    counts = np.cumsum([0, *(len(each.vertices) for each in pieces)])
    vertices = np.concatenate([each.vertices for each in pieces])
    faces = np.concatenate([each.faces + start for each, start in zip(pieces, counts,
                                                                      strict=False)])
    content = Content(vertices, faces.astype(np.int32), None, _all_colors(pieces))
    if all(each.picture is None for each in pieces):
        return content
    return _textured(content, pieces)


@dataclass(frozen=True, eq=False)
class _Piece:
    vertices: Float64[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    colors: UInt8[np.ndarray, "N 3"] | None = None
    uv: Float64[np.ndarray, "N 2"] | None = None
    picture: Any = None
    base: tuple[float, float, float] = (0.8, 0.8, 0.8)


class _Resolver:
    """Lets trimesh see the scan's own folder and nothing else."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def get(self, name: str) -> bytes:
        found = self.folder.bytes_of(name)
        if found is None:
            raise damaged(f"the file {name} it refers to is not beside it")
        return found

    __getitem__ = get


def _loaded(data: bytes, path: Path, kind: str) -> Iterator[_Piece]:
    import trimesh

    logging.getLogger("trimesh").setLevel(logging.CRITICAL)  # it logs what we put into words
    try:
        scene = trimesh.load_scene(io.BytesIO(data), file_type=kind, process=False,
                                   maintain_order=True, resolver=_Resolver(Folder(path.parent)))
        placed = [(scene.graph[node][0], scene.geometry[scene.graph[node][1]])
                  for node in scene.graph.nodes_geometry]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError,
            NotImplementedError, AssertionError, OverflowError, RecursionError, OSError,
            ImportError, ArithmeticError, EOFError, StopIteration, LookupError,
            NameError) as error:
        raise damaged("its content does not follow its format") from error
    count = sum(len(getattr(each, "vertices", ())) for _, each in placed)
    if count > MOST_POINTS:
        raise too_many(count)
    return (_piece(transform, each) for transform, each in placed)


def _piece(transform: Float64[np.ndarray, "4 4"], geometry: Any) -> _Piece:
    own = np.asarray(geometry.vertices, np.float64)
    if not np.isfinite(transform).all():
        raise damaged("a part of it is placed by numbers that are none")
    if own.ndim != 2 or own.shape[1] != 3:
        raise damaged("its vertices have no coordinates")
    vertices = own @ transform[:3, :3].T + transform[:3, 3]
    faces = np.asarray(getattr(geometry, "faces", no_faces()), np.int64).reshape(-1, 3)
    if len(faces) and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise damaged("a face refers to a vertex that does not exist")
    if np.linalg.det(transform[:3, :3]) < 0:
        faces = faces[:, ::-1]  # a mirrored part would be inside out
    faces = np.ascontiguousarray(faces, np.int32)
    visual = getattr(geometry, "visual", None)
    material = getattr(visual, "material", None)
    uv = getattr(visual, "uv", None)
    if material is None or uv is None or len(uv) != len(vertices):
        return _Piece(vertices, faces, _vertex_colors(geometry, visual, len(vertices)))
    picture = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    return _Piece(vertices, faces, _vertex_colors(geometry, visual, len(vertices)),
                  np.asarray(uv, np.float64)[:, :2], picture, _base_color(material))


def _base_color(material: Any) -> tuple[float, float, float]:
    factor = getattr(material, "baseColorFactor", None)
    if factor is None:
        return 0.8, 0.8, 0.8
    values = np.asarray(factor)[:3]
    scaled = values / 255.0 if values.dtype == np.uint8 else values.astype(float)
    return float(scaled[0]), float(scaled[1]), float(scaled[2])


def _vertex_colors(geometry: Any, visual: Any, count: int) -> UInt8[np.ndarray, "N 3"] | None:
    values = None
    if getattr(visual, "kind", None) == "vertex":
        values = visual.vertex_colors
    elif visual is not None and hasattr(visual, "vertex_attributes"):
        values = visual.vertex_attributes.get("color")
    elif visual is None and len(getattr(geometry, "colors", ())) == count:
        values = geometry.colors
    if values is None or len(values) != count:
        return None
    values = np.asarray(values)
    if values.dtype != np.uint8:
        top = 65535.0 if values.dtype == np.uint16 else 1.0
        values = np.clip(np.round(values / top * 255), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(values[:, :3])


def _only(pieces: Iterator[_Piece]) -> _Piece:
    together = list(pieces)
    if not together:
        raise damaged("it holds no mesh")
    counts = np.cumsum([0, *(len(each.vertices) for each in together)])
    faces = [each.faces + int(start) for each, start in zip(together, counts, strict=False)]
    return _Piece(np.concatenate([each.vertices for each in together]),
                  np.concatenate(faces).astype(np.int32))


def _all_colors(pieces: list[_Piece]) -> UInt8[np.ndarray, "N 3"] | None:
    """Colours where any piece has them; white for the others."""
    if all(each.colors is None for each in pieces):
        return None
    return np.concatenate([each.colors if each.colors is not None
                           else np.full((len(each.vertices), 3), 255, np.uint8)
                           for each in pieces])


def _textured(content: Content, pieces: list[_Piece]) -> Content:
    shelf: dict[int, int] = {}
    pictures: list[Picture] = []
    owners = []
    several = len({id(each.picture) for each in pieces}) > 1
    for each in pieces:
        key = id(each.picture) if each.picture is not None else hash(each.base)
        if key not in shelf:
            shelf[key] = len(pictures)
            pictures.append(plain_picture(each.base) if each.picture is None else
                            as_picture(each.picture,
                                       LARGEST_SIDE_OF_SEVERAL if several else LARGEST_SIDE))
        owners.append(np.full(len(each.vertices), shelf[key]))
    uv = np.concatenate([each.uv if each.uv is not None else np.full((len(each.vertices), 2), 0.5)
                         for each in pieces])
    texture, placed = joined(pictures, uv, np.concatenate(owners))
    return Content(content.vertices, content.faces, None, content.colors, placed, texture)
