"""What the window and the engine process say to each other: requests one way, events the other.

Only numpy here: both processes import this module. Arrays travel through shared memory.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8

# Requests, window to engine. One at a time; the engine keeps the scan it read last and its fit.


@dataclass(frozen=True)
class ReadScan:
    """Read and check a file; `unit` and `up` as on the command line, "auto" to detect.

    With `most` above zero the scan is a copy of at most so many triangles (points of a cloud).
    Without `inspect` the scan is there sooner but its findings are not: ask by `InspectScan`.
    """

    path: Path
    unit: str = "auto"
    up: str = "auto"
    inspect: bool = True
    most: int = 0


@dataclass(frozen=True)
class OpenResult:
    """Open a result folder again: its scan and its fit, without fitting anew."""

    folder: Path


@dataclass(frozen=True)
class InspectScan:
    """What is wrong with the scan read last."""


@dataclass(frozen=True)
class FitScan:
    """Clean, fit and build the avatar of the scan read last.

    `clothed` keeps the body inside the scan where cloth is loose. With `clean` "chosen", `removed`
    says as `jobs.chosen` packs it which faces (points of a cloud) are left out. `mend` names
    stages of `scans.cleanup.MENDS` that are run then.
    """

    refinement: str = "standard"
    body: str = "open"
    clean: str = "auto"
    device: str = "auto"
    seed: int = 0
    clothed: bool = False
    removed: bytes = b""
    mend: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportAvatar:
    """Write the last fit into `folder`; `glb_pose` is "T" or "scan"."""

    folder: Path
    formats: tuple[str, ...] = ("glb", "npz")
    glb_pose: str = "T"


@dataclass(frozen=True)
class SaveScan:
    """Save the scan read last without the `removed` faces or points as PLY, never over itself.

    `mend` as for `FitScan`.
    """

    path: Path
    removed: bytes = b""
    mend: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListBodies:
    """Which bodies are installed."""


Request = (ReadScan | OpenResult | InspectScan | FitScan | ExportAvatar | SaveScan
           | ListBodies)


# Results, inside `Done`.


@dataclass(frozen=True, eq=False)
class FindingLine:
    """One finding about the scan, worded as in `scans.finding`.

    `members` are rows of the `ScanView`'s faces, of its vertices where it is a cloud.
    """

    id: str
    kind: str
    name: str
    sentence: str
    severity: str
    action: str
    confidence: float
    area_m2: float
    members: Int32[np.ndarray, " K"]


@dataclass(frozen=True)
class FindingWords:
    """A finding by its id, told in the words of the fitted body."""

    id: str
    name: str
    sentence: str


@dataclass(frozen=True, eq=False)
class FindingsView:
    """What inspection found, most serious first, and the connected piece of each face.

    All points of a cloud are one piece.
    """

    findings: tuple[FindingLine, ...]
    pieces: Int32[np.ndarray, " F"]


@dataclass(frozen=True, eq=False)
class ScanView:
    """A scan as the window shows it: metres, y up; `proxy_*` is a decimated copy for motion.

    `proxy_rows` says which face (point of a cloud) each of the copy's own stands for.
    A point cloud has no faces. `normals` are for light only:
    those of a cloud may point either way; they may be None. `unit`, `up`: value and reason.
    `notes` are sentences about how it was read.
    """

    path: Path
    vertices: Float32[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    proxy_vertices: Float32[np.ndarray, "M 3"]
    proxy_faces: Int32[np.ndarray, "G 3"]
    proxy_rows: Int32[np.ndarray, " R"]
    unit: str
    unit_reason: str
    up: str
    up_reason: str
    height_m: float
    normals: Float32[np.ndarray, "N 3"] | None = None
    colors: UInt8[np.ndarray, "N 3"] | None = None
    proxy_colors: UInt8[np.ndarray, "M 3"] | None = None
    proxy_normals: Float32[np.ndarray, "M 3"] | None = None
    uv: Float32[np.ndarray, "N 2"] | None = None
    texture: UInt8[np.ndarray, "H W 3"] | None = None
    findings: FindingsView | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FitView:
    """A fit as the window shows it: the avatar's skin in the fit's frame (facing +z).

    `fit_from_view` (4, 4) takes the coordinates of the `ScanView` to the fit's frame.
    `surface_mm` is the distance to the scan per vertex, `confidence` 0..1. `removed` names what
    was left out of the scan before the fit, `mended` what was changed; `findings` tells all
    findings of the scan anew.
    """

    vertices: Float32[np.ndarray, "V 3"]
    faces: Int32[np.ndarray, "F 3"]
    surface_mm: Float32[np.ndarray, " V"]
    confidence: Float32[np.ndarray, " V"]
    fit_from_view: Float64[np.ndarray, "4 4"]
    verdict: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    scan_to_avatar_mm: dict[str, float]
    avatar_to_scan_mm: dict[str, float]
    coverage: float
    seconds: float
    refinement: str
    body: str
    removed: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    findings: tuple[FindingWords, ...] = ()


@dataclass(frozen=True, eq=False)
class ResultView:
    """A result opened again, and what had been asked for when it was made."""

    scan: ScanView
    fit: FitView
    reading: ReadScan
    fitting: FitScan


@dataclass(frozen=True)
class ExportView:
    """What an export wrote."""

    folder: Path
    files: tuple[Path, ...]


@dataclass(frozen=True)
class SavedView:
    """Where the cleaned scan was saved."""

    path: Path


@dataclass(frozen=True)
class BodyLine:
    """An installed body: `name` as `--body` takes it, family, terms, where it is."""

    name: str
    family: str
    terms: str
    path: Path


@dataclass(frozen=True)
class BodiesView:
    """The installed bodies."""

    bodies: tuple[BodyLine, ...] = field(default=())


Result = ScanView | FindingsView | FitView | ResultView | ExportView | SavedView | BodiesView


# Events, engine to window. A request ends with exactly one of the last four.


@dataclass(frozen=True)
class Progressed:
    """A stage by name, its own fraction, the whole job's fraction, seconds left where known."""

    stage: str
    fraction: float
    overall: float
    seconds_left: float | None = None


@dataclass(frozen=True, eq=False)
class Done:
    """The request succeeded."""

    result: Result


@dataclass(frozen=True)
class Refused:
    """A `UserError`: what happened, what to do."""

    problem: str
    remedy: str


@dataclass(frozen=True)
class Stopped:
    """The user cancelled."""


@dataclass(frozen=True)
class Broken:
    """A bug or the engine's death; `details` is for a report, not for the banner."""

    problem: str
    remedy: str
    details: str


Event = Progressed | Done | Refused | Stopped | Broken
