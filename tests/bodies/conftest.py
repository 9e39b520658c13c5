"""The body that ships, and imports for this room: what writes model files, what builds bodies."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from likeness.bodies.body import Body
from likeness.bodies.library import find_body

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def installer(repository: Path) -> Iterator[None]:
    """What builds the open body can be imported."""
    sys.path.insert(0, str(repository / "installer"))
    yield
    sys.path.remove(str(repository / "installer"))


@pytest.fixture(scope="session")
def body() -> Body:
    """The body that ships."""
    return find_body("open")
