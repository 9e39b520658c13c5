"""A scan as the view sees it: the faces of a mesh, or points of a cloud, in pixels and depth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from likeness.core.triangles import face_crosses, lengths
from likeness.jobs.protocol import ScanView

_MARGIN = 1.1  # by which perspective may spread a face


@dataclass(frozen=True, eq=False)
class Lens:
    """How the view projects: world (x, y, z, 1) to clip coordinates, the view's size, the eye."""

    clip_from_world: Float64[np.ndarray, "4 4"]
    width: int
    height: int
    eye: Float64[np.ndarray, "3"]

    def __call__(self, points: Float32[np.ndarray, "3 N"],
                 ) -> tuple[Float32[np.ndarray, "2 N"], Float32[np.ndarray, " N"]]:
        """Pixels from the upper left corner, and the depth in metres; nan behind the eye."""
        matrix = self.clip_from_world[[0, 1, 3]].astype(np.float32)
        clip = matrix[:, :3] @ points
        clip += matrix[:, 3:]
        depth = clip[2]
        depth[depth < 1e-6] = np.nan
        pixels = clip[:2]
        pixels /= depth
        pixels *= np.array(((self.width,), (-self.height,)), np.float32) / 2
        pixels += np.array(((self.width,), (self.height,)), np.float32) / 2
        return pixels, depth

    @property
    def metres(self) -> float:
        """How many metres a pixel is at a depth of one metre."""
        return 2 / (self.height * float(np.linalg.norm(self.clip_from_world[1, :3])))

    def same_as(self, other: "Lens | None") -> bool:
        """Whether both see the same."""
        return (other is not None and (self.width, self.height) == (other.width, other.height)
                and np.array_equal(self.clip_from_world, other.clip_from_world))


@dataclass(frozen=True, eq=False)
class Elements:
    """The faces of a mesh, or points of a cloud, as things with a centre, a size and a side."""

    scan: ScanView

    @property
    def is_mesh(self) -> bool:
        """Whether there are faces."""
        return len(self.scan.faces) > 0

    @cached_property
    def centres(self) -> Float32[np.ndarray, "3 n"]:
        """Middles of the faces, or the points, one row a coordinate."""
        corners = np.ascontiguousarray(self.scan.vertices.T)
        if not self.is_mesh:
            return corners
        a, b, c = (corners[:, self.scan.faces[:, k]] for k in range(3))
        return (a + b + c) / np.float32(3)

    @cached_property
    def radius(self) -> Float32[np.ndarray, " n"]:
        """How far a face reaches from its centre; nothing for points."""
        if not self.is_mesh:
            return np.zeros(len(self.scan.vertices), np.float32)
        corners = np.ascontiguousarray(self.scan.vertices.T)
        most = np.zeros(len(self.scan.faces), np.float32)
        for k in range(3):
            apart = np.square(corners[:, self.scan.faces[:, k]] - self.centres).sum(axis=0)
            np.maximum(most, apart, out=most)
        return np.sqrt(most)

    @cached_property
    def usual_radius(self) -> float:
        """Almost no face reaches farther than this; `large` are those that do."""
        return float(np.quantile(self.radius[::max(1, len(self.radius) // 100_000)], 0.99))

    @cached_property
    def large(self) -> Int64[np.ndarray, " K"]:
        """The few faces that reach farther than usual."""
        return np.flatnonzero(self.radius > self.usual_radius)

    @cached_property
    def normals(self) -> Float32[np.ndarray, "3 n"]:
        """Which way each face looks; nowhere for points, whose normals may point either way.

        The mean of its corners' normals: triangles of a noisy scan stand every which way.
        """
        scan = self.scan
        if not self.is_mesh:
            return np.zeros((3, len(scan.vertices)), np.float32)
        if scan.normals is None:
            outward = face_crosses(scan.vertices, scan.faces)
        else:
            outward = sum((scan.normals.take(scan.faces[:, k], axis=0) for k in (1, 2)),
                          scan.normals.take(scan.faces[:, 0], axis=0))
        return np.ascontiguousarray((outward / _at_least(lengths(outward))[:, None]).T)

    def facing(self, rows: Int64[np.ndarray, " K"], eye: Float64[np.ndarray, "3"],
               ) -> Float32[np.ndarray, " K"]:
        """The cosine of the angle under which an eye sees each face; negative from behind."""
        along = eye.astype(np.float32)[:, None] - self.centres.take(rows, axis=1)
        cosine = np.einsum("cn,cn->n", along, self.normals.take(rows, axis=1))
        return cosine / _at_least(np.sqrt(np.einsum("cn,cn->n", along, along)))


@dataclass(frozen=True)
class Box:
    """Pixels of the view: from left and top up to right and bottom, which are outside."""

    left: int
    right: int
    top: int
    bottom: int

    def holds(self, pixels: Float32[np.ndarray, "2 K"],
              margin: float | Float32[np.ndarray, " K"] = 0.0) -> Bool[np.ndarray, " K"]:
        """Which places lie inside, or at most `margin` pixels beside it."""
        x, y = pixels  # nan is in no range
        return ((x >= self.left - margin) & (x < self.right + margin)
                & (y >= self.top - margin) & (y < self.bottom + margin))


class Projection:
    """All centres through one lens: `pixels` (2, n) and `depth` in metres, nan behind the eye."""

    def __init__(self, elements: Elements, lens: Lens) -> None:
        self.elements, self.lens = elements, lens
        self.pixels, self.depth = lens(elements.centres)

    def reach(self, rows: Int64[np.ndarray, " K"]) -> Float32[np.ndarray, " K"]:
        """How many pixels each face reaches from its centre."""
        scale = np.float32(_MARGIN / self.lens.metres)
        return scale * self.elements.radius[rows] / self.depth[rows]

    def reaching(self, box: Box, shown: Bool[np.ndarray, " n"]) -> Int64[np.ndarray, " K"]:
        """Faces shown that may reach into a box."""
        elements = self.elements
        closest = float(np.nanmin(self.depth, initial=np.inf))
        usual = _MARGIN * elements.usual_radius / (self.lens.metres * closest)
        near = box.holds(self.pixels, usual)
        large = elements.large
        near[large] = box.holds(self.pixels[:, large], self.reach(large))
        return np.flatnonzero(near & shown)


def _at_least(lengths: Float32[np.ndarray, " K"]) -> Float32[np.ndarray, " K"]:
    """Lengths to divide by."""
    return np.maximum(lengths, np.float32(1e-20))
