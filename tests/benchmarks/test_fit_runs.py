"""Runs of many cases: a bad file costs one case, whatever it does to its process."""

from pathlib import Path

import numpy as np
from tests.benchmarks.fit_runs import run_cases
from tests.synthetic.files import write_ply
from tests.synthetic.people import Example

from likeness.jobs.protocol import FitScan


def test_what_is_refused_and_what_breaks_are_results_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "text.ply").write_text("no scan")
    write_ply(tmp_path / "few.ply", np.eye(3), np.array([[0, 1, 2]]))
    (tmp_path / "scan.ply").write_text("no scan")
    examples = [Example("text", tmp_path / "text.ply", None, "file"),
                Example("few", tmp_path / "few.ply", None),
                # Its reading breaks off outside of what the product does.
                Example("broken", None, None)]  # type: ignore[arg-type]
    avatars = [tmp_path / f"{each.name}.npz" for each in examples]
    avatars[0].write_bytes(b"of an earlier run")
    text, few, broken = run_cases(examples, avatars, [FitScan("none", device="cpu")] * 3, 1)
    assert (text.verdict, text.right, text.kind) == ("refused", True, "file")
    assert not avatars[0].exists()
    assert (few.verdict, few.right) == ("refused", True)
    assert (broken.verdict, broken.right) == ("crashed", False)
    assert "Error" in broken.reasons[0]
