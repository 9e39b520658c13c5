"""The avatar in the scan's pose as Wavefront OBJ, with its material and texture beside it.

All vertices are written, in the avatar's order, so that numbers agree with the .npz; the faces of
the interior (eyeballs, mouth cavity) are left out.
"""

from collections.abc import Iterable
from pathlib import Path

from likeness import __version__
from likeness.avatars.avatar import Avatar
from likeness.avatars.images import png_bytes
from likeness.avatars.surface import skin_mask, vertex_normals


def write_obj(avatar: Avatar, path: Path) -> None:
    """Write `NAME.obj`; with a texture also `NAME.mtl` and `NAME_texture.png`."""
    textured = avatar.texture is not None and avatar.uv is not None
    lines = [f"# Likeness {__version__}: metres, y up, {avatar.body}"]
    if textured:
        lines.append(f"mtllib {path.stem}.mtl")
        _write_material(avatar, path)
    lines += [f"o {avatar.name}", *_geometry(avatar)]
    if textured:
        lines.append("usemtl skin")
    lines += _face_lines(avatar)
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def _geometry(avatar: Avatar) -> Iterable[str]:
    normals = vertex_normals(avatar.vertices, avatar.faces[skin_mask(avatar)])
    yield from (f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in avatar.vertices.tolist())
    if avatar.uv is not None:
        yield from (f"vt {u:.6f} {v:.6f}" for u, v in avatar.uv.tolist())
    yield from (f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in normals.tolist())


def _face_lines(avatar: Avatar) -> Iterable[str]:
    keep = skin_mask(avatar)
    corners = avatar.faces[keep] + 1
    if avatar.uv is None or avatar.uv_faces is None:
        return (f"f {a}//{a} {b}//{b} {c}//{c}" for a, b, c in corners.tolist())
    uv_corners = avatar.uv_faces[keep] + 1
    return (f"f {a}/{ta}/{a} {b}/{tb}/{b} {c}/{tc}/{c}"
            for (a, b, c), (ta, tb, tc) in zip(corners.tolist(), uv_corners.tolist(), strict=True))


def _write_material(avatar: Avatar, path: Path) -> None:
    assert avatar.texture is not None
    texture = path.with_name(f"{path.stem}_texture.png")
    texture.write_bytes(png_bytes(avatar.texture))
    material = ("newmtl skin", "Ka 1 1 1", "Kd 1 1 1", "Ks 0 0 0", "illum 1",
                f"map_Kd {texture.name}")
    path.with_suffix(".mtl").write_text("\n".join(material) + "\n", "utf-8", newline="\n")
