"""Numbers are written one way everywhere."""

from pathlib import Path

from likeness.core.wording import per_cent


def test_a_share_is_written_with_a_space():
    assert per_cent(0.704) == "70 %"


def test_nobody_writes_shares_otherwise(repository: Path):
    sources = (repository / "desktop").rglob("*.py")
    others = [path.name for path in sources if ".0%}" in path.read_text("utf-8")]
    assert others == ["terminal.py"]  # its column of figures stands upright
