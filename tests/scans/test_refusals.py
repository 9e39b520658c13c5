"""Files that cannot be used end with a sentence and a remedy, whatever is wrong with them."""

import os
from pathlib import Path

import numpy as np
import pytest
import scan_files

from likeness.core.errors import UserError


def refused(read, path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read(path)
    problem, remedy = caught.value.problem, caught.value.remedy
    assert caught.value.exit_code == 3
    assert problem.endswith(".")
    assert remedy.endswith(".")
    assert "\n" not in problem + remedy
    return problem


def test_what_is_no_scan_file(read, tmp_path: Path) -> None:
    assert "no file" in refused(read, tmp_path / "absent.ply")
    (tmp_path / "folder.ply").mkdir()
    assert "folder" in refused(read, tmp_path / "folder.ply")
    (tmp_path / "empty.obj").touch()
    assert "empty" in refused(read, tmp_path / "empty.obj")
    (tmp_path / "a.docx").write_text("text")
    assert ".docx" in refused(read, tmp_path / "a.docx")
    (tmp_path / "scan").write_text("text")
    assert "without an ending" in refused(read, tmp_path / "scan")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(read, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ply")
    assert "not an ordinary file" in refused(read, tmp_path / "a.ply")


WRITERS = {
    "a.ply": lambda path, v, f: scan_files.ply(path, v, f),
    "b.ply": lambda path, v, f: scan_files.ply(path, v, f, ""),
    "a.obj": scan_files.obj,
    "a.stl": scan_files.stl,
    "b.stl": scan_files.stl_text,
    "a.off": scan_files.off,
    "a.pcd": lambda path, v, f: scan_files.pcd(path, v, "binary", np.zeros(v.shape, np.uint8)),
    "b.pcd": lambda path, v, f: scan_files.pcd(path, v, "binary_compressed",
                                               np.zeros(v.shape, np.uint8)),
    "c.pcd": lambda path, v, f: scan_files.pcd(path, v, "ascii", np.zeros(v.shape, np.uint8)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_damage_of_any_kind_is_a_sentence_or_a_scan(sphere, read, tmp_path: Path,
                                                    name: str) -> None:
    """Cut short anywhere or with bytes overwritten: `UserError` or a checked scan, nothing else."""
    whole = WRITERS[name](tmp_path / name, *sphere((0, 1, 0), 1.0, 40, 40)).read_bytes()
    draw = np.random.default_rng(len(name) + len(whole))
    for round_ in range(24):
        data = bytearray(whole)
        if round_ % 3 == 0:
            del data[int(draw.integers(len(data))):]
        elif round_ % 3 == 1:  # the head, where counts and names are
            data[int(draw.integers(min(300, len(data))))] = int(draw.integers(256))
        else:
            for place in draw.integers(0, len(data), 40):
                data[place] = int(draw.integers(256))
        (tmp_path / name).write_bytes(bytes(data))
        try:
            scan = read(tmp_path / name)
        except UserError:
            continue
        assert np.isfinite(scan.vertices).all()
        assert len(scan.faces) == 0 or scan.faces.max() < len(scan.vertices)
        assert len(scan.faces) == 0 or scan.faces.min() >= 0


@pytest.mark.parametrize("name", ["a.ply", "b.ply", "a.stl", "a.off", "a.pcd", "b.pcd", "c.pcd"])
def test_short_files_are_refused(person, read, tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / name, *person)
    path.write_bytes(path.read_bytes()[:-60_000])
    assert "damaged" in refused(read, path)


def test_huge_counts_are_refused_before_anything_is_allocated(person, read, tmp_path: Path) -> None:
    for name, old in (("a.ply", b"element vertex "), ("a.pcd", b"POINTS ")):
        path = WRITERS[name](tmp_path / name, *person)
        head, tail = path.read_bytes().split(old, 1)
        path.write_bytes(head + old + b"99999999999" + tail.lstrip(b"0123456789"))
        assert "damaged" in refused(read, path)


def test_faces_out_of_range(person, read, tmp_path: Path) -> None:
    faces = person[1].copy()
    faces[17, 2] = len(person[0])
    for name in ("a.ply", "b.ply", "a.obj", "a.off"):
        assert "does not exist" in refused(read, WRITERS[name](tmp_path / name, person[0], faces))


def test_too_little_to_fit(person, read, tmp_path: Path) -> None:
    few = person[0][:999]
    assert "999 usable points" in refused(read, scan_files.ply(tmp_path / "a.ply", few))
    line = np.outer(np.arange(2000.0), (1, 2, 3))
    assert "one line" in refused(read, scan_files.ply(tmp_path / "a.ply", line))
    broken = np.full((5000, 3), np.nan)
    assert "0 usable points" in refused(read, scan_files.ply(tmp_path / "a.ply", broken))
    far = person[0].copy()
    far[5] = 1e30
    assert "far beyond" in refused(read, scan_files.ply(tmp_path / "a.ply", far))


@pytest.mark.parametrize("suffix", ["obj", "xyz", "txt", "ply", "stl", "off", "glb", "gltf", "pcd"])
def test_another_kind_of_file_under_a_scan_s_name(read, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    for data in (np.random.default_rng(3).bytes(20_000), b"Dear Sir or Madam,\n" * 500,
                 b"\x89PNG\r\n\x1a\n" + bytes(5000), b"{}", b"\n\n\n"):
        path.write_bytes(data)
        refused(read, path)
