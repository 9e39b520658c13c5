"""How much memory this process and those it started needed at most and need now; what is kept."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from likeness.core.errors import UserError

_MMAP_THRESHOLD, _TRIM_THRESHOLD, _MOST = -3, -1, 2**31 - 1  # as malloc.h has them


def peak_memory_mib() -> float:
    """Peak resident memory in MiB; 0 where the system does not tell.

    On Linux with the peaks of the processes it has started; elsewhere of this process alone.
    """
    if sys.platform.startswith("linux"):
        return sum(_linux("VmHWM:", each) for each in _family())  # getrusage's survives exec
    if sys.platform == "win32":
        return _windows().PeakWorkingSetSize / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def memory_mib() -> float:
    """Resident memory of this process now in MiB; its peak where the system tells only that."""
    if sys.platform.startswith("linux"):
        return _linux("VmRSS:", "self")
    return _windows().WorkingSetSize / 2**20 if sys.platform == "win32" else peak_memory_mib()


def begin_peak() -> None:
    """Count the peak from now on, where the system can: each scan of a batch has its own."""
    if sys.platform.startswith("linux"):
        for each in _family():
            with suppress(OSError):
                Path(f"/proc/{each}/clear_refs").write_text("5")


def keep_freed_memory() -> None:
    """Have what is freed taken again instead of handed back to the system, where that is possible.

    Which clears all that it hands out: of ten million points, a sixth of the time. For a process
    that ends with its work; glibc alone is asked (mallopt(3)).
    """
    if sys.platform.startswith("linux"):
        with suppress(AttributeError, OSError):
            mallopt = ctypes.CDLL(None).mallopt
            for threshold in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
                mallopt(threshold, _MOST)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Name the one failure of the solver's libraries that the user can do something about."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # torch says it in words: DefaultCPUAllocator on the CPU, OutOfMemoryError on CUDA.
        if isinstance(error, RuntimeError) and "memory" not in str(error).lower():
            raise
        raise UserError("There was not enough memory to fit this scan.",
                        "Close other programs, or bring a scan with fewer points.") from error


def _family() -> list[str]:
    """The numbers of this process and of those it has started, as Linux names them."""
    return ["self", *(str(child.pid) for child in active_children())]


def _linux(name: str, process: str) -> float:
    with suppress(OSError):  # it may have ended meanwhile
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(name):
                return float(line.split()[1]) / 1024
    return 0.0


def _windows() -> Any:
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = (("cb", wintypes.DWORD), ("PageFaultCount", wintypes.DWORD),
                    *((name, ctypes.c_size_t) for name in (
                        "PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage",
                        "QuotaPagedPoolUsage", "QuotaPeakNonPagedPoolUsage",
                        "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage")))

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    windows = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009
    windows.GetCurrentProcess.restype = wintypes.HANDLE
    windows.K32GetProcessMemoryInfo(windows.GetCurrentProcess(), ctypes.byref(counters),
                                    counters.cb)
    return counters
