"""A result is not lost without being asked for."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from tests.gui.stories import HERE, Story

from likeness.gui.export_panel import ExportPanel
from likeness.gui.leaving import Leaving
from likeness.jobs.protocol import Done, ExportView


@pytest.fixture
def story(qapp: object) -> Story:
    return Story()


def answer(leaving: Leaving, text: str) -> None:
    assert isinstance(leaving.box, QMessageBox)
    {button.text(): button for button in leaving.box.buttons()}[text].click()


def test_leaving_an_unsaved_result_exports_discards_or_stays(story: Story, qtbot: QtBot,
                                                             tmp_path: Path):
    panel = ExportPanel(story.document)
    qtbot.addWidget(panel)
    left: list[str] = []
    leaving = Leaving(story.document, lambda: story.document.export(tmp_path), panel)
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
