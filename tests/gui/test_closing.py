"""Closing asks where something would be lost, and takes the engine along."""

import os
import sys

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.gui.looking import wait_until

from likeness.gui.main_window import MainWindow


@pytest.mark.skipif(sys.platform == "win32", reason="asks for processes by signal")
def test_closing_during_a_fit_asks_and_then_ends_the_engine(opened: MainWindow, qtbot: QtBot):
    with qtbot.waitSignal(opened.document.progressed, timeout=60_000):
        opened.document.start_fit()
    pid = opened.task.engine_pid
    opened.close()
    assert opened.isVisible()
    keep = {button.text(): button for button in opened.leaving.box.buttons()}["Keep working"]
    keep.click()
    assert opened.isVisible()
    assert opened.document.busy is not None
    opened.close()
    stop = {button.text(): button for button in opened.leaving.box.buttons()}["Stop"]
    stop.click()
    wait_until(lambda: not opened.isVisible())
    QApplication.processEvents()
    assert opened.task.isFinished()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
