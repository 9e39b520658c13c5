"""The one door to the resources that ship with the product and to the user's own data folder."""

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resource(name: str) -> Path:
    """Path of a file under `resources/`: in the installed package, or beside a source checkout."""
    installed = _PACKAGE / "resources"
    root = installed if installed.is_dir() else _PACKAGE.parents[1] / "resources"
    return root / name


def user_data() -> Path:
    """The folder for the user's own bodies and settings; `LIKENESS_DATA` overrides it."""
    if override := os.environ.get("LIKENESS_DATA"):
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData/Roaming")) / "Likeness"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Likeness"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "likeness"


def user_bodies() -> Path:
    """Where a user puts licensed SMPL-family files so that `likeness bodies` lists them."""
    return user_data() / "bodies"
