"""The formats an avatar can be written in: one table, one door."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from likeness.avatars.avatar import Avatar
from likeness.avatars.fitted import Fitted
from likeness.avatars.glb import POSES, write_glb
from likeness.avatars.npz import write_npz
from likeness.avatars.obj import write_obj
from likeness.avatars.ply import write_ply
from likeness.core.errors import UsageError


@dataclass(frozen=True)
class Format:
    """A way to write an avatar: what it is called, what it is good for, how it is written."""

    name: str
    description: str
    write: Callable[[Avatar, Fitted, Path, str], None]


FORMATS: dict[str, Format] = {
    "glb": Format("glTF binary", "skinned mesh, skeleton and texture for animation",
                  lambda avatar, fit, path, pose: write_glb(avatar, path, pose=pose)),
    "obj": Format("Wavefront OBJ", "mesh in the scan's pose, with UV and texture",
                  lambda avatar, fit, path, pose: write_obj(avatar, path)),
    "ply": Format("PLY", "mesh in the scan's pose, with normals and confidence",
                  lambda avatar, fit, path, pose: write_ply(avatar, fit.confidence, path)),
    "npz": Format("NumPy archive", "every number: mesh, shape and pose parameters, confidence",
                  lambda avatar, fit, path, pose: write_npz(avatar, fit, path)),
}


def write_avatar(avatar: Avatar, fit: Fitted, path: Path, *, glb_pose: str = "T") -> None:
    """Write the format that the path's suffix names; raises `UsageError` for an unknown one."""
    wanted = FORMATS.get(path.suffix.lstrip(".").lower())
    if wanted is None:
        raise UsageError(f"Avatars cannot be written as {path.suffix or 'a file without suffix'}.",
                         f"Choose among {', '.join(FORMATS)}.")
    if glb_pose not in POSES:
        raise UsageError(f"An avatar has no pose called {glb_pose!r}.",
                         f"Choose {' or '.join(POSES)}.")
    wanted.write(avatar, fit, path, glb_pose)
