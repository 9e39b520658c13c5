"""Honest files of every format, as the stuff that damage is made of."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image
from tests.scans import scan_files

Mesh = tuple[np.ndarray, np.ndarray]


def ball(rings: int = 44) -> Mesh:
    """A standing ellipsoid of rings x rings vertices: 44 leave a scan where a part is lost."""
    up = np.linspace(0.0, np.pi, rings)
    around = np.linspace(0.0, 2 * np.pi, rings, endpoint=False)
    a, b = (each.ravel() for each in np.meshgrid(up, around, indexing="ij"))
    vertices = np.column_stack((0.25 * np.sin(a) * np.cos(b), 0.9 - 0.85 * np.cos(a),
                                0.2 * np.sin(a) * np.sin(b)))
    i, j = (each.ravel() for each in np.meshgrid(np.arange(rings - 1), np.arange(rings),
                                                 indexing="ij"))
    here, beside = i * rings + j, i * rings + (j + 1) % rings
    faces = np.concatenate((np.stack((here, here + rings, beside), 1),
                            np.stack((beside, here + rings, beside + rings), 1)))
    return vertices, faces


def _gltf(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    made = trimesh.Trimesh(vertices, faces, process=False)
    for name, data in trimesh.exchange.gltf.export_gltf(trimesh.Scene(made)).items():
        (path if name == "model.gltf" else path.with_name(name)).write_bytes(data)
    return path


def _glb(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    made = trimesh.Trimesh(vertices, faces, process=False)
    path.write_bytes(trimesh.exchange.gltf.export_glb(trimesh.Scene(made)))
    return path


def _textured(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """OBJ with a material library and a picture."""
    Image.new("RGB", (8, 8), (200, 120, 90)).save(path.with_suffix(".png"))
    path.with_suffix(".mtl").write_text(f"newmtl skin\nKd 0.8 0.7 0.6\nmap_Kd {path.stem}.png\n")
    lines = [f"mtllib {path.stem}.mtl", *(f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in vertices),
             *(f"vt {x:.4f} {y:.4f}" for x, y in vertices[:, :2] + 0.5), "usemtl skin",
             *(f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in faces + 1)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _table(separator: str, head: str = "") -> Callable[[Path, np.ndarray, np.ndarray], Path]:
    def write(path: Path, vertices: np.ndarray, _: np.ndarray) -> Path:
        first = head.format(count=len(vertices))
        path.write_text(first + "".join(separator.join(f"{each:.6f}" for each in row) + "\n"
                                        for row in vertices))
        return path

    return write


def _pcd(encoding: str) -> Callable[[Path, np.ndarray, np.ndarray], Path]:
    return lambda path, v, _: scan_files.pcd(path, v, encoding, np.full(v.shape, 90, np.uint8))


def _ply(order: str) -> Callable[[Path, np.ndarray, np.ndarray], Path]:
    return lambda path, v, f: scan_files.ply(path, v, f, order)


# By the name of the file to write: every format that is read, in every encoding.
FORMATS: dict[str, Callable[[Path, np.ndarray, np.ndarray], Path]] = {
    "text.ply": _ply(""), "little.ply": _ply("<"), "big.ply": _ply(">"),
    "plain.obj": scan_files.obj, "textured.obj": _textured,
    "binary.stl": scan_files.stl, "text.stl": scan_files.stl_text, "plain.off": scan_files.off,
    "plain.glb": _glb, "plain.gltf": _gltf,
    "text.pcd": _pcd("ascii"), "binary.pcd": _pcd("binary"),
    "packed.pcd": _pcd("binary_compressed"), "plain.xyz": _table(" "),
    "comma.csv": _table(",", "x,y,z\n"), "counted.pts": _table(" ", "{count}\n"),
    "tabbed.txt": _table("\t"),
}


def honest(folder: Path, name: str, rings: int = 44) -> Path:
    """A file of that name that holds a ball."""
    return FORMATS[name](folder / name, *ball(rings))
