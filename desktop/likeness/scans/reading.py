"""From a file to a scan: load, parse, check, find unit and up axis, place."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from likeness.core.cells import MET, cells
from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.scans.axes import choose_up
from likeness.scans.checking import checked
from likeness.scans.flats import beside_flats, find_flats
from likeness.scans.formats.content import Content
from likeness.scans.formats.files import load_file, reader_for
from likeness.scans.normals import with_normals
from likeness.scans.placing import UPRIGHT, placed, turned, world_from_file
from likeness.scans.sampling import surface_points, without_strays
from likeness.scans.scan import Scan, Source
from likeness.scans.units import choose_unit

# Of the surface, so much may float above the head.
_DUST = 0.002
_CELLS = 40  # that make the height


@dataclass(frozen=True)
class ReadSettings:
    """Unit and up axis as on the command line; "auto" to detect."""

    unit: str = "auto"
    up: str = "auto"


def read_scan(path: Path, settings: ReadSettings, progress: Progress) -> Scan:
    """Read and check a file; raises `UserError` where it cannot be used."""
    progress("read", 0.0)
    reader = reader_for(path)
    data = load_file(path)
    progress("read", 0.2)
    with ThreadPoolExecutor(1) as beside:  # the digest takes longer than a binary file's parsing
        digest = beside.submit(hashlib.sha256, data)
        with np.errstate(all="ignore"):  # numbers beyond all bounds are judged afterwards
            content = reader(data, path)
        del data
        counts = len(content.vertices), len(content.faces)
        content = checked(content)
    source = Source(str(path), digest.result().hexdigest(), *counts)
    progress("read", 0.7)
    scan = understood(content, source, settings)
    progress("read", 0.9)
    if scan.is_mesh:
        scan = with_normals(scan)
    progress("read", 1.0)
    return scan


def understood(content: Content, source: Source, settings: ReadSettings) -> Scan:
    """Metres and y up, from whatever the file's numbers mean."""
    points = surface_points(content.vertices, content.faces)
    up = choose_up(settings.up, points)
    free = beside_flats(points, find_flats(points))
    person = points[free] if free.any() else points
    person = person[without_strays(person)]
    height = _height(person, up.value)
    if not height > 0:
        raise UserError("The scan is flat: it has no height along the axis that points up.",
                        "Choose another up axis, or check that the right file was exported.")
    unit, scale = choose_unit(settings.unit, height, _surface(person, height),
                              len(content.faces) > 0)
    transform = world_from_file(points, up.value, scale)
    # Normals of a mesh follow from its faces, which say more truly what is outside.
    own = content.normals if len(content.faces) == 0 else None
    return Scan(
        placed(content.vertices, transform), content.faces, unit, up, source, transform,
        normals=None if own is None else turned(own, up.value),
        colors=content.colors,
        uv=None if content.uv is None else content.uv.astype(np.float32),
        texture=content.texture, notes=content.notes)


def _height(points: Float64[np.ndarray, "N 3"], up: str) -> float:
    """From feet to head, whatever dust is around."""
    low, high = np.quantile(points @ UPRIGHT[up][1], (_DUST, 1 - _DUST))
    return float(high - low)


def _surface(points: Float64[np.ndarray, "N 3"], height: float) -> float:
    """The area that points spread over it lie on, from the cells it goes through.

    Noise and a second layer hardly add to it.
    """
    size = height / _CELLS
    return cells(points, size)[0] * size**2 / MET
