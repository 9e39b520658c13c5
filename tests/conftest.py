"""What tests share: shapes and types checked at run time, few threads, optional sample scans."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "2")

# Before anything imports likeness: what was imported earlier stays unchecked.
install_import_hook("likeness", "beartype.beartype")

_ROOT = Path(__file__).resolve().parents[1]
_SHARED = _ROOT.parent / "shared"


def _shared_file(folder: str, name: str) -> Path:
    path = _SHARED / folder / name
    if not path.is_file():
        pytest.skip(f"the optional sample {folder}/{name} is not beside this checkout")
    return path


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return _ROOT


@pytest.fixture(scope="session")
def shared_scan() -> Callable[[str], Path]:
    """Path of an optional sample scan by file name; skips the test where it is absent."""
    return lambda name: _shared_file("scans", name)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of an optional data file by file name; skips the test where it is absent."""
    return lambda name: _shared_file("data", name)
