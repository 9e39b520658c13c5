"""How the reading of a hostile file may end: a scan that holds together, or two sentences."""

import re
import warnings
from pathlib import Path

import numpy as np

from likeness.core.errors import UserError
from likeness.core.progress import silent
from likeness.jobs.protocol import ScanView
from likeness.scans.reading import ReadSettings, read_scan
from likeness.scans.scan import Scan

SCAN, REFUSED = "scan", "refused"
_CODE = re.compile(r"Traceback|Error\b|Exception|0x[0-9a-f]{4}|<class|None\b|dtype|\bnan\b")


class WrongEndingError(AssertionError):
    """Neither a sound scan nor a sentence."""


def read(path: Path) -> str:
    """`SCAN` or `REFUSED`; raises `WrongEndingError`, or whatever the reader let through."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # people would see them in the terminal
            scan = read_scan(path, ReadSettings(), silent)
    except UserError as error:
        check_sentences(error)
        return REFUSED
    check_scan(scan)
    return SCAN


def check_sentences(error: UserError) -> None:
    """Two sentences in plain words."""
    for text in (error.problem, error.remedy):
        if not text.endswith(".") or "\n" in text or len(text) > 400 or _CODE.search(text):
            raise WrongEndingError(f"no sentence for people: {text!r}")


def check_scan(scan: Scan) -> None:
    """All that later steps take for granted of a scan."""
    _require({"a transform": bool(np.isfinite(scan.world_from_scan).all())} | _sound(scan))


def check_view(view: ScanView) -> None:
    """All that the window takes for granted of it."""
    proxy = view.proxy_faces
    _require({"a proxy": not len(proxy) or int(proxy.max()) < len(view.proxy_vertices)}
             | _sound(view))


def _sound(scan: Scan | ScanView) -> dict[str, bool]:
    count = len(scan.vertices)
    return {
        "enough points": count >= 1000,
        "finite points": bool(np.isfinite(scan.vertices).all()),
        "a height": 0 < scan.height_m < 1e6,
        "faces in range": not len(scan.faces) or 0 <= int(scan.faces.min()) <= int(
            scan.faces.max()) < count,
        "finite normals": scan.normals is None or bool(np.isfinite(scan.normals).all()),
        "as many normals": scan.normals is None or len(scan.normals) == count,
        "as many colours": scan.colors is None or len(scan.colors) == count,
        "as many uv": scan.uv is None or (len(scan.uv) == count
                                          and bool(np.isfinite(scan.uv).all())),
        "a texture with its uv": (scan.texture is None) == (scan.uv is None),
    }


def _require(sound: dict[str, bool]) -> None:
    if not all(sound.values()):
        raise WrongEndingError(f"a scan without {[each for each in sound if not sound[each]]}")
