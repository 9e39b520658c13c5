"""How many threads a process may keep busy."""

import os


def cores() -> int:
    """As many as OMP_NUM_THREADS says, else as the machine has."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, int(asked)) if asked.isdecimal() else os.cpu_count() or 1
