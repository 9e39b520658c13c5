"""The header of a PLY file, held against the file's size before anything is allocated."""

import re
from pathlib import Path

from likeness.core.errors import UserError
from likeness.scans.raw import AGAIN

SIZES = {"char": 1, "uchar": 1, "int8": 1, "uint8": 1, "short": 2, "ushort": 2, "int16": 2,
         "uint16": 2, "int": 4, "uint": 4, "int32": 4, "uint32": 4, "float": 4, "float32": 4,
         "double": 8, "float64": 8}
LONGEST_HEADER = 100_000


def check_ply_size(path: Path) -> None:
    """Raise `UserError` where the file is shorter than its header promises, or has none."""
    with path.open("rb") as file:
        head = file.read(LONGEST_HEADER)
    end = re.search(rb"end_header\r?\n", head)
    if not head.startswith(b"ply") or end is None:
        raise UserError(f"{path.name} is not a PLY file.", AGAIN)
    lines = head[:end.start()].decode("ascii", "replace").splitlines()
    needed = _least_bytes(lines, path)
    held = path.stat().st_size - end.end()
    if held < needed:
        raise UserError(f"{path.name} is cut short: {held:,} of at least {needed:,} bytes are "
                        "there.", AGAIN)


def _least_bytes(lines: list[str], path: Path) -> int:
    """The fewest bytes the declared elements can take."""
    ascii_text, total, count, row = False, 0, 0, 0
    for line in lines:
        words = line.split()
        if words[:1] == ["format"]:
            ascii_text = words[1:2] == ["ascii"]
        elif words[:1] == ["element"] and len(words) == 3:
            total, count, row = total + count * row, _count(words[2], path), 0
        elif words[:1] == ["property"]:
            # A list may be empty; in ASCII any number takes at least a digit and a blank.
            row += 2 if ascii_text else SIZES.get(words[2 if words[1] == "list" else 1], 1)
    return total + count * row


def _count(word: str, path: Path) -> int:
    if not word.isdigit():
        raise UserError(f"{path.name} has a damaged header: {word!r} is not a count.", AGAIN)
    return int(word)
