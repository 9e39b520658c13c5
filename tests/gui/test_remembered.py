"""What the window remembers between two starts."""

from pathlib import Path

import pytest

from likeness.gui.remembered import Remembered


def test_recent_files_are_remembered_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIKENESS_DATA", str(tmp_path / "data"))
    files = [tmp_path / f"{number}.ply" for number in range(3)]
    for file in files:
        file.touch()
        Remembered().add_recent(file)
    Remembered().add_recent(files[1])
    files[0].unlink()
    assert Remembered().recent == [files[1], files[2]]
    Remembered().forget_recent()
    assert Remembered().recent == []
