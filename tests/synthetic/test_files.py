"""Files: every unit and axis, read back by the product's own reader to the person put in."""

from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.conftest import LENGTH
from tests.synthetic.files import METRES, FileFrame, Truth, write_ply
from tests.synthetic.subjects import Anatomy, Subject

from likeness.core.progress import silent
from likeness.scans.reading import ReadSettings, read_scan

UPS = ("+x", "-x", "+y", "-y", "+z", "-z")


@pytest.mark.parametrize("up", UPS)
def test_a_frame_turns_up_to_the_axis_named_and_mirrors_nothing(up: str) -> None:
    frame = FileFrame(up=up, yaw=0.7)
    axis, sign = "xyz".index(up[1]), 1.0 if up[0] == "+" else -1.0
    expected = np.zeros(3)
    expected[axis] = sign
    np.testing.assert_allclose(frame.turn @ (0.0, 1.0, 0.0), expected, atol=1e-12)
    assert np.linalg.det(frame.turn) == pytest.approx(1.0)


@pytest.mark.parametrize(("unit", "up"), list(zip(METRES, UPS[2:], strict=True)))
def test_the_reader_finds_the_person_put_into_the_file(
        tmp_path: Path, tube: tuple[Anatomy, Subject], unit: str, up: str) -> None:
    anatomy, subject = tube
    points = np.vstack([subject.vertices + (3.0 * k, 0, 0) for k in range(4)])
    faces = np.vstack([anatomy.faces + k * len(subject.vertices) for k in range(4)])
    frame = FileFrame(unit, up, 1.1, (0.4, -0.3, 0.2))
    path = tmp_path / "tubes.ply"
    write_ply(path, frame.placed(points) / METRES[unit], faces,
              np.full(points.shape, 77, np.uint8))
    scan = read_scan(path, ReadSettings(unit, up), silent)
    assert scan.height_m == pytest.approx(LENGTH, abs=1e-4)
    assert len(scan.faces) == len(faces)
    assert scan.colors is not None
    assert (scan.colors == 77).all()
    back = np.linalg.inv(scan.world_from_scan)
    in_file = (scan.vertices @ back[:3, :3].T + back[:3, 3]) * METRES[unit]
    np.testing.assert_allclose(in_file, frame.placed(points), atol=1e-5)


def test_truth_survives_its_file(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    truth = Truth(draw.random((7, 3)).astype(np.float32), draw.random((52, 3)), draw.random(3),
                  draw.random(3), np.array(0.01), np.arange(7) < 2, np.arange(7, dtype=np.int8))
    truth.store(tmp_path / "truth.npz")
    again = Truth.read(tmp_path / "truth.npz")
    for name, value in vars(truth).items():
        np.testing.assert_array_equal(getattr(again, name), value)
