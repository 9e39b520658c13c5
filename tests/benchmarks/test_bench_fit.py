"""The command as it is typed: sets chosen, results printed, written and compared."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.benchmarks import bench_fit
from tests.benchmarks.fit_sets import FIT_SETS, FitSet
from tests.synthetic.people import Example


def _texts(numbers: Sequence[int], cache: Path, _: int) -> list[Example]:
    """Files that are no scans; all are refused, as what shows no person should be."""
    examples = []
    for n in numbers:
        path = cache / f"{n}.ply"
        path.write_text("no scan")
        examples.append(Example(f"text_{n}", path, None, "odd" if n % 2 else "even"))
    return examples


def test_a_run_prints_writes_and_compares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # put back afterwards
    monkeypatch.setitem(FIT_SETS, "texts", FitSet("texts", "no scans", 4, _texts, "all"))
    arguments = ["bench", "--set", "texts", "--cache", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", [*arguments, "--json", str(tmp_path / "first.json")])
    bench_fit.main()
    told = capsys.readouterr().out
    assert "4 of 4 right" in told
    assert "odd: 2 of 2 right" in told
    report = json.loads((tmp_path / "first.json").read_text())
    assert report["sets"]["texts"]["summary"]["share"]["right"] == 4
    monkeypatch.setattr(sys, "argv", [*arguments, "--quick", "--against",
                                      str(tmp_path / "first.json")])
    bench_fit.main()
    assert "texts: 2 -> 2 right of 2 in both" in capsys.readouterr().out
