"""The avatar's numbers as one .npz: everything a program needs to pose, reshape or compare it."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from likeness import __version__
from likeness.avatars.avatar import Avatar
from likeness.avatars.fitted import Fitted

# What every file holds; a body without hands has hand poses of length zero.
_POSES = ("body_pose", "left_hand_pose", "right_hand_pose")
# The zip format's first day: a file must not change with the clock.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_npz(avatar: Avatar, fit: Fitted, path: Path) -> None:
    """Write all vertices and faces, interior included, and the parameters by their smplx names."""
    arrays = avatar_arrays(avatar, fit)
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            content = BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue())


def avatar_arrays(avatar: Avatar, fit: Fitted) -> dict[str, np.ndarray]:
    """What the file holds, by name and in its order."""
    parameters = fit.parameters
    poses = dict.fromkeys(_POSES, np.zeros(0)) | dict(parameters.pose)
    return {
        "vertices": avatar.vertices,
        "faces": avatar.faces,
        "joints": avatar.joints,
        "betas": np.asarray(parameters.betas, np.float32),
        "global_orient": np.asarray(parameters.global_orient, np.float32),
        **{name: np.asarray(pose, np.float32) for name, pose in poses.items()},
        "transl": np.asarray(parameters.transl, np.float32),
        "displacements": fit.displacements,
        "confidence": fit.confidence,
        "surface_mm": fit.surface_mm,
        "world_from_scan": fit.world_from_scan,
        "body": np.array(avatar.body),
        "likeness_version": np.array(__version__),
    }
