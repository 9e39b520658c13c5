"""The table of crafted files: one builder each, and how reading it must end.

A builder gets a folder of its own and returns the path to open.
"""

from collections.abc import Callable
from pathlib import Path

from tests.hostile.shapes import honest

EITHER = "either"
Builder = Callable[[Path], Path]

CRAFTED: dict[str, tuple[str, Builder]] = {}


def case(expected: str, name: str = "") -> Callable[[Builder], Builder]:
    """Put a builder into the table."""

    def put(builder: Builder) -> Builder:
        CRAFTED[name or builder.__name__.strip("_").replace("_", " ")] = (expected, builder)
        return builder

    return put


def many(expected: str, make: Callable[[Path, str], Path], named: dict[str, str]) -> None:
    """One builder for several texts, each a case."""
    for name, text in named.items():
        CRAFTED[name] = (expected, lambda folder, text=text: make(folder, text))


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)
    return path


def changed(folder: Path, name: str, old: bytes, new: bytes) -> Path:
    path = honest(folder, name)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    return path


