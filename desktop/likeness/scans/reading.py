"""Reading a scan: a file of any supported format becomes a checked `Scan` in metres, y up."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.scans.axes import UPRIGHT, detect_up
from likeness.scans.formats import FORMATS, read_raw
from likeness.scans.normals import mesh_normals
from likeness.scans.raw import AGAIN, RawScan
from likeness.scans.scan import Choice, Scan, Source
from likeness.scans.units import METRES, detect_unit

FEWEST_POINTS = 1000
FARTHEST = 1e9  # in any unit; a coordinate beyond this is damage


@dataclass(frozen=True)
class ReadSettings:
    """What the user says about the file; "auto" is detected."""

    unit: str = "auto"
    up: str = "auto"


def read_scan(path: Path, settings: ReadSettings, progress: Progress) -> Scan:
    """Read, check and convert one file; raises `UserError` where it cannot be used."""
    progress("read", 0.0)
    _check_file(path)
    digest = _digest(path)
    progress("read", 0.2)
    raw = _checked(read_raw(path), path)
    progress("read", 0.7)
    up = _up(raw, settings)
    turned = raw.points @ UPRIGHT[up.value].T
    unit = _unit(turned, settings)
    frame = _frame(turned * METRES[unit.value], up.value, METRES[unit.value])
    vertices = (raw.points @ frame[:3, :3].T + frame[:3, 3]).astype(np.float32)
    normals = raw.normals
    if normals is not None:
        normals = (normals @ UPRIGHT[up.value].T).astype(np.float32)
    elif len(raw.faces):
        normals = mesh_normals(vertices, raw.faces)
    progress("read", 1.0)
    return Scan(vertices, raw.faces, unit, up,
                Source(path.name, digest, len(vertices), len(raw.faces)), frame, normals,
                raw.colors, raw.uv, raw.texture, raw.notes)


def _check_file(path: Path) -> None:
    if not path.exists():
        raise UserError(f"There is no file {path}.", "Check the name and the folder.")
    if not path.is_file():
        raise UserError(f"{path.name} is not a file.", "Choose one scan file.")
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path.name} is of a kind that Likeness does not read.",
                        f"Use one of {', '.join(sorted(FORMATS))}.")
    if path.stat().st_size == 0:
        raise UserError(f"{path.name} is empty.", AGAIN)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(raw: RawScan, path: Path) -> RawScan:
    """The same, if its numbers can be used."""
    if not len(raw.points):
        raise UserError(f"{path.name} holds no points.", AGAIN)
    if not np.isfinite(raw.points).all() or np.abs(raw.points).max() > FARTHEST:
        raise UserError(f"{path.name} holds coordinates that are not numbers or far too large.",
                        AGAIN)
    if len(raw.faces) and (raw.faces.min() < 0 or raw.faces.max() >= len(raw.points)):
        raise UserError(f"{path.name} is damaged: its triangles name vertices it does not hold.",
                        AGAIN)
    if len(raw.points) < FEWEST_POINTS:
        raise UserError(f"{path.name} holds only {len(raw.points)} points; a fit needs at least "
                        f"{FEWEST_POINTS}.", "Use a denser scan.")
    if float(np.ptp(raw.points, axis=0).min()) <= 0:
        raise UserError(f"All points of {path.name} lie in one plane.", AGAIN)
    return raw


def _up(raw: RawScan, settings: ReadSettings) -> Choice:
    if settings.up != "auto":
        return Choice(settings.up, "You said so.", given=True)
    return detect_up(raw.points)


def _unit(turned: Float64[np.ndarray, "N 3"], settings: ReadSettings) -> Choice:
    if settings.unit != "auto":
        return Choice(settings.unit, "You said so.", given=True)
    return detect_unit(turned)


def _frame(upright: Float64[np.ndarray, "N 3"], up: str, scale: float,
           ) -> Float64[np.ndarray, "4 4"]:
    """File coordinates to metres, y up, feet at y = 0, middle at x = z = 0."""
    frame = np.eye(4)
    frame[:3, :3] = scale * UPRIGHT[up]
    middle = np.median(upright, axis=0)
    floor = np.quantile(upright[:, 1], 0.001)
    frame[:3, 3] = (-middle[0], -floor, -middle[2])
    return frame
