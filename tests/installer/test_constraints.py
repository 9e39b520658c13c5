"""What is pinned is what is tested: declarations, constraints and the environment agree."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement


@pytest.fixture(scope="module")
def declared(repository: Path) -> dict[str, str]:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    lines = [line.partition("==") for group in groups for line in group]
    return {re.sub(r"[-_.]+", "-", name).lower(): exact for name, _, exact in lines}


@pytest.fixture(scope="module")
def pinned(repository: Path) -> dict[str, str]:
    text = (repository / "installer" / "constraints.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(str(Requirement(line).specifier).startswith("==") for line in lines)
    return dict(line.split("==") for line in lines)


def test_every_declaration_is_exact_and_pinned_alike(
    declared: dict[str, str], pinned: dict[str, str]
) -> None:
    assert declared
    assert {name: pinned.get(name) for name in declared} == declared


def test_the_tests_run_on_the_pinned_versions(pinned: dict[str, str]) -> None:
    here = {}
    for name in pinned:
        try:
            here[name] = version(name).partition("+")[0]
        except PackageNotFoundError:  # an extra that this environment was not asked for
            here[name] = pinned[name]
    assert here == pinned


def test_the_build_backend_is_pinned_alike(repository: Path, pinned: dict[str, str]) -> None:
    build = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["build-system"]
    assert build["requires"] == [f"hatchling=={pinned['hatchling']}"]
