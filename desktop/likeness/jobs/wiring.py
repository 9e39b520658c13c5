"""The line between the window and one engine process: orders one way, letters the other."""

from ctypes import c_longlong
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from likeness.jobs.parcels import Parcel
from likeness.jobs.protocol import FitScan, OpenResult, ReadScan, Request


@dataclass(frozen=True)
class Order:
    """A request with its number, and what led to the state it needs.

    An engine that replaces a killed one repeats `read` and `fit` before the request.
    """

    number: int
    request: Request
    read: ReadScan | OpenResult | None = None
    fit: FitScan | None = None


@dataclass(frozen=True)
class Letter:
    """An event that belongs to the order of that number."""

    number: int
    parcel: Parcel


@dataclass(frozen=True)
class Wiring:
    """What an engine process is born with.

    `cancelled` is memory shared with the window: the number of the order to stop. It has no lock,
    so nothing a dying process holds can block the other. `blocks` begins the names of its blocks
    of shared memory, counted from 0; `crash_log` takes the native stack of a crash.
    """

    pipe: Connection
    cancelled: c_longlong
    blocks: str
    crash_log: Path
