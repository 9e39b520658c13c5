"""No work is lost without being asked for."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from tests.gui.stories import HERE, THERE, Story, found, line, scan_of

from likeness.gui.export_panel import ExportPanel
from likeness.gui.leaving import Leaving
from likeness.jobs.protocol import Done, ExportView, InspectScan, ReadScan, SavedView


@pytest.fixture
def story(qapp: object) -> Story:
    return Story()


def nothing() -> None:
    """Nobody answers the file dialog."""


def answer(leaving: Leaving, text: str) -> None:
    assert isinstance(leaving.box, QMessageBox)
    {button.text(): button for button in leaving.box.buttons()}[text].click()


def test_leaving_an_unsaved_result_exports_discards_or_stays(story: Story, qtbot: QtBot,
                                                             tmp_path: Path):
    panel = ExportPanel(story.document)
    qtbot.addWidget(panel)
    left: list[str] = []
    leaving = Leaving(story.document, lambda: story.document.export(tmp_path), nothing, panel)
    story.read(HERE)
    leaving.leave(lambda: left.append("saved"))
    assert left == ["saved"]
    story.fit()
    leaving.leave(lambda: left.append("no"))
    answer(leaving, "Cancel")
    assert left == ["saved"]
    leaving.leave(lambda: left.append("discarded"))
    answer(leaving, "Discard")
    assert left == ["saved", "discarded"]
    leaving.leave(lambda: left.append("exported"))
    answer(leaving, "Export…")
    assert left == ["saved", "discarded"]
    story.document.take_ending(story.asked[-1], Done(ExportView(tmp_path, ())))
    assert left == ["saved", "discarded", "exported"]


@pytest.fixture
def asked_to_save(story: Story, qtbot: QtBot) -> Leaving:
    """A scan is open; whoever asks to save it saves it there."""
    panel = ExportPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    story.document.take_ending(InspectScan(), Done(found()))
    return Leaving(story.document, nothing, lambda: story.document.save_scan(THERE), panel)


def remove_by_hand(story: Story) -> None:
    story.document.check.select(np.array([True]))
    story.document.check.delete()


def test_what_was_removed_by_hand_is_saved_first(story: Story, asked_to_save: Leaving):
    left: list[str] = []
    remove_by_hand(story)
    assert story.document.at_risk
    asked_to_save.leave(lambda: left.append("no"))
    answer(asked_to_save, "Cancel")
    asked_to_save.leave(lambda: left.append("saved"))
    answer(asked_to_save, "Save…")
    assert left == []
    story.document.take_ending(story.asked[-1], Done(SavedView(THERE)))
    assert left == ["saved"]
    assert not story.document.at_risk


def test_what_an_export_holds_is_not_asked_for_but_what_came_after_is(
        story: Story, asked_to_save: Leaving, tmp_path: Path):
    remove_by_hand(story)
    story.fit()
    story.document.export(tmp_path)
    story.document.take_ending(story.asked[-1], Done(ExportView(tmp_path, ())))
    assert not story.document.at_risk
    story.document.check.stack.undo()
    assert not story.document.at_risk
    story.fit()
    remove_by_hand(story)
    left: list[str] = []
    story.document.export(tmp_path)
    asked_to_save.leave(lambda: left.append("left"))  # once that is written
    story.document.take_ending(story.asked[-1], Done(ExportView(tmp_path, ())))
    assert left == []
    answer(asked_to_save, "Discard")
    assert left == ["left"]


def test_findings_are_no_work_of_hands(story: Story, asked_to_save: Leaving):
    eye = line("internal", "An eye.", "minor", "remove", (0,))
    story.document.check.take(found(eye))
    story.document.check.remove(eye)
    assert not story.document.at_risk


def test_marks_stay_where_the_same_scan_is_read_again_and_not_where_it_is_thinned(
        story: Story, asked_to_save: Leaving):
    remove_by_hand(story)
    story.document.read_again(unit="cm")
    story.document.take_ending(story.asked[-1], Done(scan_of(HERE)))
    assert story.document.check.marks.removed.all()
    assert story.document.at_risk
    story.document.check.ask_fewer()
    answer(asked_to_save, "Discard")
    assert story.asked[-1] == ReadScan(HERE, "cm", inspect=False, most=1_000_000)
    story.document.take_ending(story.asked[-1], Done(scan_of(HERE)))
    assert not story.document.check.marks.removed.any()
