"""Files made wrong at random, each by a number that makes the same file again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.hostile.shapes import FORMATS, honest

_EXTREMES = (b"0", b"-1", b"1e38", b"-1e39", b"nan", b"inf", b"999999999999", b"4294967296",
             b"1,5", b"", b"0x10", b"1e", b"--2", b"\xff\xfe", b"1" * 400)
_DIGITS = frozenset(b"0123456789.-+e")

Draw = np.random.Generator


def _bits(data: bytearray, draw: Draw) -> bytearray:
    for place in draw.integers(0, len(data), int(draw.integers(1, 40))):
        data[place] ^= 1 << int(draw.integers(8))
    return data


def _head(data: bytearray, draw: Draw) -> bytearray:
    for place in draw.integers(0, min(len(data), 400), int(draw.integers(1, 6))):
        data[place] = int(draw.integers(256))
    return data


def _run(data: bytearray, draw: Draw) -> bytearray:
    at = int(draw.integers(len(data)))
    length = int(draw.integers(1, 300))
    data[at:at + length] = bytes([int(draw.choice([0, 255, 32, 10, 45]))]) * length
    return data


def _cut(data: bytearray, draw: Draw) -> bytearray:
    at = int(draw.integers(len(data)))
    del data[at:at + int(draw.integers(1, 1 + len(data) // 2))]
    return data


def _end(data: bytearray, draw: Draw) -> bytearray:
    return data[:int(draw.integers(len(data)))]


def _twice(data: bytearray, draw: Draw) -> bytearray:
    at, end = np.sort(draw.integers(0, len(data), 2)).tolist()
    data[at:at] = data[at:end]
    return data


def _swapped(data: bytearray, draw: Draw) -> bytearray:
    a, b, c = np.sort(draw.integers(0, len(data), 3)).tolist()
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _number(data: bytearray, draw: Draw) -> bytearray:
    """Numbers written as text become extreme ones."""
    for _ in range(int(draw.integers(1, 5))):
        at = int(draw.integers(len(data))) if draw.random() < 0.5 else int(
            draw.integers(min(len(data), 400)))
        while at < len(data) and data[at] not in _DIGITS:
            at += 1
        end = at
        while end < len(data) and data[end] in _DIGITS and end - at < 20:
            end += 1
        data[at:end] = _EXTREMES[int(draw.integers(len(_EXTREMES)))]
    return data


def _noise(data: bytearray, draw: Draw) -> bytearray:
    at = int(draw.integers(len(data)))
    data[at:at] = draw.bytes(int(draw.integers(1, 2000)))
    return data


_KINDS: tuple[Callable[[bytearray, Draw], bytearray], ...] = (
    _bits, _head, _run, _cut, _end, _twice, _swapped, _number, _noise)


class Mutator:
    """Writes mutation number so-and-so into a folder that holds the honest files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole = {name: honest(folder, name).read_bytes() for name in FORMATS}

    def write(self, number: int) -> Path:
        """The file of that number; the one before of the same format is gone then."""
        draw = np.random.default_rng(number)
        name = list(FORMATS)[number % len(FORMATS)]
        data = bytearray(self._whole[name])
        for _ in range(1 + int(draw.random() < 0.3)):
            data = _KINDS[int(draw.integers(len(_KINDS)))](data, draw) or bytearray(b" ")
        if draw.random() < 0.1:  # a splice: the end of a file of another format
            other = self._whole[list(FORMATS)[int(draw.integers(len(FORMATS)))]]
            data = data[:int(draw.integers(len(data)))] + other[int(draw.integers(len(other))):]
        path = self.folder / f"mutated_{name}"
        path.write_bytes(bytes(data))
        return path


def truncations(folder: Path, name: str, step: int = 1) -> list[bytes]:
    """A small file of a format cut short after every byte, or every so many."""
    whole = honest(folder, name, 4).read_bytes()
    return [whole[:end] for end in range(0, len(whole), step)]
