"""The materials of an OBJ: which picture or plain colour each of its parts shows."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64

from likeness.scans.formats.pictures import (
    LARGEST_SIDE,
    LARGEST_SIDE_OF_SEVERAL,
    Folder,
    Picture,
    opened_picture,
    plain_picture,
)

_GREY = (0.8, 0.8, 0.8)


@dataclass(frozen=True, eq=False)
class Materials:
    """The pictures, and for each `usemtl` of the file the picture it means."""

    pictures: list[Picture]
    owner_of_use: Int64[np.ndarray, " U"]
    notes: tuple[str, ...]


@dataclass
class _Material:
    color: tuple[float, float, float] = _GREY
    picture: str | None = None


@dataclass
class _Shelf:
    """Pictures opened so far, each once."""

    folder: Folder
    largest: int
    pictures: list[Picture] = field(default_factory=list)
    places: dict[object, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def place_of(self, material: _Material) -> int:
        if material.picture is not None and material.picture not in self.missing:
            if material.picture in self.places:
                return self.places[material.picture]
            data = self.folder.bytes_of(material.picture)
            picture = opened_picture(data, self.largest) if data is not None else None
            if picture is not None:
                return self._put(material.picture, picture)
            self.missing.append(material.picture)
        if material.color in self.places:
            return self.places[material.color]
        return self._put(material.color, plain_picture(material.color))

    def _put(self, key: object, picture: Picture) -> int:
        self.pictures.append(picture)
        self.places[key] = len(self.pictures) - 1
        return self.places[key]


def read_materials(libraries: list[str], used: list[str], folder: Folder) -> Materials:
    """Open the pictures of the materials in use; no pictures where no material has one."""
    known: dict[str, _Material] = {}
    for name in libraries:
        data = folder.bytes_of(name)
        if data is not None:
            known |= _library(data)
    names = used or list(known)[:1] or [""]
    chosen = [known.get(name, _Material()) for name in names]
    several = len({each.picture for each in chosen if each.picture}) > 1
    shelf = _Shelf(folder, LARGEST_SIDE_OF_SEVERAL if several else LARGEST_SIDE)
    owners = np.array([shelf.place_of(each) for each in chosen], np.int64)
    notes = tuple(f"The texture {name} was not found beside the scan." for name in shelf.missing)
    if not any(isinstance(key, str) for key in shelf.places):
        return Materials([], owners, notes)
    return Materials(shelf.pictures, owners, notes)


def _library(data: bytes) -> dict[str, _Material]:
    found: dict[str, _Material] = {}
    current = _Material()
    for line in data.decode("utf-8", "replace").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if keyword == "newmtl":
            current = found[rest] = _Material()
        elif keyword == "Kd":
            current.color = _color(rest)
        elif keyword == "map_Kd" and rest:
            # Options such as -s 1 1 1 come before the name, which may itself have spaces.
            current.picture = rest.split()[-1] if rest.startswith("-") else rest
    return found


def _color(text: str) -> tuple[float, float, float]:
    try:
        red, green, blue = (float(each) for each in text.split()[:3])
        return red, green, blue
    except ValueError:
        return _GREY
