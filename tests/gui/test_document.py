"""The document decides: what waits, what is refused, what is saved, what is asked for quietly."""

from pathlib import Path

import pytest
from tests.gui.stories import HERE, THERE, Story, found, line, scan_of

from likeness.gui.document import Show
from likeness.gui.messages import Kind, Message
from likeness.jobs.protocol import (
    Broken,
    Done,
    ExportAvatar,
    ExportView,
    FitScan,
    InspectScan,
    Progressed,
    ReadScan,
    Refused,
    Stopped,
)

FIT = FitScan(clean="chosen")


@pytest.fixture
def story(qapp: object) -> Story:
    return Story()


def test_of_several_files_the_first_is_read_and_the_others_wait(story: Story):
    story.document.open([HERE, THERE])
    assert story.asked == [ReadScan(HERE, inspect=False)]
    assert story.document.waiting == (THERE,)


def test_a_waiting_file_that_is_opened_waits_no_longer(story: Story):
    story.document.open([HERE, THERE])
    story.document.take_ending(story.asked[-1], Done(scan_of(HERE)))
    story.document.open([THERE])
    assert story.document.waiting == ()


def test_a_second_wish_while_busy_is_answered_by_a_note(story: Story):
    story.document.open([HERE])
    story.document.open([THERE])
    assert len(story.asked) == 1
    assert story.told[0].kind is Kind.NOTE


def test_findings_are_asked_for_after_reading_and_taken(story: Story):
    story.read(HERE)
    assert story.asked[-1] == InspectScan()
    assert story.document.check.view is None
    assert story.document.busy is None
    findings = found(line("hole", "The soles are missing.", "minor"))
    story.document.take_ending(InspectScan(), Done(findings))
    assert story.document.check.findings == findings.findings
    assert story.asked.count(InspectScan()) == 1


def test_findings_that_were_cut_short_are_asked_for_again(story: Story):
    story.read(HERE)
    story.document.start_fit()
    story.document.take_ending(InspectScan(), Stopped())
    assert story.asked[-1] == FIT
    story.document.take_ending(FIT, Stopped())
    assert story.asked[-1] == InspectScan()


def test_findings_that_failed_are_not_asked_for_again(story: Story):
    story.read(HERE)
    story.document.take_ending(InspectScan(), Broken("It broke.", "Report it.", "details"))
    assert story.document.check.findings == ()
    assert story.asked.count(InspectScan()) == 1
    assert story.told[-1].kind is Kind.BUG
    assert story.document.check.view is None


def test_findings_that_failed_are_asked_for_again_on_request(story: Story):
    story.read(HERE)
    story.document.take_ending(InspectScan(), Broken("It broke.", "Report it.", "details"))
    story.document.inspect_again()
    assert story.asked.count(InspectScan()) == 2
    story.document.take_ending(InspectScan(), Done(found()))
    assert story.document.check.view is not None
    assert story.asked.count(InspectScan()) == 2


def test_a_refused_file_leaves_scan_and_fit(story: Story):
    story.read(HERE)
    story.fit()
    story.document.open([THERE])
    story.document.take_ending(story.asked[-1], Refused("No.", "Try another."))
    assert story.document.scan is not None
    assert story.document.scan.path == HERE
    assert story.document.fit is not None
    assert story.told[-1] == Message(Kind.PROBLEM, "No.", "Try another.")


def test_only_what_was_asked_for_shows_progress(story: Story):
    heard: list[Progressed] = []
    story.document.progressed.connect(heard.append)
    story.read(HERE)
    story.document.take_progress(InspectScan(), Progressed("inspect", 0.5, 0.5))
    story.document.start_fit()
    story.document.take_progress(InspectScan(), Progressed("inspect", 0.9, 0.9))
    story.document.take_progress(FIT, Progressed("start", 0.1, 0.1))
    assert [each.stage for each in heard] == ["start"]


def test_quiet_work_is_no_change_of_what_is_under_way(story: Story):
    changes: list[None] = []
    story.read(HERE)
    story.document.start_fit()
    story.document.busy_changed.connect(lambda: changes.append(None))
    story.document.take_ending(InspectScan(), Stopped())
    assert changes == []


def test_the_same_unit_is_not_read_again(story: Story):
    story.read(HERE)
    count = len(story.asked)
    story.document.read_again(unit="auto")
    assert len(story.asked) == count
    story.document.read_again(unit="cm")
    assert story.asked[-1] == ReadScan(HERE, unit="cm", inspect=False)


def test_without_a_fit_there_is_only_the_scan_to_show(story: Story):
    story.read(HERE)
    story.document.set_show(Show.HEAT)
    assert story.document.show is Show.SCAN
    story.fit()
    assert story.document.show is Show.BOTH
    story.document.set_show(Show.HEAT)
    assert story.document.show is Show.HEAT


def test_a_second_fit_leaves_what_is_shown(story: Story):
    story.read(HERE)
    story.fit()
    story.document.set_show(Show.HEAT)
    story.fit()
    assert story.document.show is Show.HEAT


def test_a_fit_is_unsaved_until_exported(story: Story, tmp_path: Path):
    story.read(HERE)
    story.fit()
    assert not story.document.saved
    story.document.export(tmp_path)
    assert story.asked[-1] == ExportAvatar(tmp_path)
    story.document.take_ending(story.asked[-1], Done(ExportView(tmp_path, ())))
    assert story.document.saved


def test_opening_over_an_unsaved_fit_asks_first(story: Story):
    asked: list[object] = []
    story.read(HERE)
    story.fit()
    story.document.leaving_asked.connect(asked.append)
    count = len(story.asked)
    story.document.ask_open([THERE])
    assert len(story.asked) == count
    asked[0]()
    assert story.asked[-1] == ReadScan(THERE, inspect=False)


def test_cancelling_nothing_asks_for_nothing(story: Story):
    cancelled: list[None] = []
    story.document.cancel_asked.connect(lambda: cancelled.append(None))
    story.document.cancel()
    assert cancelled == []


def test_a_document_without_a_scan_fits_nothing(story: Story):
    story.document.start_fit()
    story.document.export(Path("nowhere"))
    story.document.read_again(unit="cm")
    assert story.asked == []


def test_a_result_of_an_earlier_scan_is_gone_with_the_next(story: Story):
    story.read(HERE)
    story.fit()
    story.read(THERE)
    assert story.document.fit is None
    assert story.document.saved
