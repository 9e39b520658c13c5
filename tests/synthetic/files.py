"""A scan as a file: any unit, any axis up, turned and moved as scanners leave it; and its truth."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int, Int8, UInt8

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}
_UPS = {"+x": (0, 1), "-x": (0, -1), "+y": (1, 1), "-y": (1, -1), "+z": (2, 1), "-z": (2, -1)}


@dataclass(frozen=True)
class FileFrame:
    """How a file holds a person who is given in metres, y up: turned, moved, tipped, scaled."""

    unit: str = "m"
    up: str = "+y"
    yaw: float = 0.0
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def turn(self) -> Float64[np.ndarray, "3 3"]:
        """From y up to the file's axes: yaw, then a rotation that sends y to `up`."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return _tip(self.up) @ np.array(((c, 0.0, s), (0.0, 1.0, 0.0), (-s, 0.0, c)))

    def placed(self, points: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """In the file's axes, still in metres."""
        return (points + self.offset) @ self.turn.T


def _tip(up: str) -> Float64[np.ndarray, "3 3"]:
    axis, sign = _UPS[up]
    to = np.zeros(3)
    to[axis] = sign
    beside = np.zeros(3)
    beside[(axis + 1) % 3] = 1.0
    # Columns: where x, y and z go; right-handed.
    return np.column_stack((beside, to, np.cross(beside, to)))


@dataclass(frozen=True, eq=False)
class Truth:
    """The person in a file: its axes, but metres (file units times `metres_per_unit`).

    Vertices and joints as the open body orders them; `facing` is where the chest points, `up` up.
    `seen` are the vertices the scan can tell of, where it shows one side only.
    """

    vertices: Float32[np.ndarray, "V 3"]
    joints: Float64[np.ndarray, "J 3"]
    facing: Float64[np.ndarray, "3"]
    up: Float64[np.ndarray, "3"]
    metres_per_unit: Float64[np.ndarray, ""]
    interior: Bool[np.ndarray, " V"]
    parts: Int8[np.ndarray, " V"]
    seen: Bool[np.ndarray, " V"] | None = None

    @property
    def counted(self) -> Bool[np.ndarray, " V"]:
        """The vertices that errors are counted on: skin, and only what can be seen."""
        return ~self.interior if self.seen is None else ~self.interior & self.seen

    def store(self, path: Path) -> None:
        """As npz."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        np.savez(path, **{name: value for name, value in values.items() if value is not None})

    @classmethod
    def read(cls, path: Path) -> "Truth":
        """Back from npz."""
        with np.load(path, allow_pickle=False) as file:
            return cls(**{name: file[name] for name in file.files})


def write_ply(path: Path, points: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
              colors: UInt8[np.ndarray, "N 3"] | None = None) -> None:
    """Binary PLY: float points, colours where given, triangles where there are any."""
    columns = [(name, "<f4") for name in "xyz"]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}"]
    header += [f"property float {name}" for name in "xyz"]
    if colors is not None:
        columns += [(name, "u1") for name in ("red", "green", "blue")]
        header += [f"property uchar {name}" for name in ("red", "green", "blue")]
    rows = np.empty(len(points), columns)
    for k, name in enumerate("xyz"):
        rows[name] = points[:, k]
    if colors is not None:
        for k, name in enumerate(("red", "green", "blue")):
            rows[name] = colors[:, k]
    triangles = np.empty(len(faces), [("count", "u1"), ("ids", "<i4", 3)])
    triangles["count"], triangles["ids"] = 3, faces
    if len(faces):
        header += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    text = "\n".join([*header, "end_header", ""])
    path.write_bytes(text.encode() + rows.tobytes() + triangles.tobytes())
