"""What is no person: all the kinds, of the size they should have, the same each time."""

from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.animals import DOG, animal
from tests.synthetic.strangers import STRANGERS, make_strangers

from likeness.core.progress import silent
from likeness.scans.reading import ReadSettings, read_scan

_BY_HAND = [n for n, (kind, _) in enumerate(STRANGERS)
            if kind in ("chair", "sphere", "box", "plane", "points")]


def test_there_are_two_of_each_kind_and_three_ways_of_stretching() -> None:
    kinds = [kind for kind, _ in STRANGERS]
    assert len(kinds) == 20
    assert {kinds.count(kind) for kind in kinds} == {2, 3}
    assert kinds.count("stretched") == 3
    assert len({kinds[0], kinds[10]}) == 2  # what a quick run takes


def test_they_are_files_without_truth_that_the_reader_reads(tmp_path: Path) -> None:
    for example in make_strangers(_BY_HAND[:3], tmp_path):
        assert example.truth is None
        assert example.kind.replace(" ", "_") in example.name
        scan = read_scan(example.scan, ReadSettings(), silent)
        assert len(scan.vertices) > 10_000


def test_the_same_number_is_the_same_file(tmp_path: Path) -> None:
    first, again = (make_strangers([_BY_HAND[0]], tmp_path / name)[0].scan for name in "ab")
    assert first.read_bytes() == again.read_bytes()


def test_a_wardrobe_has_its_size_in_the_file(tmp_path: Path) -> None:
    number = [kind for kind, _ in STRANGERS].index("box")
    path = make_strangers([number], tmp_path)[0].scan  # in millimetres, y up
    points = read_scan(path, ReadSettings("mm", "+y"), silent).vertices
    assert np.ptp(points[:, 1]) == pytest.approx(1.8, abs=0.02)


def test_an_animal_stands_on_four_legs() -> None:
    dog = animal(DOG, np.random.default_rng(1))
    low = dog.vertices[dog.vertices[:, 1] < 0.08]
    quarters = {(x > 0, z > 0) for x, z in low[:, [0, 2]]}
    assert len(quarters) == 4
    assert np.abs(low[:, 0]).min() > 0.005  # nothing touches the ground in the middle
    assert np.ptp(dog.vertices[:, 2]) > np.ptp(dog.vertices[:, 1])
