"""OBJ, PLY, STL, OFF and glTF through trimesh, which never crashes but raises anything."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from likeness.core.errors import UserError
from likeness.scans.raw import AGAIN, RawScan


def read_mesh_file(path: Path) -> RawScan:
    """One mesh or point cloud; several meshes become one, in the file's order."""
    import trimesh

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            loaded = trimesh.load_scene(path, process=False, maintain_order=True)
        pieces = loaded.dump()
    except Exception as error:  # noqa: BLE001 - the parsers raise anything on damaged files
        raise UserError(f"{path.name} cannot be read: it is damaged, or not what its name says.",
                        AGAIN) from error
    pieces = [piece for piece in pieces if len(getattr(piece, "vertices", ()))]
    if not pieces:
        raise UserError(f"{path.name} holds no mesh and no points.", AGAIN)
    return _joined([_piece(piece) for piece in pieces])


def _piece(loaded: Any) -> RawScan:
    points = np.asarray(loaded.vertices, np.float64).reshape(-1, 3)
    faces = np.asarray(getattr(loaded, "faces", ()), np.int64).reshape(-1, 3)
    if len(faces) and (faces.min() < 0 or faces.max() >= len(points)):
        raise UserError("The file is damaged: its triangles name vertices it does not hold.", AGAIN)
    normals = None
    if not len(faces):
        normals = _per_vertex(loaded.metadata.get("_ply_raw", {}), ("nx", "ny", "nz"), len(points))
    colors, (uv, texture) = _colors(loaded, len(points)), _texture(loaded, len(points))
    return RawScan(points, faces.astype(np.int32), normals, colors, uv, texture)


def _per_vertex(ply: dict[str, Any], names: tuple[str, ...], count: int) -> np.ndarray | None:
    """Columns of a PLY's vertices that trimesh keeps but does not use."""
    data = ply.get("vertex", {}).get("data")
    columns = getattr(getattr(data, "dtype", None), "names", None) or ()
    if data is None or len(data) != count or not set(names) <= set(columns):
        return None
    return np.stack([np.asarray(data[name], np.float64).ravel() for name in names], axis=1)


def _colors(loaded: Any, count: int) -> np.ndarray | None:
    visual = getattr(loaded, "visual", None)
    colors = getattr(visual, "vertex_colors", None) if getattr(visual, "kind", "") == "vertex" \
        else getattr(loaded, "colors", None)
    colors = np.asarray(colors if colors is not None else ())
    if colors.ndim != 2 or len(colors) != count or colors.shape[1] < 3:
        return None
    return np.ascontiguousarray(colors[:, :3].astype(np.uint8))


def _texture(loaded: Any, count: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    visual = getattr(loaded, "visual", None)
    material = getattr(visual, "material", None)
    uv = getattr(visual, "uv", None)
    image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    if uv is None or image is None or len(uv) != count:
        return None, None
    return np.asarray(uv, np.float32)[:, :2].copy(), np.array(image.convert("RGB"))


def _joined(pieces: list[RawScan]) -> RawScan:
    """All pieces as one; the texture is that of the piece with most vertices."""
    if len(pieces) == 1:
        return pieces[0]
    starts = np.cumsum([0] + [len(piece.points) for piece in pieces[:-1]])
    faces = np.concatenate([piece.faces + start for piece, start in zip(pieces, starts,
                                                                         strict=True)])
    points = np.concatenate([piece.points for piece in pieces])
    textured = [piece for piece in pieces if piece.uv is not None]
    colors = (np.concatenate([_or_grey(piece) for piece in pieces])
              if any(piece.colors is not None for piece in pieces) else None)
    if not textured:
        return RawScan(points, faces.astype(np.int32), None, colors)
    main = max(textured, key=lambda piece: len(piece.points))
    uv = np.concatenate([piece.uv if piece.texture is main.texture or _same(piece, main)
                         else np.zeros((len(piece.points), 2), np.float32) for piece in pieces])
    images = {piece.texture.tobytes() for piece in textured if piece.texture is not None}
    notes = () if len(images) == 1 else (
        f"The file has {len(images)} textures; only the one of its largest part is shown.",)
    return RawScan(points, faces.astype(np.int32), None, None, uv, main.texture, notes)


def _same(piece: RawScan, main: RawScan) -> bool:
    return (piece.uv is not None and piece.texture is not None and main.texture is not None
            and np.array_equal(piece.texture, main.texture))


def _or_grey(piece: RawScan) -> np.ndarray:
    return piece.colors if piece.colors is not None else np.full((len(piece.points), 3), 180,
                                                                 np.uint8)
