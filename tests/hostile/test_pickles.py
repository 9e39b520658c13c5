"""No hostile model file runs anything: an audit hook is the witness. Each ends in a sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile.pickles import PICKLES


@pytest.fixture(scope="module")
def reports(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """What a process of its own saw: name of the file to report."""
    path = os.pathsep.join(str(repository / each) for each in ("", "desktop", "tests/bodies"))
    ended = subprocess.run(
        [sys.executable, "-m", "tests.hostile.witness", str(tmp_path_factory.mktemp("models"))],
        env=os.environ | {"PYTHONPATH": path}, cwd=repository, capture_output=True, text=True,
        timeout=300)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)


def test_there_are_many(reports: dict[str, dict]):
    assert len(PICKLES) >= 30
    assert len(reports) == 2 * len(PICKLES)


def test_each_is_refused_in_sentences(reports: dict[str, dict]):
    assert {name: each["ending"] for name, each in reports.items()
            if each["ending"] != "refused"} == {}


def test_none_does_anything(reports: dict[str, dict]):
    assert {name: each["seen"] for name, each in reports.items() if each["seen"]} == {}
    assert not any(each["trace"] for each in reports.values())


def test_none_costs_much(reports: dict[str, dict]):
    assert {name: each["seconds"] for name, each in reports.items() if each["seconds"] > 20} == {}
    assert {name: each["mib"] for name, each in reports.items() if each["mib"] > 1024} == {}


def test_the_witness_sees_what_is_done(repository: Path, tmp_path: Path):
    """With Python's own unpickler the same files do get their way."""
    script = (
        "import pathlib, pickle, sys\nimport tests.hostile.witness as w\n"
        "from tests.hostile.pickles import PICKLES\n"
        "folder = pathlib.Path(sys.argv[1])\nsys.addaudithook(w.hook)\n"
        "w.read_body = lambda path: pickle.loads(path.read_bytes())\n"
        "for name in ('os.mkdir by REDUCE, protocol 2', 'STACK_GLOBAL'):\n"
        "    print(w.reported(folder, PICKLES[name], '.pkl'))\n")
    path = os.pathsep.join(str(repository / each) for each in ("", "desktop", "tests/bodies"))
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=repository,
                           env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True,
                           timeout=100)
    assert ended.returncode == 0, ended.stderr
    assert "os.mkdir" in ended.stdout
    assert "'trace': True" in ended.stdout
