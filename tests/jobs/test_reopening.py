"""A result folder opened again gives what was written, and says what is wrong with it otherwise."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh

from likeness.core.errors import UserError
from likeness.core.progress import silent
from likeness.jobs.chosen import pack_rows
from likeness.jobs.job import Job, run_job
from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan
from likeness.jobs.reopening import reopened
from likeness.jobs.results import write_results
from likeness.jobs.steps import open_scan

FORMATS = ("glb", "npz")


@pytest.fixture(scope="module")
def written(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan and its result, side by side in a folder of their own."""
    place = tmp_path_factory.mktemp("customer")
    scan = place / sample.name
    shutil.copy(sample, scan)
    run_job(Job(ReadScan(scan), FitScan("none"), ExportAvatar(place / "result", FORMATS)),
            silent)
    return place / "result"


@pytest.fixture
def moved(written: Path, tmp_path: Path) -> Path:
    """The same, taken elsewhere together with its scan: to be spoiled."""
    shutil.copytree(written.parent, tmp_path / "elsewhere")
    return tmp_path / "elsewhere" / "result"


def test_an_export_of_it_has_the_same_bytes(moved: Path, tmp_path: Path):
    fitted = reopened(moved, silent)
    write_results(fitted, ExportAvatar(tmp_path / "again", FORMATS), silent)
    for name in ("avatar.glb", "avatar.npz", "report.png"):
        assert (tmp_path / "again" / name).read_bytes() == (moved / name).read_bytes(), name
    first, again = (json.loads((folder / "report.json").read_text())
                    for folder in (moved, tmp_path / "again"))
    for name in ("verdict", "reasons", "warnings", "distances_mm", "settings"):
        assert again[name] == first[name], name


@pytest.fixture(scope="module")
def chosen(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result for which a band of faces was taken out by hand."""
    place = tmp_path_factory.mktemp("chosen")
    scan = place / sample.name
    shutil.copy(sample, scan)
    count = len(open_scan(ReadScan(scan, inspect=False), silent).scan.faces)
    rows = pack_rows(np.arange(count) < 500)
    run_job(Job(ReadScan(scan), FitScan("none", clean="chosen", removed=rows),
                ExportAvatar(place / "result", FORMATS)), silent)
    return place / "result"


def test_what_was_taken_out_by_hand_is_out_again(chosen: Path, tmp_path: Path):
    report = json.loads((chosen / "report.json").read_text())
    assert any("500 triangles chosen by hand" in each for each in report["warnings"])
    fitted = reopened(chosen, silent)
    assert fitted.removed == ("500 triangles chosen by hand",)
    write_results(fitted, ExportAvatar(tmp_path / "again", FORMATS), silent)
    for name in ("avatar.glb", "avatar.npz", "report.png", "removed.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (chosen / name).read_bytes(), name


def test_what_was_mended_and_thinned_is_so_again(sample: Path, tmp_path: Path):
    body = trimesh.load(sample, process=False)
    body.faces[::7] = body.faces[::7, ::-1]
    body.export(tmp_path / "flipped.ply")
    told = run_job(Job(ReadScan(tmp_path / "flipped.ply", most=8_000),
                       FitScan("none", mend=("outwards",)),
                       ExportAvatar(tmp_path / "result", FORMATS)), silent)
    report = json.loads((tmp_path / "result" / "report.json").read_text())
    assert report["settings"]["decimate"] == 8_000
    assert report["settings"]["mend"] == ["outwards"]
    assert any("turned" in each for each in report["warnings"]), told
    fitted = reopened(tmp_path / "result", silent)
    assert len(fitted.scan.faces) <= 8_000
    assert len(fitted.mended) == 1
    write_results(fitted, ExportAvatar(tmp_path / "again", FORMATS), silent)
    for name in ("avatar.glb", "avatar.npz", "report.png"):
        assert (tmp_path / "again" / name).read_bytes() == (
            tmp_path / "result" / name).read_bytes(), name


def test_a_choice_that_is_gone_is_a_sentence(chosen: Path, tmp_path: Path):
    shutil.copytree(chosen.parent, tmp_path / "elsewhere")
    moved = tmp_path / "elsewhere" / "result"
    (moved / "removed.npz").unlink()
    with pytest.raises(UserError, match="damaged"):
        reopened(moved, silent)


def test_a_scan_that_moved_beside_the_folder_is_found(moved: Path):
    report = json.loads((moved / "report.json").read_text())
    report["input"]["path"] = "../nowhere/at/all.ply"
    (moved / "report.json").write_text(json.dumps(report))
    assert reopened(moved, silent).fit.verdict.level == report["verdict"]


def test_a_scan_that_is_gone_is_named(moved: Path):
    scan = json.loads((moved / "report.json").read_text())["input"]["file"]
    (moved.parent / scan).unlink()
    with pytest.raises(UserError, match=f"{scan} .* no longer where it was"):
        reopened(moved, silent)


def test_a_scan_that_changed_is_not_taken_for_the_old_one(moved: Path):
    scan = moved.parent / json.loads((moved / "report.json").read_text())["input"]["file"]
    data = bytearray(scan.read_bytes())
    data[data.index(b"end_header") + 12] ^= 1
    scan.write_bytes(bytes(data))
    with pytest.raises(UserError, match="has changed since"):
        reopened(moved, silent)


def test_another_body_than_the_one_it_was_made_with_is_refused(moved: Path):
    with np.load(moved / "avatar.npz") as file:
        arrays = dict(file)
    arrays["betas"][0] += 1.0
    np.savez(moved / "avatar.npz", **arrays)
    with pytest.raises(UserError, match="another body"):
        reopened(moved, silent)


def test_a_folder_without_a_result_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="holds no result"):
        reopened(tmp_path, silent)


@pytest.mark.parametrize("spoil", ["{", "[]", "{}", '{"input": 3, "settings": []}'])
def test_a_damaged_report_is_a_sentence(moved: Path, spoil: str):
    (moved / "report.json").write_text(spoil)
    with pytest.raises(UserError, match="damaged"):
        reopened(moved, silent)


@pytest.mark.parametrize("name", ["vertices", "displacements", "betas", "world_from_scan",
                                  "surface_mm", "left_hand_pose"])
def test_numbers_that_do_not_fit_together_are_a_sentence(moved: Path, name: str):
    with np.load(moved / "avatar.npz") as file:
        arrays = dict(file)
    arrays[name] = arrays[name][:2]
    np.savez(moved / "avatar.npz", **arrays)
    with pytest.raises(UserError):
        reopened(moved, silent)


def test_numbers_cut_short_are_a_sentence(moved: Path):
    data = (moved / "avatar.npz").read_bytes()
    (moved / "avatar.npz").write_bytes(data[:len(data) // 2])
    with pytest.raises(UserError, match=r"no readable avatar\.npz"):
        reopened(moved, silent)
