"""The command line as a shell sees it: exit codes, one JSON object, the same bytes every time."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from likeness.cli import main
from likeness.core.paths import resource
from likeness.jobs.engine import Engine
from likeness.jobs.protocol import Done, Event, ExportAvatar, FitScan, Progressed, ReadScan

PATIENCE_S = 120.0


@pytest.fixture(scope="session")
def sample() -> Path:
    """The bundled sample scan."""
    return resource("sample/sample_scan.ply")


@pytest.fixture
def environment(repository: Path) -> dict[str, str]:
    """For a command of its own process, run from anywhere."""
    paths = (str(repository / "desktop"), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def test_help_waits_for_nothing_heavy(environment: dict[str, str]):
    loaded = ("import sys\nfrom likeness.cli import main\n"
              "try: main(['fit', '--help'])\nexcept SystemExit as end: assert end.code == 0\n"
              "print({'numpy', 'torch', 'open3d', 'PySide6'} & set(sys.modules))")
    told = subprocess.run([sys.executable, "-c", loaded], env=environment, capture_output=True,
                          text=True, check=True).stdout
    assert told.splitlines()[-1] == "set()"
    assert "--refinement" in told


@pytest.mark.parametrize("arguments", [
    ["fit"], ["fit", "a.ply", "--refinement", "most"], ["fit", "a.ply", "--up", "w"], ["mend"],
    ["fit", "a.ply", "--unit", "ell"], ["fit", "a.ply", "--seed", "x"],
    ["fit", "a.ply", "--mend", "teeth"], ["fit", "a.ply", "--decimate", "many"],
    ["inspect", "a.ply", "--decimate", "100"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert capsys.readouterr().out == ""


def test_an_unknown_format_is_refused_before_any_work(sample: Path, tmp_path: Path,
                                                      capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "out"
    assert main(["fit", str(sample), "--formats", "glb,docx", "--out", str(out)]) == 2
    told = capsys.readouterr()
    assert "docx" in told.err
    assert "glb" in told.err
    assert "reading" not in told.err
    assert not out.exists()


def test_an_unknown_body_is_refused(sample: Path, tmp_path: Path,
                                    capsys: pytest.CaptureFixture[str]):
    code = main(["fit", str(sample), "--body", "nobody", "--out", str(tmp_path)])
    assert code in (2, 3)
    assert "nobody" in capsys.readouterr().err


def test_an_output_folder_in_the_way_is_refused(sample: Path, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]):
    (tmp_path / "taken").write_text("")
    assert main(["fit", str(sample), "--out", str(tmp_path / "taken")]) == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["fit", "inspect"])
def test_an_unusable_input_ends_with_3_and_one_sentence(command: str, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]):
    broken = tmp_path / "broken.ply"
    broken.write_bytes(b"ply\nformat binary_little_endian 1.0\nelement vertex 99999999\n")
    out = tmp_path / "out"
    for scan in (broken, tmp_path / "absent.ply"):
        assert main([command, str(scan), "--out", str(out)]) == 3
        told = capsys.readouterr().err
        assert scan.name in told
        assert "Traceback" not in told
        assert not out.exists()


def test_json_says_what_was_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["inspect", str(tmp_path / "absent.ply"), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 3
    assert told["error"]["problem"]
    assert told["error"]["remedy"]


def test_a_bug_is_reported_as_one(sample: Path, monkeypatch: pytest.MonkeyPatch,
                                  capsys: pytest.CaptureFixture[str]):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("likeness.jobs.folder.folders_for", broken)
    assert main(["fit", str(sample)]) == 1
    told = capsys.readouterr().err
    assert "please report it" in told
    assert "Traceback" not in told
    file = Path(told.split("file ")[1].strip().rstrip("."))
    assert "planted" in file.read_text()
    file.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe nobody reads is no error there")
def test_a_reader_that_goes_away_is_no_bug(environment: dict[str, str]):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-u", "-m", "likeness", "bodies"], env=environment,
                          stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_inspect_prints_one_json_object_and_writes_only_where_told(
        sample: Path, tmp_path: Path, environment: dict[str, str]):
    done = subprocess.run([sys.executable, "-m", "likeness", "inspect", str(sample), "--json"],
                          env=environment, cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["input"]["file"] == sample.name
    assert isinstance(told["findings"], list)
    assert list(tmp_path.iterdir()) == []


def test_a_minus_axis_is_no_option(sample: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["inspect", str(sample), "--up", "-y", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"]["up"] == "-y"


def test_inspect_can_work_on_a_smaller_copy(sample: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["inspect", str(sample), "--decimate", "6000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert any("a copy of" in note for note in told["notes"])
    assert told["input"]["faces"] > 6000  # the file as it is


def test_several_scans_go_on_after_a_bad_one_and_match_the_engine(
        sample: Path, tmp_path: Path, environment: dict[str, str]):
    """One long test, for fits are dear: a batch, its JSON, determinism, and the window's bytes."""
    scan = tmp_path / "person.ply"
    shutil.copy(sample, scan)
    done = subprocess.run(
        [sys.executable, "-m", "likeness", "fit", str(tmp_path / "absent.ply"), str(scan), "--json",
         "--clothed", "--out", "out", "--formats", "glb,ply"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == 3 == told["exit_code"], done.stderr
    bad, good = told["scans"]
    assert bad["exit_code"] == 3
    assert good["exit_code"] == 0
    folder = tmp_path / "out" / "person"
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["person"]
    written = {file.name for file in folder.iterdir()}
    assert written == set(good["files"])
    assert {"avatar.glb", "avatar.ply", "avatar.npz", "report.json", "report.png"} <= written
    report = json.loads((folder / "report.json").read_text())
    assert report["verdict"] == good["verdict"]
    assert report["settings"]["clothed"]
    exported = fit_in_engine(scan, tmp_path / "window")
    for name in ("avatar.glb", "avatar.ply", "avatar.npz"):
        assert (folder / name).read_bytes() == (exported / name).read_bytes(), name


def fit_in_engine(scan: Path, folder: Path) -> Path:
    engine = Engine()
    engine.start()
    try:
        for request in (ReadScan(scan), FitScan(clothed=True),
                        ExportAvatar(folder, ("glb", "ply", "npz"))):
            engine.submit(request)
            assert isinstance(last_event(engine), Done)
    finally:
        engine.close()
    return folder


def last_event(engine: Engine) -> Event:
    while True:
        event = engine.next_event(PATIENCE_S)
        assert event is not None, "the engine fell silent"
        if not isinstance(event, Progressed):
            return event


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a signal")
def test_ctrl_c_ends_with_130_and_leaves_nothing(sample: Path, tmp_path: Path,
                                                 environment: dict[str, str]):
    running = subprocess.Popen([sys.executable, "-m", "likeness", "fit", str(sample), "--json"],
                               env=environment, cwd=tmp_path, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    for line in running.stderr:
        if "fitting the shape" in line:
            break
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130
    assert json.loads(out)["scans"][0]["exit_code"] == 130
    assert list(tmp_path.iterdir()) == []
