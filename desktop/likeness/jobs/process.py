"""What a process needs before it may run jobs: numbers with a point, and libraries loaded early."""

import contextlib
import gc
import importlib
import locale
import os
import sys
import threading
import types
from collections.abc import Iterator

# What the first fit would otherwise wait for, in the order in which it is needed.
_HEAVY = ("likeness.scans.reading", "likeness.scans.inspection", "likeness.fitting.pipeline",
          "likeness.avatars.building", "likeness.avatars.writing", "likeness.avatars.picture")


def prepare_process() -> None:
    """Read and write numbers with a decimal point whatever the user's language.

    open3d reads "1.5" as 1 under a comma-decimal locale, silently.
    """
    if everything := os.environ.pop("LC_ALL", None):
        os.environ["LANG"] = everything
    os.environ["LC_NUMERIC"] = "C"
    locale.setlocale(locale.LC_NUMERIC, "C")
    _without_plots()
    _without_compiler()


def _without_plots() -> None:
    """Keep open3d from loading a web server and a notebook for plots that nobody here draws.

    They are half of the time of its import. Only its own plotting is gone in this process.
    """
    if "open3d" not in sys.modules:
        plots = types.ModuleType("open3d.visualization.draw_plotly")
        for name in ("get_plotly_fig", "draw_plotly", "draw_plotly_server"):
            setattr(plots, name, None)
        sys.modules.setdefault(plots.__name__, plots)


def _without_compiler() -> None:
    """Keep torch from loading what tells its compiler about shapes, for nobody here compiles.

    It is a quarter of the time of its import. Tensors without data would miss it, no others.
    """
    if "torch" not in sys.modules:
        name = "torch._meta_registrations"
        sys.modules.setdefault(name, types.ModuleType(name))


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import libraries, once in a process: nothing of what they leave is garbage, so nobody looks
    for any, which takes a sixth of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_early() -> threading.Thread:
    """Begin to import the engine's libraries in the background; join the thread to wait."""
    thread = threading.Thread(target=_import_all, name="load-early", daemon=True)
    thread.start()
    return thread


def _import_all() -> None:
    for name in _HEAVY:
        with contextlib.suppress(ImportError):  # the step that needs it will say so
            importlib.import_module(name)
