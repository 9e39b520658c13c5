"""The file formats Likeness reads: one table from suffix to reader."""

from collections.abc import Callable
from pathlib import Path

from likeness.core.errors import UserError
from likeness.scans.mesh_files import read_mesh_file
from likeness.scans.pcd_files import read_pcd
from likeness.scans.ply_size import check_ply_size
from likeness.scans.raw import RawScan
from likeness.scans.xyz_files import read_xyz


def read_ply(path: Path) -> RawScan:
    """PLY, after checking that the file is as long as its header says."""
    check_ply_size(path)
    return read_mesh_file(path)


FORMATS: dict[str, Callable[[Path], RawScan]] = {
    ".obj": read_mesh_file, ".ply": read_ply, ".stl": read_mesh_file, ".off": read_mesh_file,
    ".glb": read_mesh_file, ".gltf": read_mesh_file, ".pcd": read_pcd, ".xyz": read_xyz,
    ".txt": read_xyz,
}


def read_raw(path: Path) -> RawScan:
    """What the file holds; raises `UserError` where its suffix is unknown or it cannot be read."""
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        raise UserError(f"Likeness does not read files like {path.name}.",
                        f"Use one of {', '.join(sorted(FORMATS))}.")
    return reader(path)
