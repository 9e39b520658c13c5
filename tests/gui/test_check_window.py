"""The Check step in a real window: what is found is seen, and goes or stays as the user says."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from tests.gui.looking import Pixels, seen, settle, wait_until
from tests.gui.stories import some_fit

from likeness.gui.checking import Fate, Tool
from likeness.gui.document import Show
from likeness.gui.main_window import MainWindow

Place = tuple[float, float]
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def vermilion(pixels: Pixels) -> float:
    """The share of pixels that can only be something inside of the body."""
    return float(((pixels[..., 0] - pixels[..., 2] > 70) & (pixels[..., 1] < 130)).mean())


def middle_of_vermilion(pixels: Pixels) -> Place:
    """Where in the view the surface inside of the body is seen."""
    rows, columns = np.nonzero((pixels[..., 0] - pixels[..., 2] > 70) & (pixels[..., 1] < 130))
    return float(np.median(columns)), float(np.median(rows))


def selection_blue(pixels: Pixels) -> float:
    """The share of pixels that can only be selected surface."""
    return float((pixels[..., 2] - pixels[..., 0] > 80).mean())


def body(pixels: Pixels) -> float:
    """The share of pixels that are neither background nor in colour."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return float(((spread < 12) & (pixels.max(axis=2) < 195)).mean())


def mouse(window: MainWindow, kind: QEvent.Type, place: Place, keys: Qt.KeyboardModifier) -> None:
    plotter = window.stage.viewport.plotter
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    at = QPointF(*place)
    QApplication.sendEvent(plotter, QMouseEvent(kind, at, plotter.mapToGlobal(at), button, held,
                                                keys))


def point(window: MainWindow, place: Place) -> None:
    """Move the mouse there with no button held."""
    plotter, none = window.stage.viewport.plotter, Qt.MouseButton.NoButton
    at = QPointF(*place)
    QApplication.sendEvent(plotter, QMouseEvent(QEvent.Type.MouseMove, at, plotter.mapToGlobal(at),
                                                none, none, PLAIN))


def drag(window: MainWindow, *places: Place, keys: Qt.KeyboardModifier = PLAIN) -> None:
    mouse(window, QEvent.Type.MouseButtonPress, places[0], keys)
    for place in places[1:]:
        mouse(window, QEvent.Type.MouseMove, place, keys)
    mouse(window, QEvent.Type.MouseButtonRelease, places[-1], keys)


def middle(window: MainWindow) -> Place:
    plotter = window.stage.viewport.plotter
    return plotter.width() / 2, plotter.height() / 2


def box_around_middle(window: MainWindow, half: float) -> tuple[Place, Place]:
    x, y = middle(window)
    return (x - half, y - half), (x + half, y + half)


@pytest.fixture
def checked(window: MainWindow, swallowed_file: Path) -> Iterator[MainWindow]:
    """The window with the scan open and inspected, nothing decided."""
    settle(window)
    window.document.open([swallowed_file])
    settle(window)
    wait_until(lambda: window.document.check.view is not None)
    yield window
    window.document.check.use(Tool.TURN)


def test_what_lies_inside_shines_through_the_body(checked: MainWindow):
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    checked.sidebar.check.glass.click()
    wait_until(lambda: vermilion(seen(checked)) == 0.0)


def test_remove_takes_it_out_of_view_and_of_the_fit_and_undo_brings_it_back(
        checked: MainWindow, qtbot: QtBot):
    card = checked.sidebar.check.cards[0]
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    qtbot.mouseClick(card.remove, Qt.MouseButton.LeftButton)
    checked.document.check.hover(None)
    wait_until(lambda: vermilion(seen(checked)) == 0.0)
    qtbot.keyClick(checked, Qt.Key.Key_Z, CTRL)
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    qtbot.mouseClick(checked.sidebar.check.certain, Qt.MouseButton.LeftButton)
    checked.document.choose(refinement="none")
    qtbot.keyClick(checked, Qt.Key.Key_F5)
    settle(checked)
    fit = checked.document.fit
    assert fit is not None, checked.banner.message
    assert fit.removed == (card.finding.name,)


def test_what_is_kept_is_fitted(checked: MainWindow, qtbot: QtBot):
    qtbot.mouseClick(checked.sidebar.check.cards[0].keep, Qt.MouseButton.LeftButton)
    checked.document.choose(refinement="none")
    checked.document.start_fit()
    settle(checked)
    assert checked.document.fit is not None, checked.banner.message
    assert checked.document.fit.removed == ()


def test_show_me_brings_it_near(checked: MainWindow, qtbot: QtBot):
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    before = vermilion(seen(checked))
    qtbot.mouseClick(checked.sidebar.check.cards[0].zoom, Qt.MouseButton.LeftButton)
    wait_until(lambda: vermilion(seen(checked)) > 5 * before)


def test_show_me_shows_the_scan_alone(checked: MainWindow, qtbot: QtBot):
    document = checked.document
    document.fit = some_fit()
    document.set_show(Show.BOTH)
    try:
        wait_until(lambda: vermilion(seen(checked)) == 0.0)
        qtbot.mouseClick(checked.sidebar.check.cards[0].zoom, Qt.MouseButton.LeftButton)
        assert document.show is Show.SCAN
        wait_until(lambda: vermilion(seen(checked)) > 0.01)
    finally:
        document.set_show(Show.SCAN)
        document.fit = None


def test_a_card_under_the_mouse_lights_up_its_surface(checked: MainWindow):
    card = checked.sidebar.check.cards[0]
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    checked.document.check.hover(card.finding)
    wait_until(lambda: vermilion(seen(checked)) == 0.0)  # it is yellow now
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    wait_until(lambda: vermilion(seen(checked)) > 0.001)


def test_surface_under_the_mouse_lights_up_its_card(checked: MainWindow):
    check, card = checked.document.check, checked.sidebar.check.cards[0]
    wait_until(lambda: vermilion(seen(checked)) > 0.001)
    ball = middle_of_vermilion(seen(checked))
    point(checked, ball)
    wait_until(lambda: check.hovered is card.finding)  # seen through the belly
    assert card.property("lit")
    point(checked, (3.0, 3.0))
    wait_until(lambda: check.hovered is None)
    assert not card.property("lit")
    check.set_glass(False)
    point(checked, ball)
    still = QElapsedTimer()
    still.start()
    wait_until(lambda: still.elapsed() > 300)
    assert check.hovered is None  # the belly hides it now


def test_the_tab_key_lights_up_what_it_comes_to(checked: MainWindow, qtbot: QtBot):
    check, card = checked.document.check, checked.sidebar.check.cards[0]
    check.hover(None)
    checked.sidebar.check.glass.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(checked.sidebar.check.glass, Qt.Key.Key_Tab)
    wait_until(lambda: check.hovered is card.finding)
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    wait_until(lambda: check.hovered is None)


def test_the_next_scan_begins_with_nothing_lit(checked: MainWindow, scan_file: Path):
    check, card = checked.document.check, checked.sidebar.check.cards[0]
    card.remove.setFocus(Qt.FocusReason.TabFocusReason)
    wait_until(lambda: check.hovered is card.finding)
    checked.document.open([scan_file])
    settle(checked)
    assert checked.document.scan.path == scan_file
    assert check.hovered is None


def test_after_a_fit_the_card_says_where_it_is(checked: MainWindow):
    checked.document.choose(refinement="none")
    checked.document.start_fit()
    settle(checked)
    fit = checked.document.fit
    assert fit is not None, checked.banner.message
    card, = (each for each in checked.sidebar.check.cards if each.finding.kind == "internal")
    assert card.finding.name in ("piece inside the belly", "piece inside the chest")
    assert card.accessibleName() == card.finding.name


def test_what_a_box_says_is_mended_before_the_fit(window: MainWindow, torn_file: Path):
    settle(window)
    window.document.open([torn_file])
    settle(window)
    wait_until(lambda: window.document.check.view is not None)
    box = window.sidebar.check.mends["holes"]
    assert box.isVisibleTo(window)
    box.click()
    window.document.choose(refinement="none")
    window.document.start_fit()
    settle(window)
    assert window.document.fit is not None, window.banner.message
    assert any("hole" in each for each in window.document.fit.mended)
    window.document.check.stack.undo()
    assert not box.isChecked()


@pytest.mark.parametrize("tool", [Tool.BOX, Tool.LASSO, Tool.BRUSH])
def test_surface_is_selected_by_hand_and_deleted(checked: MainWindow, qtbot: QtBot, tool: Tool):
    check = checked.document.check
    check.set_glass(False)
    qtbot.mouseClick(checked.tool_bar.tools[tool], Qt.MouseButton.LeftButton)
    (left, top), (right, bottom) = box_around_middle(checked, 40)
    path = {Tool.BOX: [(left, top), (right, bottom)], Tool.BRUSH: [(left, top), (right, bottom)],
            Tool.LASSO: [(left, top), (right, top), (right, bottom), (left, bottom)]}[tool]
    drag(checked, *path)
    chosen = check.marks.selected.copy()
    assert chosen.any()
    wait_until(lambda: selection_blue(seen(checked)) > 0.001)
    ball = check.findings[0].members
    assert not chosen[ball].any()  # it is hidden by the belly
    drag(checked, *path, keys=CTRL)
    assert not check.marks.selected.any()
    check.stack.undo()
    np.testing.assert_array_equal(check.marks.selected, chosen)
    qtbot.keyClick(checked, Qt.Key.Key_Delete)
    np.testing.assert_array_equal(check.marks.removed, chosen)
    check.use(Tool.TURN)  # the brush itself is blue as well
    wait_until(lambda: selection_blue(seen(checked)) == 0.0)


def test_through_selects_what_is_behind(checked: MainWindow, qtbot: QtBot):
    check = checked.document.check
    check.use(Tool.BOX)
    qtbot.mouseClick(checked.tool_bar.through, Qt.MouseButton.LeftButton)
    drag(checked, (1.0, 1.0), tuple(2 * each - 2 for each in middle(checked)))
    assert check.marks.selected[check.findings[0].members].all()


def test_a_double_click_selects_what_hangs_together(checked: MainWindow):
    check = checked.document.check
    check.use(Tool.CLICK)
    ball = check.findings[0].members
    mouse(checked, QEvent.Type.MouseButtonDblClick, middle(checked), PLAIN)
    assert check.marks.selected.any()
    assert not check.marks.selected[ball].any()
    assert (~check.marks.selected).sum() == len(ball)
    check.hide()
    check.use(Tool.CLICK)
    drag(checked, middle(checked))
    assert check.hovered is check.findings[0] or check.hovered is None


def test_what_is_hidden_is_not_drawn_but_fitted(checked: MainWindow, qtbot: QtBot):
    check = checked.document.check
    wait_until(lambda: body(seen(checked)) > 0.02)
    check.select_all()
    qtbot.keyClick(checked, Qt.Key.Key_H)
    wait_until(lambda: body(seen(checked)) == 0.0)
    assert check.removed_rows == b""
    qtbot.keyClick(checked, Qt.Key.Key_H, SHIFT)
    wait_until(lambda: body(seen(checked)) > 0.02)


def test_escape_leaves_the_tool_and_then_the_selection(checked: MainWindow, qtbot: QtBot):
    check = checked.document.check
    check.use(Tool.BOX)
    drag(checked, *box_around_middle(checked, 30))
    qtbot.keyClick(checked, Qt.Key.Key_Escape)
    assert check.tool is Tool.TURN
    assert check.marks.selected.any()
    qtbot.keyClick(checked, Qt.Key.Key_Escape)
    assert not check.marks.selected.any()


def test_the_view_still_turns_and_zooms_with_a_tool_in_hand(checked: MainWindow):
    plotter = checked.stage.viewport.plotter
    checked.document.check.use(Tool.BOX)
    before = plotter.camera.position
    drag(checked, *box_around_middle(checked, 30))
    assert plotter.camera.position == before
    checked.document.check.use(Tool.TURN)
    drag(checked, *box_around_middle(checked, 30))
    wait_until(lambda: plotter.camera.position != before)


def test_nothing_is_selected_that_is_not_seen(checked: MainWindow, qtbot: QtBot):
    document, check = checked.document, checked.document.check
    document.fit = some_fit()
    check.use(Tool.BOX)
    document.set_show(Show.BOTH)
    try:
        before = checked.stage.viewport.plotter.camera.position
        drag(checked, *box_around_middle(checked, 40))
        wait_until(lambda: checked.stage.viewport.plotter.camera.position != before)
        qtbot.keyClick(checked, Qt.Key.Key_A, CTRL)
        assert not check.marks.selected.any()
        assert not checked.stage.viewport.selecting.isVisible()
        document.set_show(Show.SCAN)
        qtbot.keyClick(checked, Qt.Key.Key_A, CTRL)
        assert check.marks.selected.all()
        document.set_show(Show.BOTH)
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_H, Qt.Key.Key_Escape):
            qtbot.keyClick(checked, key)
        assert check.marks.selected.all()
    finally:
        document.set_show(Show.SCAN)
        document.fit = None


def test_points_of_a_cloud_are_selected_and_removed(window: MainWindow, cloud_file: Path):
    settle(window)
    window.document.open([cloud_file])
    settle(window)
    check = window.document.check
    check.use(Tool.BOX)
    drag(window, *box_around_middle(window, 60))
    assert check.marks.selected.any()
    count = int(check.marks.selected.sum())
    check.delete()
    assert int(check.marks.removed.sum()) == count
    check.use(Tool.TURN)


def test_the_cleaned_scan_is_saved_beside_the_file(checked: MainWindow, swallowed_file: Path,
                                                   tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch):
    before = swallowed_file.read_bytes()
    checked.document.check.remove_certain()
    monkeypatch.setattr(QFileDialog, "getSaveFileName",
                        lambda *_: (str(tmp_path / "mine"), ""))
    checked.ask_saved_scan()
    settle(checked)
    assert "mine.ply" in checked.banner.message.problem
    assert swallowed_file.read_bytes() == before
    checked.document.open([tmp_path / "mine.ply"])
    settle(checked)
    wait_until(lambda: checked.document.check.view is not None)
    assert not any(each.kind == "internal" for each in checked.document.check.findings)


def test_all_decisions_stand_while_the_same_scan_is_open(checked: MainWindow, qtbot: QtBot):
    check = checked.document.check
    qtbot.mouseClick(checked.sidebar.check.cards[0].keep, Qt.MouseButton.LeftButton)
    checked.document.choose(refinement="none")
    checked.document.start_fit()
    settle(checked)
    assert check.fate(check.findings[0]) is Fate.KEPT
