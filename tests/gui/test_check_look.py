"""What is in colour while checking: open findings, and of what is pointed at nothing is hidden."""

from dataclasses import replace

import numpy as np
import pytest
from tests.gui.stories import HERE, line, scan_of

from likeness.gui.check_look import look_of
from likeness.gui.checking import Checking
from likeness.jobs.protocol import FindingsView

EYE = line("internal", "An eye lies inside.", "minor", "remove", (0,))
HAIR = line("extra-layer", "Hair lies over it.", "minor", "keep", (1,))


@pytest.fixture
def check() -> Checking:
    """Two faces: an eye and the hair over it."""
    check = Checking()
    check.begin(replace(scan_of(HERE), faces=np.array([[0, 1, 2], [0, 2, 1]], np.int32)))
    check.take(FindingsView((EYE, HAIR), np.zeros(2, np.int32)))
    return check


def test_open_findings_are_in_colour(check: Checking) -> None:
    assert (look_of(check).tint > 0).all()


def test_a_layer_is_glass_while_something_inside_is_pointed_at(check: Checking) -> None:
    check.hover(EYE)
    assert (look_of(check).tint > 0).tolist() == [True, False]
    check.hover(HAIR)
    assert (look_of(check).tint > 0).all()
