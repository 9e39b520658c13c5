"""Whatever is in a file: a scan that holds together, or two sentences; nothing else ever."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from tests.hostile.crafted import CRAFTED, EITHER
from tests.hostile.mutations import Mutator, truncations
from tests.hostile.outcomes import REFUSED, SCAN, read
from tests.hostile.shapes import FORMATS, honest

from likeness.jobs.limits import Limits, capped

# Of the ten thousand that the benchmark reads; these take some ten seconds.
MUTATIONS, SHARES = 2000, 8

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="makes links, pipes and names Windows cannot"),
    pytest.mark.filterwarnings("ignore:Image size:PIL.Image.DecompressionBombWarning")]


def test_there_are_many() -> None:
    assert len(CRAFTED) >= 60 + len(FORMATS)


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_ends_as_it_must(name: str, tmp_path: Path) -> None:
    expected, build = CRAFTED[name]
    path = build(tmp_path)
    with capped(Limits(gib=8.0, seconds=30.0)):
        ending = read(path)
    assert expected in (ending, EITHER)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_short_anywhere(name: str, tmp_path: Path) -> None:
    for data in truncations(tmp_path, name, step=5):
        path = tmp_path / f"cut_{name}"
        path.write_bytes(data)
        assert read(path) == REFUSED, len(data)


@pytest.fixture(scope="module")
def mutator(tmp_path_factory: pytest.TempPathFactory) -> Mutator:
    """Writes mutations."""
    return Mutator(tmp_path_factory.mktemp("mutations"))


@pytest.mark.parametrize("share", range(SHARES))
def test_mutations(mutator: Mutator, share: int) -> None:
    endings = set()
    for number in range(share, MUTATIONS, SHARES):
        path = mutator.write(number)
        try:
            endings.add(read(path))
        except BaseException as error:
            raise AssertionError(f"mutation {number}, {path.name}: {error!r}") from error
    assert endings == {SCAN, REFUSED}


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Another program goes on writing: cut short, longer, emptied, replaced, gone and back."""
    path = honest(tmp_path, "little.ply")
    whole, draw, done = path.read_bytes(), np.random.default_rng(2), threading.Event()

    def disturb() -> None:
        while not done.is_set():
            kind = int(draw.integers(4))
            if kind == 0:
                with path.open("r+b") as file:
                    file.truncate(int(draw.integers(len(whole))))
            elif kind == 1:
                path.write_bytes(whole + draw.bytes(1000))
            elif kind == 2:
                other = tmp_path / "other.ply"
                other.write_bytes(whole)
                other.replace(path)
            else:
                path.unlink()
                path.write_bytes(whole)

    other = threading.Thread(target=disturb)
    other.start()
    try:
        endings = {read(path) for _ in range(150)}
    finally:
        done.set()
        other.join()
    assert endings <= {SCAN, REFUSED}
    path.write_bytes(whole)
    assert read(path) == SCAN
