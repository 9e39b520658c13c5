"""The real engine process: it answers, stops when told, and its death is a message."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from likeness.jobs.chosen import pack_rows
from likeness.jobs.engine import KILL_AFTER_S, Engine
from likeness.jobs.protocol import (
    BodiesView,
    Broken,
    Done,
    Event,
    ExportAvatar,
    FindingsView,
    FitScan,
    InspectScan,
    ListBodies,
    Progressed,
    ReadScan,
    Refused,
    Request,
    SaveScan,
    ScanView,
    Stopped,
)

Ending = Callable[[Request], tuple[Event, list[Progressed]]]
Rest = Callable[[], tuple[Event, list[Progressed]]]
PATIENCE_S = 90.0

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signal")


def test_a_scan_arrives_with_its_arrays(ending: Ending, sample: Path):
    event, told = ending(ReadScan(sample))
    assert isinstance(event, Done)
    view = event.result
    assert isinstance(view, ScanView)
    assert len(view.vertices) > 1_000
    assert np.isfinite(view.vertices).all()
    assert view.faces.max() < len(view.vertices)
    assert 0 < len(view.proxy_vertices) <= len(view.vertices)
    assert 1.4 < view.height_m < 2.1
    shares = [each.overall for each in told]
    assert shares == sorted(shares)
    assert told[0].stage == "read"


def test_a_scan_can_be_had_before_it_is_inspected(ending: Ending, sample: Path):
    event, told = ending(ReadScan(sample, inspect=False))
    assert isinstance(event, Done)
    assert isinstance(event.result, ScanView)
    assert {each.stage for each in told} == {"read"}
    later, told = ending(InspectScan())
    assert isinstance(later, Done)
    found = later.result
    assert isinstance(found, FindingsView)
    assert {each.stage for each in told} == {"inspect"}
    at_once, _ = ending(ReadScan(sample))
    assert isinstance(at_once, Done)
    assert isinstance(at_once.result, ScanView)
    view = at_once.result
    assert view.findings is not None
    assert [each.id for each in view.findings.findings] == [each.id for each in found.findings]
    assert len(found.pieces) == len(view.faces)
    assert any(len(each.members) for each in found.findings)
    assert all(each.members.max(initial=-1) < len(view.faces) for each in found.findings)


def test_what_was_chosen_is_saved_without_and_never_over_the_scan(
        ending: Ending, sample: Path, tmp_path: Path):
    mine = tmp_path / sample.name
    mine.write_bytes(sample.read_bytes())
    event, _ = ending(ReadScan(mine, inspect=False))
    assert isinstance(event, Done)
    assert isinstance(event.result, ScanView)
    marked = np.zeros(len(event.result.faces), bool)
    marked[5:105] = True
    refused, _ = ending(SaveScan(mine, pack_rows(marked)))
    assert isinstance(refused, Refused)
    assert mine.read_bytes() == sample.read_bytes()
    saved, _ = ending(SaveScan(tmp_path / "clean.ply", pack_rows(marked)))
    assert isinstance(saved, Done)
    again, _ = ending(ReadScan(tmp_path / "clean.ply", inspect=False))
    assert isinstance(again, Done)
    assert isinstance(again.result, ScanView)
    assert len(again.result.faces) == len(marked) - 100


def test_a_missing_file_is_refused_with_a_remedy(ending: Ending, tmp_path: Path):
    event, _ = ending(ReadScan(tmp_path / "absent.ply"))
    assert isinstance(event, Refused)
    assert "absent.ply" in event.problem
    assert event.remedy


def test_bodies_are_listed(ending: Ending):
    event, _ = ending(ListBodies())
    assert isinstance(event, Done)
    assert isinstance(event.result, BodiesView)
    assert "open" in [body.name for body in event.result.bodies]


def test_what_must_come_first_is_said(ending: Ending, tmp_path: Path):
    for request in (InspectScan(), FitScan(), ExportAvatar(tmp_path), SaveScan(tmp_path / "a")):
        event, _ = ending(request)
        assert isinstance(event, Refused)
        assert "first" in event.remedy


def test_one_request_at_a_time(engine: Engine, rest: Rest, sample: Path):
    engine.submit(ReadScan(sample))
    with pytest.raises(RuntimeError):
        engine.submit(ReadScan(sample))
    assert isinstance(rest()[0], Done)


def test_a_cancelled_fit_stops_at_its_next_step_and_keeps_the_scan(
        engine: Engine, ending: Ending, rest: Rest, sample: Path):
    ending(ReadScan(sample))
    pid = engine.pid
    engine.submit(FitScan())
    while True:
        event = engine.next_event(PATIENCE_S)
        assert isinstance(event, Progressed)
        if event.stage == "start":
            break
    engine.cancel()
    event, _ = rest()
    assert isinstance(event, Stopped)
    assert engine.pid == pid
    engine.submit(FitScan())
    event = engine.next_event(PATIENCE_S)
    assert isinstance(event, Progressed)
    assert event.stage == "load"


def test_cancelling_nothing_stops_nothing(engine: Engine, ending: Ending, sample: Path):
    engine.cancel()
    assert isinstance(ending(ReadScan(sample))[0], Done)
    engine.cancel()
    assert isinstance(ending(ReadScan(sample))[0], Done)


@needs_signals
def test_an_engine_that_does_not_stop_is_replaced_and_reads_the_scan_again(
        engine: Engine, ending: Ending, rest: Rest, sample: Path):
    ending(ReadScan(sample))
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    engine.submit(FitScan())
    engine.cancel()
    began = monotonic()
    event, _ = rest()
    assert isinstance(event, Stopped)
    assert monotonic() - began < KILL_AFTER_S + 1.0
    assert not alive(pid)
    engine.submit(FitScan())
    event = engine.next_event(PATIENCE_S)
    assert isinstance(event, Progressed)
    assert event.stage == "read"


@needs_signals
def test_a_killed_engine_is_a_message_and_the_next_request_works(
        engine: Engine, ending: Ending, rest: Rest, sample: Path):
    ending(ReadScan(sample))
    pid = engine.pid
    assert pid is not None
    engine.submit(FitScan())
    assert isinstance(engine.next_event(PATIENCE_S), Progressed)
    os.kill(pid, signal.SIGKILL)
    event, _ = rest()
    assert isinstance(event, Broken)
    assert "fitting" in event.problem
    assert "SIGKILL" in event.details
    assert isinstance(ending(ReadScan(sample))[0], Done)
    assert engine.pid != pid


@needs_signals
def test_an_engine_that_died_idle_is_replaced_unnoticed(engine: Engine, ending: Ending,
                                                        sample: Path):
    ending(ReadScan(sample))
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid))
    assert isinstance(ending(ReadScan(sample))[0], Done)


@needs_signals
def test_the_engine_dies_with_its_window_and_leaves_nothing(tmp_path: Path):
    window = subprocess.Popen(
        [sys.executable, "-c", "import sys, time\n"
         "from likeness.jobs.engine import Engine\n"
         "if __name__ == '__main__':\n"
         "    engine = Engine(); engine.start(); print(engine.pid, flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "desktop", "TMPDIR": str(tmp_path)})
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.communicate()
    wait_until(lambda: not alive(pid))
    assert list(tmp_path.iterdir()) == []


def test_the_window_side_loads_nothing_heavy():
    loaded = ("import sys, likeness.jobs.engine\n"
              "print(sorted({name.split('.')[0] for name in sys.modules}))")
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": "desktop"}, check=True).stdout
    assert "'numpy'" in told
    for name in ("torch", "open3d", "trimesh", "scipy", "smplx"):
        assert f"'{name}'" not in told


def test_closing_from_another_thread_ends_the_wait_and_the_process(sample: Path):
    engine = Engine()
    engine.start()
    pid = engine.pid
    assert pid is not None
    engine.submit(ReadScan(sample))
    waiting = threading.Thread(target=engine.next_event, args=(PATIENCE_S,))
    engine.next_event(PATIENCE_S)
    waiting.start()
    engine.close()
    waiting.join(5.0)
    assert not waiting.is_alive()
    assert not alive(pid)
    assert engine.next_event(0.0) is None


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not waited for does not."""
    status = Path(f"/proc/{pid}/status")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and "State:\tZ" not in status.read_text()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(reached: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE_S
    while not reached():
        assert monotonic() < until, "never reached"
        sleep(0.02)
