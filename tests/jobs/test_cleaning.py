"""What happens to a scan before its fit: what was chosen, and what no fit can do without."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from likeness.core.progress import silent
from likeness.jobs.cleaning import Prepared, prepared
from likeness.jobs.protocol import FitScan, ReadScan, SaveScan
from likeness.jobs.steps import open_scan
from likeness.scans.inspection import inspect_scan
from likeness.scans.scan import Scan


@pytest.fixture(scope="module")
def half_inside_out(sample) -> Scan:
    """The bundled sample with its upper half inside out."""
    scan = open_scan(ReadScan(sample, inspect=False), silent).scan
    faces, height = scan.faces.copy(), scan.vertices[scan.faces].mean(axis=1)[:, 1]
    upper = height > np.median(height)
    faces[upper] = faces[upper][:, (0, 2, 1)]
    return replace(scan, faces=faces, normals=None)


def clean(scan: Scan, request: FitScan | SaveScan) -> Prepared:
    return prepared(scan, inspect_scan(scan, silent), request, silent)


@pytest.mark.parametrize("asked", [FitScan(), FitScan(clean="chosen"), SaveScan(Path("a.ply"))])
def test_what_faces_inwards_is_turned_unasked_and_told(half_inside_out: Scan, asked) -> None:
    done = clean(half_inside_out, asked)
    assert any("turned outwards" in each for each in done.mended)
    assert len(done.scan.faces) == len(half_inside_out.faces) or asked.clean == "auto"


def test_nothing_is_touched_where_nothing_shall_be_cleaned(half_inside_out: Scan) -> None:
    done = clean(half_inside_out, FitScan(clean="none"))
    assert done.scan is half_inside_out
    assert done.removed == done.mended == ()


def test_a_scan_the_right_way_round_is_left_alone(sample) -> None:
    scan = open_scan(ReadScan(sample, inspect=False), silent).scan
    assert clean(scan, FitScan()).mended == ()
