"""An open window, viewport included, has loaded nothing of the engine's."""

import os
import subprocess
import sys
from pathlib import Path

OPEN = """
import sys
from PySide6.QtCore import QTimer
from likeness.gui.app import application
from likeness.gui.main_window import MainWindow
from likeness.gui.remembered import Remembered
from likeness.gui.stage import prepare_surface
from likeness.gui.theme import Theme

if __name__ == "__main__":
    prepare_surface()
    app = application()
    window = MainWindow(Theme(app), Remembered())
    window.stage.ready.connect(lambda: QTimer.singleShot(0, app.quit))
    window.show()
    app.exec()
    heavy = ("torch", "smplx", "open3d", "trimesh")
    print("loaded:", *[name for name in heavy if name in sys.modules], flush=True)
    assert "pyvista" in sys.modules
    window.close_at_once()
"""


def test_an_open_window_has_not_loaded_the_engines_libraries(repository: Path, tmp_path: Path):
    script = tmp_path / "open.py"
    script.write_text(OPEN)
    environment = os.environ | {"PYTHONPATH": str(repository / "desktop"),
                                "LIKENESS_DATA": str(tmp_path / "data")}
    told = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True,
                          text=True, timeout=100)
    assert told.returncode == 0, told.stderr
    assert "loaded:" in told.stdout
    assert told.stdout.split("loaded:")[1].split() == []
