"""What the panels say, by a document whose story is told to it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from tests.gui.test_document import HERE, THERE, Story

from likeness.core.paths import resource
from likeness.gui.banner import Banner
from likeness.gui.dropping import dropped_files, message_about, sorted_out
from likeness.gui.export_panel import FORMATS, ExportPanel
from likeness.gui.fit_panel import time_left
from likeness.gui.icons import pixmap
from likeness.gui.leaving import Leaving
from likeness.gui.messages import Kind, Message
from likeness.gui.refinement_panel import LEVELS, RefinementPanel
from likeness.gui.remembered import Remembered
from likeness.gui.result_panel import ResultPanel
from likeness.gui.scan_panel import ScanPanel
from likeness.gui.theme import Theme
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    Done,
    ExportView,
    FindingLine,
    FindingsView,
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

    assert tuple(LEVELS) == REFINEMENTS
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
    eye = FindingLine("internal", "An eye lies inside.", "info")
    people = FindingLine("several-people", "There are two people.", "serious")
    story.document.take_ending(InspectScan(), Done(FindingsView((eye, eye, people))))
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


def test_what_is_no_scan_is_named(tmp_path: Path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/a/one.obj"), QUrl.fromLocalFile("/a/one.mtl"),
                  QUrl("https://example.org/two.obj"), QUrl.fromLocalFile("/a/TWO.PLY")])
    sorted_paths = sorted_out(dropped_files(data))
    assert [path.name for path in sorted_paths.scans] == ["one.obj", "TWO.PLY"]
    assert "one.mtl" in message_about(sorted_paths.others).problem
    assert sorted_out([tmp_path]).others == (tmp_path,)
    assert sorted_out([Path("strange.bin")]).scans == (Path("strange.bin"),)


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


def test_recent_files_are_remembered_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIKENESS_DATA", str(tmp_path / "data"))
    files = [tmp_path / f"{number}.ply" for number in range(3)]
    for file in files:
        file.touch()
        Remembered().add_recent(file)
    Remembered().add_recent(files[1])
    files[0].unlink()
    assert Remembered().recent == [files[1], files[2]]
    Remembered().forget_recent()
    assert Remembered().recent == []


def contrast(first: str, second: str) -> float:
    """As the Web Content Accessibility Guidelines 2.1 define it."""
    def luminance(colour: str) -> float:
        parts = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_can_be_read(name: str):
    colours = json.loads(resource(f"theme/{name}.json").read_text())
    for ink, paper in (("text", "window"), ("text", "surface"), ("soft", "surface"),
                       ("soft", "window"), ("on_accent", "accent"), ("good", "good_soft"),
                       ("check", "check_soft"), ("poor", "poor_soft"), ("text", "field")):
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)


def test_light_and_dark_name_the_same_colours_and_the_style_no_others():
    light, dark = (json.loads(resource(f"theme/{name}.json").read_text())
                   for name in ("light", "dark"))
    assert light.keys() == dark.keys()
    style = resource("theme/likeness.qss").read_text()
    assert set(re.findall(r"\$(\w+)", style)) <= {*light, "chevron", "tick"}


def test_the_theme_changes_while_the_window_is_open(theme: Theme, qapp: QApplication):
    changes: list[None] = []
    theme.changed.connect(lambda: changes.append(None))
    theme.want("dark")
    assert theme.dark
    assert qapp.palette().window().color() == theme.colour("window")
    assert changes
    theme.want("light")
    assert not theme.dark


@pytest.mark.parametrize("file", sorted(resource("icons").glob("*.svg")), ids=lambda f: f.stem)
def test_every_icon_draws_something(file: Path, qapp: object):
    image = pixmap(file.stem, "#c02020", 24).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128
                for x in range(image.width()) for y in range(image.height()))
    assert drawn > 40


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
