"""Saving a scan: the name stays as typed, and no file is replaced unasked."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from likeness.gui.save_dialog import as_ply, ask_ply

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


class Answers:
    """What the user chooses and answers, one after the other; what was asked is kept."""

    def __init__(self, names: list[str], answers: list[QMessageBox.StandardButton],
                 patch: pytest.MonkeyPatch) -> None:
        self.names, self.answers = names, answers
        self.proposed: list[str] = []
        self.asked: list[str] = []
        patch.setattr(QFileDialog, "getSaveFileName", self._name)
        patch.setattr(QMessageBox, "question", self._answer)

    def _name(self, _: QWidget, __: str, proposed: str, ___: str) -> tuple[str, str]:
        self.proposed.append(proposed)
        return self.names.pop(0), ""

    def _answer(self, _: QWidget, __: str, words: str, *___: object) -> object:
        self.asked.append(words)
        return self.answers.pop(0)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize(("typed", "saved"), [
    ("anna", "anna.ply"), ("anna.ply", "anna.ply"), ("anna.PLY", "anna.PLY"),
    ("anna.v2", "anna.v2.ply"), ("anna.obj", "anna.obj.ply")])
def test_a_name_keeps_all_that_was_typed(typed: str, saved: str):
    assert as_ply(Path("scans") / typed) == Path("scans") / saved


def test_a_file_that_only_the_ending_hits_is_asked_for(parent: QWidget, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch):
    taken = tmp_path / "anna.v2.ply"
    taken.touch()
    user = Answers([str(tmp_path / "anna.v2")] * 2, [NO, YES], monkeypatch)
    assert ask_ply(parent, tmp_path / "a_cleaned.ply") == taken
    assert user.proposed == [str(tmp_path / "a_cleaned.ply"), str(taken)]
    assert all(words.startswith("anna.v2.ply already exists.") for words in user.asked)
    assert user.answers == []


def test_what_the_dialog_asked_about_is_not_asked_again(parent: QWidget, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "anna.ply").touch()
    user = Answers([str(tmp_path / "anna.ply")], [], monkeypatch)
    assert ask_ply(parent, tmp_path / "a.ply") == tmp_path / "anna.ply"
    assert user.asked == []


def test_no_name_is_no_file(parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Answers([""], [], monkeypatch)
    assert ask_ply(parent, tmp_path / "a.ply") is None
