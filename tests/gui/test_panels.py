"""What the panels say, by a document whose story is told to it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.gui.stories import HERE, Story, found, line

from likeness.gui.banner import Banner
from likeness.gui.export_panel import FORMATS, ExportPanel
from likeness.gui.fit_panel import time_left
from likeness.gui.messages import Kind, Message
from likeness.gui.refinement_panel import ALWAYS_INSIDE, LEVELS, RefinementPanel
from likeness.gui.result_panel import ResultPanel
from likeness.gui.scan_panel import ScanPanel
from likeness.gui.theme import Theme
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    Done,
    FitScan,
    InspectScan,
    ListBodies,
)


@pytest.fixture
def story(qapp: object) -> Story:
    return Story()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def test_all_the_formats_there_are_can_be_chosen():
    from likeness.avatars.writing import FORMATS as WRITERS

    assert list(FORMATS) == list(WRITERS)


def test_all_the_levels_there_are_can_be_chosen(story: Story, qtbot: QtBot):
    from likeness.fitting.fit import REFINEMENTS
    from likeness.fitting.recipes import INSIDE_LEVELS

    assert tuple(LEVELS) == REFINEMENTS
    assert ALWAYS_INSIDE == INSIDE_LEVELS
    panel = RefinementPanel(story.document)
    qtbot.addWidget(panel)
    panel.levels["high"].click()
    assert story.document.fitting == FitScan(refinement="high")
    assert panel.words.text() == LEVELS["high"][1]


def test_a_body_is_chosen_only_where_there_is_a_choice(story: Story, qtbot: QtBot):
    panel = RefinementPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    panel.show()
    own = BodyLine("mine", "SMPL-X", "my licence", Path("mine.npz"))
    open_body = BodyLine("open", "SMPL+H", "CC0", Path("open.npz"))
    story.document.take_ending(ListBodies(), Done(BodiesView((open_body,))))
    assert not panel.body_choice.isVisible()
    story.document.take_ending(ListBodies(), Done(BodiesView((open_body, own))))
    assert panel.body_choice.isVisible()
    panel.body_choice.setCurrentIndex(1)
    panel.body_choice.activated.emit(1)
    assert story.document.fitting.body == "mine"


def test_the_gravest_finding_comes_first_and_equal_ones_once(story: Story, qtbot: QtBot):
    panel = ScanPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    assert "Looking" in panel.findings.text()
    eye = line("internal", "An eye lies inside.", "info")
    people = line("several-people", "There are two people.", "serious")
    story.document.take_ending(InspectScan(), Done(found(eye, eye, people)))
    assert panel.findings.text().splitlines() == ["• There are two people.",
                                                  "• An eye lies inside. (2 times)"]


def test_the_result_says_verdict_reasons_and_distances(story: Story, qtbot: QtBot):
    panel = ResultPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    assert not panel.isVisible()
    story.fit()
    assert panel.verdict.text() == "Good"
    assert panel.reasons.text() == "It lies close."
    assert panel.figures["scan", "median"].text() == "1.0"


def test_nothing_to_write_is_nothing_to_export(story: Story, qtbot: QtBot):
    panel = ExportPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    story.fit()
    for box in panel.formats.values():
        box.setChecked(False)
    assert not panel.export.isEnabled()
    panel.formats["ply"].setChecked(True)
    assert panel.export.isEnabled()
    assert story.document.exporting.formats == ("ply",)


def test_a_bug_is_told_without_its_traceback(theme: Theme, qtbot: QtBot):
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_message(Message(Kind.BUG, "It broke.", "Report it.", "Traceback: secret"))
    shown = banner.problem.text() + banner.remedy.text() + banner.toolTip()
    assert "Traceback" not in shown
    banner.copy.click()
    assert "secret" in QApplication.clipboard().text()
    banner.show_message(Message(Kind.PROBLEM, "No.", "Try again."))
    assert not banner.copy.isVisible()


def test_time_left_is_said_as_roughly_as_it_is_known():
    assert time_left(None) == ""
    assert time_left(1.2) == "almost done"
    assert time_left(33.0) == "about 35 s left"
    assert time_left(400.0) == "about 7 min left"


def test_loose_clothing_is_a_box(story: Story, qtbot: QtBot):
    panel = RefinementPanel(story.document)
    qtbot.addWidget(panel)
    panel.clothed.click()
    assert story.document.fitting == FitScan(clothed=True)
    panel.levels["high"].click()
    assert story.document.fitting == FitScan(refinement="high", clothed=True)
    panel.clothed.click()
    assert story.document.fitting == FitScan(refinement="high")
