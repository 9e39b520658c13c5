"""What the panels say, by a document whose story is told to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.gui.stories import HERE, Story, found, line

from likeness.gui.banner import Banner
from likeness.gui.check_panel import CheckPanel
from likeness.gui.checking import Fate
from likeness.gui.export_panel import FORMATS, ExportPanel
from likeness.gui.fit_panel import FitPanel, time_left
from likeness.gui.messages import Kind, Message
from likeness.gui.refinement_panel import ALWAYS_INSIDE, LEVELS, RefinementPanel
from likeness.gui.result_panel import ResultPanel
from likeness.gui.theme import Theme
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    Broken,
    Done,
    FindingLine,
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
    assert story.document.fitting == FitScan(refinement="high", clean="chosen")
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


def test_a_scan_that_could_not_be_checked_is_not_called_clean(story: Story, qtbot: QtBot):
    panel = CheckPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    panel.show()
    assert not panel.again.isVisible()
    story.document.take_ending(InspectScan(), Broken("It broke.", "Report it.", "details"))
    assert "could not be checked" in panel.summary.text()
    panel.again.click()
    assert "Looking" in panel.summary.text()
    assert not panel.again.isVisible()
    story.document.take_ending(InspectScan(), Done(found()))
    assert panel.summary.text().startswith("Nothing found")


def checked(story: Story, qtbot: QtBot, *findings: FindingLine) -> CheckPanel:
    panel = CheckPanel(story.document)
    qtbot.addWidget(panel)
    story.read(HERE)
    panel.show()
    assert "Looking" in panel.summary.text()
    story.document.take_ending(InspectScan(), Done(found(*findings)))
    return panel


def test_every_finding_has_a_card_with_what_is_known_of_it(story: Story, qtbot: QtBot):
    eye = line("internal", "An eye lies inside.", "minor", "remove", (0,))
    people = line("several-people", "There are two people.", "serious", "none")
    panel = checked(story, qtbot, people, eye)
    assert [card.finding for card in panel.cards] == [people, eye]
    assert panel.cards[1].sentence.text() == "An eye lies inside."
    assert panel.cards[1].amount.text() == "1 triangle. Better removed."
    assert panel.cards[1].remove.isVisible()
    assert not panel.cards[0].remove.isVisible()  # there is nothing to remove


def test_what_is_only_possible_is_to_be_looked_at(story: Story, qtbot: QtBot):
    eye = line("internal", "An eye lies inside.", "minor", "remove", (0,))
    fold = replace(line("pocket", "A fold.", "minor", "remove", (0,)), confidence=0.5)
    panel = checked(story, qtbot, eye, fold)
    assert panel.summary.text().startswith("Found 1 that should be removed and 1 to look at.")
    assert panel.cards[1].amount.text() == "1 triangle. Look at it: it may be part of the person."


def test_a_scan_without_findings_says_so(story: Story, qtbot: QtBot):
    panel = checked(story, qtbot)
    assert panel.summary.text() == "Nothing found that does not belong to the person."
    assert not panel.certain.isVisible()


def test_remove_keep_and_changing_ones_mind(story: Story, qtbot: QtBot):
    eye = line("internal", "An eye lies inside.", "minor", "remove", (0,))
    panel, check = checked(story, qtbot, eye), story.document.check
    card = panel.cards[0]
    assert panel.summary.text().startswith("Found 1 that should be removed.")
    card.remove.click()
    assert check.fate(eye) is Fate.REMOVED
    assert panel.summary.text() == "Everything is decided."
    card.keep.click()
    assert check.fate(eye) is Fate.KEPT
    assert not card.remove.isChecked()
    card.keep.click()
    assert check.fate(eye) is Fate.OPEN
    assert not card.keep.isChecked()


def test_what_would_be_fitted_by_oversight_is_said_beside_the_button(story: Story, qtbot: QtBot):
    fit = FitPanel(story.document)
    qtbot.addWidget(fit)
    eye = line("internal", "An eye lies inside.", "minor", "remove", (0,))
    panel = checked(story, qtbot, eye)
    fit.show()
    assert "One thing" in fit.undecided.text()
    assert fit.undecided.isVisible()
    panel.certain.click()
    assert not fit.undecided.isVisible()
    assert not panel.certain.isVisible()


def test_many_findings_come_a_few_at_a_time(story: Story, qtbot: QtBot):
    panel = checked(story, qtbot, *(line(f"kind-{k}", "Something.", "info") for k in range(20)))
    assert sum(card.isVisible() for card in panel.cards) < 10
    panel.more.click()
    assert all(card.isVisible() for card in panel.cards)
    assert not panel.more.isVisible()


def test_the_card_of_what_is_lit_in_the_view_is_shown(story: Story, qtbot: QtBot):
    panel = checked(story, qtbot, *(line(f"kind-{k}", "Something.", "info") for k in range(20)))
    last = panel.cards[-1]
    story.document.check.hover(last.finding)
    assert last.isVisible()
    assert last.property("lit")
    story.document.check.hover(None)
    assert not last.isVisible()


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
    assert story.document.fitting == FitScan(clean="chosen", clothed=True)
    panel.levels["high"].click()
    assert story.document.fitting == FitScan(refinement="high", clean="chosen", clothed=True)
    panel.clothed.click()
    assert story.document.fitting == FitScan(refinement="high", clean="chosen")
