"""One door to all formats; an unknown one is refused in words."""

import pytest

from likeness.avatars.writing import FORMATS, write_avatar
from likeness.core.errors import UsageError


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_in_the_table_is_written(name, textured, fit, tmp_path) -> None:
    write_avatar(textured, fit, tmp_path / f"avatar.{name}")
    assert (tmp_path / f"avatar.{name}").stat().st_size > 1000


def test_the_pose_reaches_the_glb(avatar, fit, tmp_path) -> None:
    write_avatar(avatar, fit, tmp_path / "rest.glb", glb_pose="T")
    write_avatar(avatar, fit, tmp_path / "posed.glb", glb_pose="scan")
    assert (tmp_path / "rest.glb").read_bytes() != (tmp_path / "posed.glb").read_bytes()


def test_an_unknown_format_names_the_known_ones(avatar, fit, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"\.fbx.*glb, obj, ply, npz"):
        write_avatar(avatar, fit, tmp_path / "avatar.fbx")


def test_an_unknown_pose_is_refused_before_anything_is_written(avatar, fit, tmp_path) -> None:
    with pytest.raises(UsageError, match="T or scan"):
        write_avatar(avatar, fit, tmp_path / "avatar.glb", glb_pose="A")
    assert list(tmp_path.iterdir()) == []
