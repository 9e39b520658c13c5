"""The records of a PLY file as columns; lists as their lengths and their values in a row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Shaped

from likeness.scans.formats.damage import damaged
from likeness.scans.formats.numerals import floats
from likeness.scans.formats.ply_header import Element, Header


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of one property: how long each is, and all values one after another."""

    sizes: Int64[np.ndarray, " P"]
    values: Shaped[np.ndarray, " n"]


Column = np.ndarray | Lists
Columns = Mapping[str, Column]


def read_records(data: bytes, header: Header, wanted: tuple[str, ...]) -> dict[str, Columns]:
    """The columns of each wanted element."""
    if header.order == "":
        return _text_records(data[header.size:], header, wanted)
    found: dict[str, Columns] = {}
    offset = header.size
    for element in header.elements:
        columns, offset = _binary_element(data, offset, element, header.order)
        if element.name in wanted:
            found[element.name] = columns
        if wanted[-1] in found:
            break
    return found


def _binary_element(data: bytes, offset: int, element: Element, order: str,
                    ) -> tuple[Columns, int]:
    if element.has_lists:
        same = _uniform_lists(data, offset, element, order)
        return same if same is not None else _ragged_lists(data, offset, element, order)
    record = element.record(order)
    _require(data, offset, element.count * record.itemsize)
    table = np.frombuffer(data, record, element.count, offset)
    return {name: table[name] for name in record.names or ()}, offset + table.nbytes


def _uniform_lists(data: bytes, offset: int, element: Element, order: str,
                   ) -> tuple[Columns, int] | None:
    """All records as long as the first, as in a mesh of triangles; None where they are not."""
    if element.count == 0:
        return {each.name: _empty(each.count) for each in element.properties}, offset
    fields: list[tuple] = []
    at = offset
    for each in element.properties:
        if each.count is None:
            fields.append((each.name, order + each.kind))
            at += np.dtype(each.kind).itemsize
            continue
        size, at = _list_length(data, at, order + each.count)
        fields += [("#" + each.name, order + each.count), (each.name, order + each.kind, (size,))]
        at += size * np.dtype(each.kind).itemsize
    record = np.dtype(fields)
    if offset + element.count * record.itemsize > len(data):
        return None
    table = np.frombuffer(data, record, element.count, offset)
    columns: dict[str, Column] = {}
    for each in element.properties:
        if each.count is None:
            columns[each.name] = table[each.name]
            continue
        size = table[each.name].shape[1]
        if not (table["#" + each.name] == size).all():
            return None
        columns[each.name] = Lists(np.full(element.count, size, np.int64),
                                   table[each.name].reshape(-1))
    return columns, offset + table.nbytes


def _ragged_lists(data: bytes, offset: int, element: Element, order: str,
                  ) -> tuple[Columns, int]:
    """Walk the records one by one, then take each list's bytes at once."""
    starts: dict[str, list[int]] = {each.name: [] for each in element.properties}
    sizes: dict[str, list[int]] = {each.name: [] for each in element.properties}
    at = offset
    for _ in range(element.count):
        for each in element.properties:
            size = 1
            if each.count is not None:
                size, at = _list_length(data, at, order + each.count)
            starts[each.name].append(at)
            sizes[each.name].append(size)
            at += size * int(each.kind[1])
            if at > len(data):
                raise damaged("a face goes on beyond its end")
    columns: dict[str, Column] = {}
    for each in element.properties:
        values = _gathered(data, starts[each.name], sizes[each.name], np.dtype(order + each.kind))
        lengths = np.array(sizes[each.name], np.int64)
        columns[each.name] = values if each.count is None else Lists(lengths, values)
    return columns, at


def _list_length(data: bytes, at: int, kind: str) -> tuple[int, int]:
    width = int(kind[-1])
    size = int.from_bytes(data[at:at + width], "little" if kind[0] == "<" else "big",
                          signed=kind[1] == "i")
    if at + width > len(data) or not 0 <= size <= len(data) or kind[1] == "f":
        raise damaged("a face has an impossible number of corners")
    return size, at + width


def _gathered(data: bytes, starts: list[int], sizes: list[int], kind: np.dtype) -> np.ndarray:
    ends = [start + size * kind.itemsize for start, size in zip(starts, sizes, strict=True)]
    return np.frombuffer(b"".join(data[a:b] for a, b in zip(starts, ends, strict=True)), kind)


def _text_records(text: bytes, header: Header, wanted: tuple[str, ...]) -> dict[str, Columns]:
    values = floats(text)
    found: dict[str, Columns] = {}
    at = 0
    for element in header.elements:
        if element.has_lists:
            columns, at = _text_lists(values, at, element)
        else:
            width = len(element.properties)
            _require(values, at, element.count * width)
            table = values[at:at + element.count * width].reshape(element.count, width)
            columns = {p.name: table[:, k] for k, p in enumerate(element.properties)}
            at += table.size
        if element.name in wanted:
            found[element.name] = columns
    return found


def _text_lists(values: np.ndarray, at: int, element: Element) -> tuple[Columns, int]:
    parts: dict[str, list[np.ndarray]] = {each.name: [] for each in element.properties}
    for _ in range(element.count):
        for each in element.properties:
            _require(values, at, 1)
            size = 1
            if each.count is not None:
                if not 0 <= values[at] <= len(values):
                    raise damaged("a face has an impossible number of corners")
                size, at = int(values[at]), at + 1
            _require(values, at, size)
            parts[each.name].append(values[at:at + size])
            at += size
    columns: dict[str, Column] = {}
    for each in element.properties:
        together = np.concatenate(parts[each.name]) if element.count else np.zeros(0)
        lengths = np.array([len(part) for part in parts[each.name]], np.int64)
        columns[each.name] = together if each.count is None else Lists(lengths, together)
    return columns, at


def _empty(count: str | None) -> Column:
    return np.zeros(0) if count is None else Lists(np.zeros(0, np.int64), np.zeros(0))


def _require(data: bytes | np.ndarray, offset: int, needed: int) -> None:
    if offset + needed > len(data):
        raise damaged("it ends before all that it declares")
