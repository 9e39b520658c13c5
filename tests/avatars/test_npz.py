"""The .npz holds what the result folder promises, under its promised names."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from likeness import __version__
from likeness.avatars.npz import write_npz

PROMISED = ("vertices", "faces", "joints", "betas", "global_orient", "body_pose",
            "left_hand_pose", "right_hand_pose", "transl", "displacements", "confidence",
            "surface_mm", "world_from_scan", "body", "likeness_version")


@pytest.fixture
def read(avatar, fit, tmp_path):
    write_npz(avatar, fit, tmp_path / "avatar.npz")
    with np.load(tmp_path / "avatar.npz", allow_pickle=False) as archive:
        return dict(archive)


def test_it_holds_exactly_the_promised_names(read) -> None:
    assert set(read) == set(PROMISED)


def test_the_mesh_is_whole_and_exact(read, avatar, fit) -> None:
    assert np.array_equal(read["vertices"], avatar.vertices)
    assert np.array_equal(read["faces"], avatar.faces)
    assert np.array_equal(read["joints"], avatar.joints)
    assert np.array_equal(read["confidence"], fit.confidence)


def test_parameters_come_back_by_name(read, fit) -> None:
    assert np.array_equal(read["betas"], np.float32(fit.parameters.betas))
    assert np.array_equal(read["body_pose"], np.float32(fit.parameters.pose["body_pose"]))
    assert read["left_hand_pose"].shape == (0,)
    assert str(read["body"]) == "tube body"
    assert str(read["likeness_version"]) == __version__


def test_what_a_family_adds_is_written_too(avatar, fit, tmp_path) -> None:
    pose = fit.parameters.pose | {"jaw_pose": np.array([0.1, 0, 0])}
    changed = replace(fit, parameters=replace(fit.parameters, pose=pose))
    write_npz(avatar, changed, tmp_path / "avatar.npz")
    with np.load(tmp_path / "avatar.npz") as archive:
        assert archive["jaw_pose"] == pytest.approx([0.1, 0, 0])


def test_the_bytes_do_not_depend_on_the_clock(avatar, fit, tmp_path) -> None:
    for name in ("a.npz", "b.npz"):
        write_npz(avatar, fit, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
