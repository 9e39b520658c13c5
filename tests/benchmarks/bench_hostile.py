"""Damaged and hostile files, through the engine as the window sees it: how each ends, at what cost.

Usage: bench_hostile.py [--quick] [--mutations N] [--first N] [--locale NAME] [--json FILE]
"""

import argparse
import json
import locale
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop")]

from tests.hostile.crafted import CRAFTED, EITHER  # noqa: E402
from tests.hostile.mutations import Mutator, truncations  # noqa: E402
from tests.hostile.outcomes import REFUSED, SCAN, check_sentences, check_view  # noqa: E402
from tests.hostile.shapes import FORMATS  # noqa: E402

from likeness.core.errors import UserError  # noqa: E402
from likeness.jobs.engine import Engine  # noqa: E402
from likeness.jobs.memory import memory_mib  # noqa: E402
from likeness.jobs.protocol import (  # noqa: E402
    Broken,
    Done,
    Event,
    Progressed,
    ReadScan,
    Refused,
    ScanView,
)

_MUTATIONS, _QUICK = 10_000, 20
_PATIENCE_S = 150.0
_MOST_GROWTH_MIB = 50


@dataclass
class Tally:
    """What came of all files so far."""

    endings: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    deaths: int = 0

    def add(self, kind: str, name: str, ending: str, seconds: float) -> None:
        """One more; anything but a scan or a refusal is wrong."""
        self.endings[f"{kind} {ending if ending in (SCAN, REFUSED) else 'WRONG'}"] += 1
        self.slowest = sorted([*self.slowest, (round(seconds, 2), name)], reverse=True)[:5]
        if ending not in (SCAN, REFUSED):
            self.wrong.append(f"{name}: {ending}")
            print(f"WRONG {name}: {ending}", flush=True)


class Reader:
    """Reads one file after another in the engine process, and keeps nothing of it."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.engine.start()
        self.deaths, self._pid = 0, self.engine.pid

    def read(self, path: Path) -> str:
        """How reading it ended, in a word or in a complaint."""
        self.engine.submit(ReadScan(path, inspect=False))
        event = self._ending()
        if self.engine.pid != self._pid:
            self.deaths, self._pid = self.deaths + 1, self.engine.pid
        try:
            return _judged(event)
        except AssertionError as error:
            return str(error)

    def _ending(self) -> Event | None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            event = self.engine.next_event(1.0)
            if event is not None and not isinstance(event, Progressed):
                return event
        return None


def _judged(event: Event | None) -> str:
    if isinstance(event, Done) and isinstance(event.result, ScanView):
        check_view(event.result)
        return SCAN
    if isinstance(event, Refused):
        check_sentences(UserError(event.problem, event.remedy))
        return REFUSED
    if isinstance(event, Broken):
        return f"the engine met a bug: {event.details.strip().splitlines()[-1]}"
    return f"no ending: {event}"


def main() -> None:
    """Read everything, print a table, write JSON."""
    options = _options()
    if options.locale:
        _speak(options.locale)
    tally, reader = Tally(), Reader()
    reader.read(Path(__file__))  # the engine has loaded what it needs, and so have we
    began, before = time.monotonic(), memory_mib()
    with tempfile.TemporaryDirectory(prefix="likeness-hostile-") as folder:
        for kind, name, path, expected in _files(Path(folder), options):
            started = time.monotonic()
            ending = reader.read(path)
            if expected not in (ending, EITHER) and ending in (SCAN, REFUSED):
                ending = f"a {ending}, not a {expected}"
            tally.add(kind, name, ending, time.monotonic() - started)
    tally.deaths, grown = reader.deaths, memory_mib() - before
    reader.engine.close()
    _tell(tally, grown, time.monotonic() - began, options)
    sys.exit(bool(tally.wrong) or grown > _MOST_GROWTH_MIB)


def _files(folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, str, Path, str]]:
    """Kind, name, path and expected ending of every file, written when it is its turn."""
    for number, (name, (expected, build)) in enumerate(CRAFTED.items()):
        own = folder / str(number)
        own.mkdir()
        yield "crafted", name, build(own), expected
    for name in FORMATS:
        for data in truncations(folder, name, _QUICK if options.quick else 1):
            path = folder / f"cut_{name}"
            path.write_bytes(data)
            yield "cut", f"{name} after {len(data)} bytes", path, REFUSED
    mutator = Mutator(folder)
    count = options.mutations // (_QUICK if options.quick else 1)
    for number in range(options.first, options.first + count):
        path = mutator.write(number)
        yield "mutated", f"mutation {number}, {path.name}", path, EITHER


def _speak(name: str) -> None:
    """Use a locale for this process and the engine; says so where the system has none like it."""
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        sys.exit(f"This system has no locale {name}. On Debian: localedef -i de_DE -f UTF-8 "
                 "FOLDER/de_DE.UTF-8, and set LOCPATH to FOLDER.")
    os.environ["LC_ALL"] = name
    print(f"Locale {name}: a half is {locale.str(0.5)}.")


def _tell(tally: Tally, grown: float, seconds: float, options: argparse.Namespace) -> None:
    count = sum(tally.endings.values())
    for name, number in sorted(tally.endings.items()):
        print(f"{name:20} {number:6,}")
    print(f"{count:,} files in {seconds:.0f} s; {len(tally.wrong)} ended wrongly; the engine died "
          f"{tally.deaths} times; this process grew by {grown:.0f} MiB "
          f"(bar: {_MOST_GROWTH_MIB}).")
    print("Slowest: " + "; ".join(f"{each} s {name}" for each, name in tally.slowest))
    if options.json:
        options.json.write_text(json.dumps({
            "endings": tally.endings, "wrong": tally.wrong, "deaths": tally.deaths,
            "growth_mib": grown, "seconds": seconds, "slowest": tally.slowest,
            "locale": options.locale}, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench hostile", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of it")
    parser.add_argument("--mutations", type=int, default=_MUTATIONS, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="N",
                        help="number of the first mutation: others than those tuned on")
    parser.add_argument("--locale", metavar="NAME", help="such as de_DE.UTF-8, for everything")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
