"""The whole job in a real window: drop, look, fit, cancel, export, and what is drawn meanwhile."""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.gui.looking import blue, grey, red, seen, settle, wait_until

from likeness.gui.document import Show
from likeness.gui.main_window import MainWindow
from likeness.jobs.protocol import Done, FitScan, Progressed


def drop(window: MainWindow, *paths: Path) -> None:
    """What the system sends when files are let go over the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, left = window.rect().center(), Qt.MouseButton.LeftButton
    copy, plain = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, copy, data, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copy, data, left, plain))


def test_an_empty_window_says_what_to_drop(window: MainWindow):
    assert window.stage.currentWidget() is window.stage.empty
    assert "Drop" in window.stage.empty.headline.text()
    assert not window.sidebar.isVisible()


def test_a_dropped_scan_is_seen(window: MainWindow, scan_file: Path):
    drop(window, scan_file)
    assert window.document.busy is not None
    settle(window)
    wait_until(lambda: grey(seen(window)) > 0.02)
    assert window.stage.currentWidget() is window.stage.viewport
    assert blue(seen(window)) == 0


def test_the_sentence_says_height_unit_and_up(opened: MainWindow):
    panel = opened.sidebar.scan
    height = np.ptp(opened.document.scan.vertices[:, 1])
    assert f"{height:.2f} m" in panel.sentence.text()
    assert panel.unit.currentText() == "centimetres"
    assert panel.up.currentText() == "z up"


def test_another_unit_reads_the_scan_again(opened: MainWindow):
    panel = opened.sidebar.scan
    height = opened.document.scan.height_m
    panel.unit.setCurrentIndex(panel.unit.findData("in"))
    panel.unit.activated.emit(panel.unit.currentIndex())
    settle(opened)
    assert opened.document.scan.height_m == pytest.approx(2.54 * height, rel=1e-3)
    assert panel.unit.currentText() == "inches"


def test_several_dropped_files_wait_and_open_by_a_click(window: MainWindow, scan_file: Path,
                                                        cloud_file: Path, qtbot: QtBot):
    settle(window)
    picture = scan_file.with_name("skin.png")
    picture.touch()
    drop(window, scan_file, picture, cloud_file)
    settle(window)
    assert "skin.png" in window.banner.message.problem
    waiting = window.sidebar.waiting.list
    assert [waiting.item(row).text() for row in range(waiting.count())] == ["cloud.ply"]
    row = waiting.visualItemRect(waiting.item(0))
    qtbot.mouseClick(waiting.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    settle(window)
    assert window.document.scan.path == cloud_file
    assert not window.sidebar.waiting.isVisible()
    wait_until(lambda: grey(seen(window)) > 0.02)


def test_a_file_that_is_no_scan_is_a_banner_and_the_scan_stays(opened: MainWindow,
                                                               tmp_path: Path):
    broken = tmp_path / "broken.ply"
    broken.write_bytes(b"ply\nformat ascii 1.0\nelement vertex 5\nend_header\n1 2")
    scan = opened.document.scan
    drop(opened, broken)
    settle(opened)
    assert opened.banner.isVisible()
    assert opened.banner.problem.text().endswith(".")
    assert opened.banner.remedy.text()
    assert "Traceback" not in opened.banner.problem.text() + opened.banner.remedy.text()
    assert opened.document.scan is scan
    assert grey(seen(opened)) > 0.02


def test_a_cancelled_fit_leaves_the_scan(opened: MainWindow, qtbot: QtBot):
    scan = opened.document.scan
    with qtbot.waitSignal(opened.document.progressed, timeout=60_000):
        qtbot.mouseClick(opened.sidebar.fit.fit, Qt.MouseButton.LeftButton)
    assert opened.sidebar.fit.cancel.isVisible()
    with qtbot.waitSignal(opened.document.stopped, timeout=10_000) as stopped:
        qtbot.mouseClick(opened.sidebar.fit.cancel, Qt.MouseButton.LeftButton)
    assert isinstance(stopped.args[0], FitScan)
    assert opened.document.busy is None
    assert opened.document.scan is scan
    assert opened.document.fit is None
    assert opened.sidebar.fit.fit.isVisible()
    wait_until(lambda: grey(seen(opened)) > 0.02)


def test_a_fit_shows_stages_and_then_the_avatar_over_the_scan(opened: MainWindow, qtbot: QtBot):
    told: list[Progressed] = []
    opened.document.progressed.connect(told.append)
    qtbot.mouseClick(opened.sidebar.refinement.levels["none"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(opened.document.fit_changed, timeout=120_000):
        qtbot.keyClick(opened, Qt.Key.Key_F5)
    opened.document.progressed.disconnect(told.append)
    assert {"start", "pose", "shape"} <= {each.stage for each in told}
    assert opened.document.fit.refinement == "none"
    assert opened.document.show is Show.BOTH
    wait_until(lambda: blue(seen(opened)) > 0.01 and grey(seen(opened)) > 0.0005)
    assert opened.sidebar.result.isVisible()
    assert opened.sidebar.result.verdict.text() in ("Good", "Check it", "Poor")
    assert opened.sidebar.result.reasons.text()


def test_the_keys_1_to_4_switch_what_is_seen(fitted: MainWindow, qtbot: QtBot):
    looks = {Qt.Key.Key_1: lambda p: grey(p) > 0.02 and blue(p) == 0,
             Qt.Key.Key_2: lambda p: blue(p) > 0.02 and grey(p) < 0.001,
             Qt.Key.Key_3: lambda p: blue(p) > 0.01}
    for key, right in looks.items():
        qtbot.keyClick(fitted, key)
        wait_until(lambda right=right: right(seen(fitted)))
    qtbot.keyClick(fitted, Qt.Key.Key_4)
    assert fitted.view_bar.legend.isVisible()
    wait_until(lambda: len(np.unique(seen(fitted).reshape(-1, 3), axis=0)) > 300)


def test_the_heat_map_shows_what_is_far_as_red(fitted: MainWindow):
    fit = fitted.document.fit
    far = replace(fit, surface_mm=np.full_like(fit.surface_mm, 30.0))
    fitted.document.set_show(Show.HEAT)
    fitted.document.take_ending(FitScan(), Done(far))
    wait_until(lambda: red(seen(fitted)) > 0.02)
    fitted.document.take_ending(FitScan(), Done(fit))
    wait_until(lambda: red(seen(fitted)) < 0.02)


def test_export_writes_the_formats_chosen(fitted: MainWindow, tmp_path: Path, qtbot: QtBot):
    fitted.sidebar.export.formats["obj"].setChecked(True)
    assert fitted.isWindowModified()
    with qtbot.waitSignal(fitted.document.exported, timeout=60_000):
        fitted.document.export(tmp_path / "person-avatar")
    names = {path.name for path in (tmp_path / "person-avatar").iterdir()}
    assert {"avatar.glb", "avatar.obj", "avatar.npz", "report.json", "report.png"} <= names
    report = json.loads((tmp_path / "person-avatar" / "report.json").read_text())
    assert report["verdict"] == fitted.document.fit.verdict
    assert not fitted.isWindowModified()
    assert "person-avatar" in fitted.sidebar.export.done.text()


def test_an_exported_folder_dropped_again_brings_the_result_back(
        fitted: MainWindow, tmp_path: Path, cloud_file: Path, qtbot: QtBot):
    with qtbot.waitSignal(fitted.document.exported, timeout=60_000):
        fitted.document.export(tmp_path / "kept")
    before = fitted.document.fit
    drop(fitted, cloud_file)
    settle(fitted)
    assert fitted.document.fit is None
    drop(fitted, tmp_path / "kept")
    settle(fitted)
    again = fitted.document.fit
    np.testing.assert_array_equal(again.vertices, before.vertices)
    np.testing.assert_array_equal(again.surface_mm, before.surface_mm)
    assert (again.verdict, again.scan_to_avatar_mm.keys()) == (before.verdict,
                                                               before.scan_to_avatar_mm.keys())
    assert fitted.document.saved
    fitted.document.set_show(Show.AVATAR)
    wait_until(lambda: blue(seen(fitted)) > 0.02)


def test_a_folder_that_cannot_be_written_is_a_banner_and_the_result_stays(
        fitted: MainWindow, tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    fitted.document.export(tmp_path / "taken" / "person")
    settle(fitted)
    assert fitted.banner.isVisible()
    assert fitted.banner.remedy.text()
    assert fitted.document.fit is not None


def test_an_unsaved_result_is_not_lost_by_opening_another(fitted: MainWindow, cloud_file: Path):
    fitted.document.take_ending(FitScan(), Done(fitted.document.fit))
    assert not fitted.document.saved
    drop(fitted, cloud_file)
    box = fitted.leaving.box
    assert box is not None
    buttons = {button.text(): button for button in box.buttons()}
    buttons["Cancel"].click()
    assert fitted.document.fit is not None
    drop(fitted, cloud_file)
    buttons = {button.text(): button for button in fitted.leaving.box.buttons()}
    buttons["Discard"].click()
    settle(fitted)
    assert fitted.document.scan.path == cloud_file
    assert fitted.document.fit is None


@pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signal")
def test_the_death_of_the_engine_is_a_banner_and_the_next_fit_works(opened: MainWindow,
                                                                    qtbot: QtBot):
    with qtbot.waitSignal(opened.document.progressed, timeout=60_000):
        opened.document.start_fit()
    os.kill(opened.task.engine_pid, signal.SIGKILL)
    settle(opened)
    assert "unexpectedly" in opened.banner.problem.text()
    assert opened.banner.copy.isVisible()
    opened.banner.copy.click()
    assert "SIGKILL" in QApplication.clipboard().text()
    assert opened.document.scan is not None
    with qtbot.waitSignal(opened.document.progressed, timeout=60_000):
        opened.document.start_fit()
    opened.document.cancel()
    settle(opened)


def test_the_viewport_takes_no_drops_of_its_own(opened: MainWindow):
    assert not opened.stage.viewport.plotter.acceptDrops()


def test_escape_closes_a_message(opened: MainWindow, tmp_path: Path, qtbot: QtBot):
    drop(opened, tmp_path / "absent.ply")
    settle(opened)
    assert opened.banner.isVisible()
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert not opened.banner.isVisible()


def test_help_tells_where_own_bodies_go(window: MainWindow, qtbot: QtBot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    assert "bodies" in window.help.page.toPlainText()
    assert os.environ["LIKENESS_DATA"] in window.help.page.toPlainText()
    window.help.close()
