"""How much memory this process has needed at most, and needs now."""

import sys
from pathlib import Path
from typing import Any


def peak_memory_mib() -> float:
    """Peak resident memory of this process in MiB; 0 where the system does not tell."""
    if sys.platform.startswith("linux"):
        return _linux("VmHWM:")  # not getrusage, whose peak survives exec
    if sys.platform == "win32":
        return _windows().PeakWorkingSetSize / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def memory_mib() -> float:
    """Resident memory of this process now in MiB; its peak where the system tells only that."""
    if sys.platform.startswith("linux"):
        return _linux("VmRSS:")
    return _windows().WorkingSetSize / 2**20 if sys.platform == "win32" else peak_memory_mib()


def begin_peak() -> None:
    """Count the peak from now on, where the system can: each scan of a batch has its own."""
    if sys.platform.startswith("linux"):
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            return


def _linux(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return float(line.split()[1]) / 1024
    return 0.0


def _windows() -> Any:
    import ctypes
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
