"""Writes installer/constraints.txt from the environment that it runs in.

Run it after the tests have passed with new versions; the file then says exactly what was tested.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "installer" / "constraints.txt"
HEADER = """\
# The exact versions that were tested, ours and everything they bring along.
# Written by installer/pin_constraints.py; do not edit by hand.
"""


def declared() -> list[str]:
    """The requirements in pyproject.toml: needed always, and by every extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    return [*project["dependencies"]] + [line for lines in extras.values() for line in lines]


def closure(requirements: list[str]) -> dict[str, str]:
    """Version by normalised name of everything installed that `requirements` lead to."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        for asked in requirement.extras or {""}:
            if (name, asked) not in seen:
                seen.add((name, asked))
                package = distribution(name)
                # A local label such as +cpu names one machine's build of the same version.
                found[name] = package.version.partition("+")[0]
                waiting += [(Requirement(line), asked) for line in package.requires or ()]
    return found


def main() -> None:
    """Write the file, or say which package is missing here."""
    try:
        versions = closure(declared())
    except PackageNotFoundError as missing:
        raise SystemExit(
            f"{missing.name} is not installed here. Run `python3 installer/bootstrap.py bench` "
            "once, so that everything is, then run this again."
        ) from missing
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    CONSTRAINTS.write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"{len(lines)} versions written to {CONSTRAINTS}")


if __name__ == "__main__":
    main()
