"""Files in the layouts of the SMPL family read and pose as smplx does."""

from pathlib import Path

import numpy as np
import pytest
import smplx
import torch
from model_files import random_model, write_licensed_pickle
from smplx.utils import Struct

from likeness.bodies.pose import BodyParameters, pose_body
from likeness.bodies.reading import read_body

HANDS = {"left_hand_pose": 45, "right_hand_pose": 45}
POSES = {"smpl": {"body_pose": 69}, "smplh": {"body_pose": 63, **HANDS},
         "smplx": {"body_pose": 63, "jaw_pose": 3, "leye_pose": 3, "reye_pose": 3, **HANDS}}


def reference(family: str, arrays: dict[str, np.ndarray], folder: Path, betas: int):
    """The smplx model of the same arrays."""
    if family == "smplx":
        path = folder / "SMPLX_REFERENCE.npz"
        np.savez(path, **arrays)
        return smplx.SMPLX(str(path), ext="npz", use_pca=False, num_betas=betas,
                           dtype=torch.float64)
    kind, options = (smplx.SMPL, {}) if family == "smpl" else (smplx.SMPLH, {"use_pca": False})
    return kind("", data_struct=Struct(**arrays), num_betas=betas, dtype=torch.float64, **options)


def assert_equal_to_smplx(body, model, seed: int) -> None:
    draw = np.random.default_rng(seed)
    betas = draw.normal(0.0, 1.5, body.shape_count)
    orient, transl = draw.normal(0.0, 1.0, 3), draw.normal(0.0, 1.0, 3)
    pose = {name: draw.normal(0.0, 0.4, size) for name, size in POSES[body.family].items()}
    mine = pose_body(body, BodyParameters(betas, orient, transl, pose))
    arguments = {"betas": betas, "global_orient": orient, "transl": transl, **pose}
    with torch.no_grad():
        theirs = model(**{k: torch.as_tensor(v[None]) for k, v in arguments.items()})
    np.testing.assert_allclose(mine.vertices, theirs.vertices[0].numpy(), atol=1e-5)
    joints = theirs.joints[0, :body.joint_count].numpy()
    np.testing.assert_allclose(mine.joints, joints, atol=1e-5)


@pytest.mark.parametrize(("family", "columns", "betas"), [
    ("smpl", 10, 10), ("smpl", 300, 300), ("smplh", 10, 10), ("smplx", 20, 10),
    ("smplx", 400, 300)])
def test_npz_poses_as_smplx_does(tmp_path, family, columns, betas):
    arrays = random_model(family, columns)
    np.savez(tmp_path / "mine.npz", **arrays)
    body = read_body(tmp_path / "mine.npz")
    assert body.family == family
    assert body.shape_count == betas
    model = reference(family, arrays, tmp_path, betas)
    for seed in (1, 2):
        assert_equal_to_smplx(body, model, seed)


@pytest.mark.parametrize("family", ["smpl", "smplh"])
def test_licensed_pickle_poses_as_smplx_does(tmp_path, monkeypatch, family):
    arrays = random_model(family, 10)
    write_licensed_pickle(tmp_path / "model.pkl", arrays, monkeypatch)
    body = read_body(tmp_path / "model.pkl")
    assert body.name == "model"
    assert_equal_to_smplx(body, reference(family, arrays, tmp_path, 10), 5)


def test_sixteen_shape_columns_are_all_read(tmp_path):
    np.savez(tmp_path / "mine.npz", **random_model("smplh", 16))
    assert read_body(tmp_path / "mine.npz").shape_count == 16


def test_eyeballs_of_smplx_are_interior_and_its_texture_coordinates_are_read(tmp_path):
    arrays = random_model("smplx", 20)
    arrays["weights"][:40] = np.eye(55)[23]
    arrays["weights"][40:80] = np.eye(55)[24]
    np.savez(tmp_path / "mine.npz", **arrays)
    body = read_body(tmp_path / "mine.npz")
    expected = arrays["weights"][:, 23:25].sum(axis=1) > 0.5
    assert expected[:80].all()
    np.testing.assert_array_equal(body.interior, expected)
    assert body.uv.shape == (11313, 2)
    np.testing.assert_array_equal(body.uv_faces, arrays["ft"])
