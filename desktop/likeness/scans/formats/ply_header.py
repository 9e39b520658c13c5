"""The header of a PLY file: which elements follow, how many, and what each consists of."""

import re
from dataclasses import dataclass

import numpy as np

from likeness.scans.formats.damage import damaged
from likeness.scans.formats.numerals import is_count

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
    "long": "i8", "int64": "i8", "ulong": "u8", "uint64": "u8",
}
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_LONGEST = 1 << 20


@dataclass(frozen=True)
class Property:
    """A named value of an element; a list where `count` gives the type of its length."""

    name: str
    kind: str
    count: str | None = None


@dataclass(frozen=True)
class Element:
    """A named run of records."""

    name: str
    count: int
    properties: tuple[Property, ...]

    @property
    def has_lists(self) -> bool:
        """Whether records differ in length."""
        return any(each.count for each in self.properties)

    def record(self, order: str) -> np.dtype:
        """One record without lists."""
        return np.dtype([(each.name, order + each.kind) for each in self.properties])

    def smallest(self, ascii_: bool) -> int:
        """Bytes a record needs at least."""
        if ascii_:
            return 2 * len(self.properties)
        return sum(np.dtype(each.count or each.kind).itemsize for each in self.properties)


@dataclass(frozen=True)
class Header:
    """Byte order ("" for text), the elements in their order, the comments, where data begins."""

    order: str
    elements: tuple[Element, ...]
    comments: tuple[str, ...]
    size: int


def read_header(data: bytes) -> Header:
    """Parse the header and check that the file can hold what it declares."""
    end = re.search(rb"(?:^|[\r\n])end_header[ \t]*(?:\r\n|\n|\r)", data[:_LONGEST])
    if not data.startswith(b"ply") or end is None:
        raise damaged("it does not begin with the header of a PLY file")
    order: str | None = None
    elements: list[Element] = []
    comments: list[str] = []
    for line in data[:end.start()].decode("latin-1").replace("\r", "\n").split("\n"):
        words = line.split()
        if not words:
            continue
        if words[0] == "format" and len(words) > 1:
            order = _ORDERS.get(words[1])
        elif words[0] == "comment":
            comments.append(line.strip()[len("comment"):].strip())
        elif words[0] == "element":
            elements.append(_element(words))
        elif words[0] == "property" and elements:
            last = elements[-1]
            elements[-1] = Element(last.name, last.count, (*last.properties, _property(words)))
    if order is None:
        raise damaged("its header names no known byte order")
    _check_room(elements, order == "", len(data) - end.end())
    return Header(order, tuple(elements), tuple(comments), end.end())


def _element(words: list[str]) -> Element:
    if len(words) != 3 or not is_count(words[2]):
        raise damaged("its header counts nothing")
    return Element(words[1], int(words[2]), ())


def _property(words: list[str]) -> Property:
    try:
        if words[1] == "list":
            return Property(words[4], _TYPES[words[3]], _TYPES[words[2]])
        return Property(words[2], _TYPES[words[1]])
    except (IndexError, KeyError) as error:
        raise damaged("its header has a property of an unknown type") from error


def _check_room(elements: list[Element], ascii_: bool, room: int) -> None:
    """Before anything is allocated: a count may not ask for more bytes than there are."""
    for element in elements:
        names = [each.name for each in element.properties]
        if len(set(names)) != len(names):
            raise damaged("its header gives one name to two properties")
    needed = sum(element.count * element.smallest(ascii_) for element in elements)
    if needed > room + (len(elements) if ascii_ else 0):
        raise damaged(f"it declares at least {needed:,} bytes of data and holds {room:,}")
