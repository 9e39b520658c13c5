"""A document whose story is told to it: requests it makes are kept, endings are given to it."""

from pathlib import Path

import numpy as np

from likeness.gui.document import Document
from likeness.gui.messages import Message
from likeness.jobs.protocol import Done, FindingLine, FindingsView, FitView, Request, ScanView

HERE, THERE = Path("here.ply"), Path("there.ply")


def scan_of(path: Path) -> ScanView:
    points = np.zeros((3, 3), np.float32)
    faces = np.array([[0, 1, 2]], np.int32)
    return ScanView(path, points, faces, points, faces, np.zeros(1, np.int32), "m", "It fits.",
                    "+y", "It stands.", 1.7)


def some_fit() -> FitView:
    one = np.ones(3, np.float32)
    spread = {"mean": 1.0, "median": 1.0, "p95": 1.0}
    return FitView(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32), one, one,
                   np.eye(4), "good", ("It lies close.",), (), spread, spread, 1.0, 2.0,
                   "standard", "open")


def found(*lines: FindingLine) -> FindingsView:
    return FindingsView(lines, np.zeros(1, np.int32))


def line(kind: str, sentence: str, severity: str, action: str = "keep",
         members: tuple[int, ...] = ()) -> FindingLine:
    return FindingLine(kind, kind, kind, sentence, severity, action, 0.95, 0.0,
                       np.array(members, np.int32))


class Story:
    """A document, what it asked for and what it told."""

    def __init__(self) -> None:
        self.document = Document()
        self.asked: list[Request] = []
        self.told: list[Message] = []
        self.document.submitted.connect(self.asked.append)
        self.document.told.connect(self.told.append)

    def read(self, path: Path) -> None:
        self.document.open([path])
        self.document.take_ending(self.asked[-1], Done(scan_of(path)))

    def fit(self) -> None:
        self.document.start_fit()
        self.document.take_ending(self.asked[-1], Done(some_fit()))
