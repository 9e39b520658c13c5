"""A real window with a real engine, and small scans to open in it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    pytest.skip("window tests need a display, such as Xvfb", allow_module_level=True)

import trimesh
from PySide6.QtWidgets import QApplication
from tests.gui.looking import settle, wait_until

from likeness.bodies.body import PARTS
from likeness.bodies.library import find_body
from likeness.gui.app import application
from likeness.gui.main_window import MainWindow
from likeness.gui.remembered import Remembered
from likeness.gui.stage import prepare_surface
from likeness.gui.theme import Theme


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    prepare_surface()
    return QApplication


@pytest.fixture(scope="session")
def scan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open body itself as a scan with much hair: in centimetres, z up."""
    body = find_body("open")
    used, faces = np.unique(body.skin_faces, return_inverse=True)
    x, y, z = 100.0 * with_hair(body.template[used]).T
    path = tmp_path_factory.mktemp("scans") / "person.ply"
    trimesh.Trimesh(np.stack([x, -z, y], axis=1), faces.reshape(-1, 3), process=False).export(path)
    return path


@pytest.fixture(scope="session")
def swallowed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open body with a ball in its belly, in metres, y up."""
    body = find_body("open")
    used, faces = np.unique(body.skin_faces, return_inverse=True)
    person = trimesh.Trimesh(body.template[used], faces.reshape(-1, 3), process=False)
    ball = trimesh.creation.icosphere(3, 0.05)
    torso = np.median(body.template[body.parts == PARTS.index("torso")], axis=0)
    ball.apply_translation((0.0, torso[1], torso[2]))
    path = tmp_path_factory.mktemp("scans") / "swallowed.ply"
    trimesh.util.concatenate([person, ball]).export(path)
    return path


@pytest.fixture(scope="session")
def torn_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The open body with a small hole in the belly."""
    body = find_body("open")
    used, faces = np.unique(body.skin_faces, return_inverse=True)
    person = trimesh.Trimesh(body.template[used], faces.reshape(-1, 3), process=False)
    middles = person.triangles_center
    torso = np.median(body.template[body.parts == PARTS.index("torso")], axis=0)
    belly = middles[middles[:, 2] > torso[2]]
    navel = belly[np.hypot(belly[:, 0], belly[:, 1] - torso[1]).argmin()]
    person.update_faces(np.linalg.norm(middles - navel, axis=1) > 0.022)
    path = tmp_path_factory.mktemp("scans") / "torn.ply"
    person.export(path)
    return path


def with_hair(vertices: np.ndarray) -> np.ndarray:
    """More head than the avatar can follow, so that scan and avatar are both to be seen."""
    head = vertices[:, 1] > vertices[:, 1].max() - 0.12
    centre = vertices[head].mean(axis=0)
    return np.where(head[:, None], centre + 1.6 * (vertices - centre), vertices)


@pytest.fixture(scope="session")
def cloud_file(scan_file: Path) -> Path:
    """The points of the scan without its triangles."""
    path = scan_file.with_name("cloud.ply")
    trimesh.PointCloud(trimesh.load(scan_file, process=False).vertices).export(path)
    return path


@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """A window of its own for every test file, with its viewport ready."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIKENESS_DATA", str(tmp_path_factory.mktemp("data")))
        application()
        window = MainWindow(Theme(qapp, "light"), Remembered())
        window.resize(1200, 800)
        window.show()
        window.activateWindow()  # shortcuts belong to the active window
        wait_until(lambda: window.stage.viewport is not None and window.isActiveWindow())
        yield window
        window.close_at_once()
        window.deleteLater()
        qapp.processEvents()


@pytest.fixture
def opened(window: MainWindow, scan_file: Path) -> MainWindow:
    """The window with the scan open, idle, without a fit and without a message."""
    settle(window)
    window.document.open([scan_file])
    settle(window)
    assert window.document.scan is not None
    assert window.document.fit is None
    return window


@pytest.fixture
def fitted(window: MainWindow, scan_file: Path) -> MainWindow:
    """The window with the scan fitted, at the level that takes least."""
    settle(window)
    if window.document.fit is None or window.document.scan.path != scan_file:
        window.document.open([scan_file])
        settle(window)
        window.document.choose(refinement="none")
        window.document.start_fit()
        settle(window)
    assert window.document.fit is not None, window.banner.message
    return window
