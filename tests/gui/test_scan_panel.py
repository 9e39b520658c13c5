"""What is said of the scan itself: its height, unit and up axis, and what to know of it."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot
from tests.gui.stories import HERE, Story, scan_of

from likeness.gui.scan_panel import ScanPanel
from likeness.jobs.protocol import Done, ReadScan


@pytest.fixture
def story(qapp: object) -> Story:
    return Story()


def told(story: Story, qtbot: QtBot, **known: object) -> ScanPanel:
    """The panel about a scan of which this is known."""
    panel = ScanPanel(story.document)
    qtbot.addWidget(panel)
    story.document.open([HERE])
    story.document.take_ending(story.asked[-1], Done(replace(scan_of(HERE), **known)))
    return panel


@pytest.mark.parametrize(("unit", "words"), [
    ("cm", "centimetres"), ("dm", "decimetres"), ("scaled", "an unknown unit")])
def test_the_unit_is_said_whatever_it_is(story: Story, qtbot: QtBot, unit: str, words: str):
    box = told(story, qtbot, unit=unit).unit
    assert (box.currentText() or box.placeholderText()) == words


def test_an_unknown_unit_can_be_corrected(story: Story, qtbot: QtBot):
    panel = told(story, qtbot, unit="scaled")
    panel.up.activated.emit(panel.up.currentIndex())
    assert len([each for each in story.asked if isinstance(each, ReadScan)]) == 1
    panel.unit.setCurrentIndex(panel.unit.findData("m"))
    panel.unit.activated.emit(panel.unit.currentIndex())
    assert story.asked[-1] == ReadScan(HERE, unit="m", inspect=False)


def test_a_copy_is_called_a_copy(story: Story, qtbot: QtBot):
    note = "This is a copy of 1,000,000 triangles; the file has 7,000,000."
    panel = told(story, qtbot, notes=(note,))
    assert panel.notes.isVisibleTo(panel)
    assert panel.notes.text() == note
    story.read(HERE)
    assert not panel.notes.isVisibleTo(panel)
