"""How soon the window can be used, and how long opening a scan keeps a person waiting.

Usage: bench_window.py [--scan FILE] [--repeat N] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample" / "sample_scan.ply"
# What is timed, in seconds after the process was asked for; the frame by itself.
ROWS = {"painted": "window painted", "idle": "first idle moment", "viewport": "viewport ready",
        "shown": "scan shown", "opening": "  of it from opening", "stall": "longest stall by then",
        "frame": "one frame of the scan", "moving": "one frame while moving"}

MEASURED = """
import sys, time
from pathlib import Path

BORN = float(sys.argv[1])
told = {}


def tell(name):
    told.setdefault(name, time.time() - BORN)


def main():
    from PySide6.QtCore import QObject, QEvent, QTimer
    from likeness.gui.app import application
    from likeness.gui.main_window import MainWindow
    from likeness.gui.remembered import Remembered
    from likeness.gui.stage import prepare_surface
    from likeness.gui.theme import Theme

    prepare_surface()
    app = application()
    window = MainWindow(Theme(app), Remembered())

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and "painted" not in told:
                tell("painted")
                QTimer.singleShot(0, lambda: tell("idle"))
            return False

    watch = Watch()
    window.stage.empty.installEventFilter(watch)
    beats = [time.time()]
    stalls = [0.0]

    def beat():
        now = time.time()
        stalls.append(now - beats[-1])
        beats.append(now)

    heart = QTimer()
    heart.timeout.connect(beat)
    heart.start(5)

    def shown():
        beat()
        tell("shown")
        told["opening"], told["stall"] = told["shown"] - told["asked"], max(stalls)
        viewport = window.stage.viewport
        for name, begin in (("frame", lambda: None), ("moving", viewport._start_moving)):
            begin()
            begun = time.time()
            viewport.plotter.render()
            app.processEvents()
            told[name] = time.time() - begun
        window.close_at_once()
        app.quit()

    def ready():
        tell("viewport")
        window.document.scan_changed.connect(lambda: QTimer.singleShot(0, shown))
        tell("asked")
        window.document.open([Path(sys.argv[2])])

    window.stage.ready.connect(ready)
    window.show()
    app.exec()
    import json
    print(json.dumps(told))


if __name__ == "__main__":
    main()
"""


def main() -> None:
    """Start the window some times, print the medians, write all."""
    options = _options()
    runs = [_measured(options.scan) for _ in range(options.repeat)]
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}, {options.scan.name}, "
          f"median of {len(runs)}"
          if hasattr(os, "getloadavg") else options.scan.name)
    for name, words in ROWS.items():
        print(f"  {words:26} {median(run[name] for run in runs):6.2f} s")
    if options.json is not None:
        options.json.write_text(json.dumps({"scan": options.scan.name, "runs": runs}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--scan", type=Path, default=SAMPLE)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _measured(scan: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="likeness-window-") as folder:
        script = Path(folder) / "measured.py"
        script.write_text(MEASURED)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "desktop"), "LIKENESS_DATA": folder}
        ended = subprocess.run([sys.executable, str(script), str(time.time()), str(scan)],
                               env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(ended.stderr)
    return json.loads(ended.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
