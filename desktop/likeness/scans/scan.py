"""A scan after reading: metres, y up, feet near y = 0, whatever the file held."""

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, UInt8


@dataclass(frozen=True)
class Choice:
    """A property of the file that was detected or given: its value and why, in plain words.

    `rivals` are values that are hardly less likely.
    """

    value: str
    reason: str
    given: bool = False
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The file a scan came from."""

    path: str
    sha256: str
    vertices: int
    faces: int


@dataclass(frozen=True, eq=False)
class Scan:
    """A checked scan of finite points and in-range triangles; a point cloud has no faces.

    `world_from_scan` maps file coordinates to these; `normals` come from the file or the faces and
    point outwards, None where neither gives them. `colors` are RGB per vertex. `uv` and `texture`
    go together; texture rows run from the top of the image, `uv` has v = 0 at its bottom.
    """

    vertices: Float32[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]
    unit: Choice
    up: Choice
    source: Source
    world_from_scan: Float64[np.ndarray, "4 4"]
    normals: Float32[np.ndarray, "N 3"] | None = None
    colors: UInt8[np.ndarray, "N 3"] | None = None
    uv: Float32[np.ndarray, "N 2"] | None = None
    texture: UInt8[np.ndarray, "H W 3"] | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def height_m(self) -> float:
        """Extent along y in metres."""
        return float(np.ptp(self.vertices[:, 1]))

    @property
    def is_mesh(self) -> bool:
        """Whether the scan has triangles."""
        return len(self.faces) > 0


def kept(scan: Scan, keep: Bool[np.ndarray, " N"]) -> Scan:
    """Only the marked vertices, faces renumbered; faces use marked vertices alone."""
    number = np.cumsum(keep, dtype=np.int32) - 1
    return replace(
        scan, vertices=scan.vertices[keep], faces=number[scan.faces],
        normals=None if scan.normals is None else scan.normals[keep],
        colors=None if scan.colors is None else scan.colors[keep],
        uv=None if scan.uv is None else scan.uv[keep])
