"""Result folders are named apart, appear whole or not at all, and leave strangers' files alone."""

import os
from pathlib import Path

import pytest

from likeness.core.errors import UsageError, UserError
from likeness.jobs.folder import folders_for, require_writable, written_whole


def test_one_folder_a_scan():
    assert folders_for([Path("a/jo.ply")], None) == [Path("jo-avatar")]
    assert folders_for([Path("a/jo.ply"), Path("bo.obj")], Path("out")) == [
        Path("out/jo"), Path("out/bo")]


def test_scans_of_one_name_are_told_apart():
    scans = [Path("/s/ann/scan.ply"), Path("/s/bob/scan.ply"), Path("/s/bob/Scan.obj")]
    names = [folder.name.casefold() for folder in folders_for(scans, Path("out"))]
    assert len(set(names)) == 3
    assert "ann" in names[0]
    assert "bob" in names[1]


def test_the_same_scan_twice_is_refused():
    with pytest.raises(UsageError, match="twice"):
        folders_for([Path("a.ply"), Path("a.ply")], None)


def test_a_failure_leaves_no_trace(tmp_path: Path):
    def fail_half_way() -> None:
        with written_whole(tmp_path / "new") as folder:
            (folder / "avatar.glb").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_nothing_appears_before_all_is_written(tmp_path: Path):
    target = tmp_path / "deep" / "result"
    with written_whole(target) as folder:
        (folder / "avatar.glb").write_text("whole")
        assert not target.exists()
    assert [file.name for file in target.iterdir()] == ["avatar.glb"]
    assert [file.name for file in target.parent.iterdir()] == ["result"]


def test_a_second_run_replaces_its_own_files_only(tmp_path: Path):
    (tmp_path / "avatar.obj").write_text("old")
    (tmp_path / "avatar.glb").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    with written_whole(tmp_path, own=frozenset({"avatar.obj", "avatar.glb"})) as folder:
        (folder / "avatar.glb").write_text("new")
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {"avatar.glb": "new", "notes.txt": "mine"}


def test_a_file_in_the_way_is_named_before_work_begins(tmp_path: Path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        require_writable(tmp_path / "taken" / "result")
    require_writable(tmp_path / "not" / "yet" / "there")


def test_a_disk_that_refuses_is_the_users_to_know(tmp_path: Path):
    with pytest.raises(UserError, match="No space"), written_whole(tmp_path / "result"):
        raise OSError(28, os.strerror(28))
