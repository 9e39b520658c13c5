"""A pedestal that is one piece with the person goes; what people sit at or wear stays."""

import numpy as np
import pytest
from tests.synthetic.scanner import Surface
from tests.synthetic.shapes import box, joined, moved, rod

from likeness.core.progress import silent
from likeness.scans.cleanup import RemoveFloor
from likeness.scans.flaws.pedestals import find_pedestal
from likeness.scans.inspection import inspect_scan
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan

HIGH, FINE = 0.3, 0.01


def _scan(as_scan, person, *others: Surface, turn: float = 0.0) -> Scan:
    """A person with other things, leaning by `turn` degrees."""
    whole = joined([Surface(*person), *others])
    lean = np.radians(turn)
    leaning = np.array(((np.cos(lean), np.sin(lean), 0), (-np.sin(lean), np.cos(lean), 0),
                        (0, 0, 1)))
    return with_normals(as_scan(whole.vertices @ leaning.T, whole.faces))


def _under(person, size: tuple[float, float, float]) -> Surface:
    """A box on whose top the person stands; nobody saw its underside."""
    vertices = person[0]
    feet = vertices[:, 1].min()
    middle = np.median(vertices, axis=0) * (1, 0, 1) + (0, feet - size[1] / 2 + 0.001, 0)
    whole = box(middle, size, FINE)
    seen = (whole.vertices[whole.faces][..., 1] > feet - size[1] + 0.005).any(axis=1)
    return Surface(whole.vertices, whole.faces[seen])


@pytest.mark.parametrize("turn", [0.0, 5.0])
@pytest.mark.parametrize("size", [(0.5, HIGH, 0.5), (0.8, 0.08, 0.6), (0.4, 0.6, 0.4)])
def test_a_pedestal_goes_with_its_sides_and_the_person_stays(
        person, as_scan, size: tuple[float, float, float], turn: float) -> None:
    scan = _scan(as_scan, person, _under(person, size), turn=turn)
    (stand,) = find_pedestal(scan)
    own = np.arange(len(person[1]), len(scan.faces))
    assert np.isin(own, stand.faces).mean() > 0.99
    soles = stand.faces[stand.faces < len(person[1])]
    assert len(soles) < 0.1 * len(person[1])
    assert stand.action == "remove"
    left = RemoveFloor()(scan)
    assert left.removed in (("stand",), ("floor",))  # a wide low one is either
    assert not find_pedestal(left.scan)


def test_inspection_finds_a_pedestal_on_a_floor_that_hangs_together_with_the_person(
        person, as_scan) -> None:
    """All of it one piece, as surfaces made from points are."""
    pedestal = _under(person, (0.5, HIGH, 0.5))
    low = pedestal.vertices[:, 1].min()
    ground = box(np.array((0.0, low - 0.02, 0.0)), (2.0, 0.04, 2.0), 0.02)
    scan = _scan(as_scan, person, pedestal, ground)
    faces = scan.faces.copy()
    for one, other in ((0, len(person[1])), (len(person[1]), len(person[1]) + len(pedestal.faces))):
        faces[one], faces[other] = faces[one], (faces[one][1], faces[one][0], faces[other][2])
    found = inspect_scan(with_normals(Scan(**vars(scan) | {"faces": faces, "normals": None})),
                         silent)
    removed = [each for each in found if each.action == "remove"]
    assert [each.name for each in removed] == ["floor", "stand"]
    things = np.arange(len(person[1]), len(faces))
    assert np.isin(things, np.concatenate([each.faces for each in removed])).mean() > 0.99


def test_a_box_beside_which_legs_hang_down_is_no_pedestal(person, as_scan) -> None:
    seat = _under(person, (0.5, HIGH, 0.5))
    top = seat.vertices[:, 1].max()
    down = np.linspace(top + 0.02, top - 0.27, 30)
    legs = [rod(np.column_stack((np.full(30, x), down, np.full(30, 0.4))), np.full(30, 0.05))
            for x in (-0.1, 0.1)]
    assert find_pedestal(_scan(as_scan, person, seat))
    assert not find_pedestal(_scan(as_scan, person, seat, *legs))


def test_who_is_higher_than_the_lap_of_a_dress_stands_on_no_pedestal(person, as_scan) -> None:
    """A dome looks up anywhere; a plane only there."""
    vertices = person[0]
    around, out = np.meshgrid(np.linspace(0, 2 * np.pi, 120), np.linspace(0.02, 0.45, 60),
                              indexing="ij")
    dome = np.stack((out * np.sin(around), 0.35 - 0.7 * out**2, out * np.cos(around)), axis=2)
    i, j = np.meshgrid(np.arange(119), np.arange(59), indexing="ij")
    corner = (i * 60 + j).ravel()
    faces = np.concatenate((np.stack((corner, corner + 1, corner + 60), 1),
                            np.stack((corner + 1, corner + 61, corner + 60), 1)))
    lap = Surface(dome.reshape(-1, 3) + (0, vertices[:, 1].min(), 0), faces)
    scan = _scan(as_scan, person, lap)
    assert (scan.normals[len(vertices):, 1] > 0.9).mean() > 0.3
    assert not find_pedestal(scan)


@pytest.mark.parametrize("size", [(0.11, 0.05, 0.28), (0.2, HIGH, 0.5)])
def test_platform_shoes_and_a_beam_are_no_pedestals(
        person, as_scan, size: tuple[float, float, float]) -> None:
    soles = [moved(_under(person, size), shift=(side, 0, 0)) for side in (-0.1, 0.1)]
    assert not find_pedestal(_scan(as_scan, person, *(soles if size[0] < 0.15 else soles[:1])))


def test_nobody_alone_stands_on_a_pedestal(person, as_scan) -> None:
    assert not find_pedestal(_scan(as_scan, person))


def test_a_platform_with_nobody_on_it_is_no_pedestal(person, as_scan) -> None:
    dust = np.random.default_rng(0).normal((0, 1.5, 0), 0.05, (60, 3))
    specks = Surface(dust + (0, person[0][:, 1].min(), 0), np.arange(60).reshape(-1, 3))
    platform = _under(person, (0.6, HIGH, 0.6))
    assert not find_pedestal(_scan(as_scan, (platform.vertices, platform.faces), specks))
