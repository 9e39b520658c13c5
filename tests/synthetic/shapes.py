"""Simple things as triangle meshes: sheets, boxes, balls, rods, and soft bodies of blended rods."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float64
from scipy.spatial import ConvexHull
from tests.synthetic.scanner import Surface, face_areas

_AROUND = 48


def joined(surfaces: Sequence[Surface]) -> Surface:
    """All of them in one, sharing no vertices."""
    starts = np.cumsum([0, *(len(each.vertices) for each in surfaces)])
    faces = [each.faces + start for each, start in zip(surfaces, starts, strict=False)]
    return Surface(np.concatenate([each.vertices for each in surfaces]),
                   np.concatenate(faces).astype(np.int32))


def moved(surface: Surface, turn: Float[np.ndarray, "3 3"] | None = None,
          shift: Float[np.ndarray, "3"] | Sequence[float] = (0.0, 0.0, 0.0)) -> Surface:
    """Turned about the origin, then shifted."""
    turned = surface.vertices if turn is None else surface.vertices @ turn.T
    return Surface(turned + np.asarray(shift, float), surface.faces)


def lattice(points: Float[np.ndarray, "R C 3"], closed: bool = False) -> Surface:
    """A sheet over rows and columns of points; `closed` joins the last column to the first."""
    rows, columns = points.shape[:2]
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1),
                       indexing="ij")
    a, b = (i * columns + j).ravel(), (i * columns + (j + 1) % columns).ravel()
    faces = np.vstack((np.column_stack((a, a + columns, b)),
                       np.column_stack((b, a + columns, b + columns))))
    return Surface(points.reshape(-1, 3).astype(np.float64), faces.astype(np.int32))


def sheet(corner: Sequence[float], along: Sequence[float], across: Sequence[float],
          spacing: float) -> Surface:
    """A parallelogram, its front where `along` x `across` points."""
    sides = np.array((along, across), float)
    counts = np.maximum(2, np.ceil(np.linalg.norm(sides, axis=1) / spacing).astype(int) + 1)
    v, u = np.meshgrid(np.linspace(0, 1, counts[1]), np.linspace(0, 1, counts[0]), indexing="ij")
    points = np.asarray(corner, float) + u[..., None] * sides[0] + v[..., None] * sides[1]
    return lattice(points[::-1])


def box(middle: Sequence[float], size: Sequence[float], spacing: float) -> Surface:
    """Six sheets."""
    low, size = np.asarray(middle, float) - np.asarray(size, float) / 2, np.asarray(size, float)
    edges = np.diag(size)
    sides = []
    for k in range(3):
        a, b = edges[(k + 1) % 3], edges[(k + 2) % 3]
        sides += [sheet(low + edges[k], a, b, spacing), sheet(low, b, a, spacing)]
    return joined(sides)


def rod(path: Float[np.ndarray, "R 3"], radii: Sequence[float] | Float[np.ndarray, " R"],
        around: int = _AROUND) -> Surface:
    """A tube along a path, as thick as told at each of its points; radius 0 closes an end."""
    path = np.asarray(path, float)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, np.eye(3)[np.abs(along).mean(axis=0).argmin()])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    angle = np.arange(around) * 2 * np.pi / around
    ring = np.cos(angle)[:, None] * side[:, None] - np.sin(angle)[:, None] * up[:, None]
    return lattice(path[:, None] + np.asarray(radii, float)[:, None, None] * ring, closed=True)


def ball(middle: Sequence[float], radii: Sequence[float], around: int = _AROUND) -> Surface:
    """An ellipsoid with its poles above and below."""
    polar = np.linspace(0, np.pi, around // 2 + 1)
    path = np.column_stack((np.zeros_like(polar), np.cos(polar), np.zeros_like(polar)))
    plain = rod(path, np.sin(polar), around)
    return Surface(plain.vertices * np.asarray(radii, float) + middle, plain.faces)


def blended(rods: Sequence[tuple[Sequence[float], Sequence[float], float, float]],
            softness: float, cell: float) -> Surface:
    """One smooth skin around tapered rods (from, to, radius at each end).

    The zero level of a soft minimum of their distances; `softness` in metres rounds the joints.
    """
    import pyvista

    ends = np.array([(a, b) for a, b, _, _ in rods], float)
    most = max(max(r, s) for _, _, r, s in rods) + 4 * softness
    low, high = ends.min(axis=(0, 1)) - most, ends.max(axis=(0, 1)) + most
    counts = np.ceil((high - low) / cell).astype(int) + 1
    grid = pyvista.ImageData(dimensions=counts, spacing=(cell,) * 3, origin=low)
    field = np.zeros(grid.n_points)
    for (a, b), (_, _, r, s) in zip(ends, rods, strict=True):
        field += np.exp(-_rod_distance(np.asarray(grid.points), a, b, r, s) / softness)
    grid.point_data["distance"] = -softness * np.log(np.maximum(field, 1e-30))
    skin = grid.contour([0.0], scalars="distance").triangulate()
    faces = skin.faces.reshape(-1, 4)[:, :0:-1]  # the field grows outwards, its faces look inwards
    return Surface(np.asarray(skin.points, np.float64), faces.astype(np.int32))


def _rod_distance(points: Float[np.ndarray, "N 3"], a: Float64[np.ndarray, "3"],
                  b: Float64[np.ndarray, "3"], r: float, s: float) -> Float64[np.ndarray, " N"]:
    t = np.clip((points - a) @ (b - a) / max((b - a) @ (b - a), 1e-12), 0.0, 1.0)
    return np.linalg.norm(points - a - t[:, None] * (b - a), axis=1) - (r + t * (s - r))


def sampled(surface: Surface, count: int, draw: np.random.Generator) -> Float64[np.ndarray, "N 3"]:
    """Points spread evenly over the triangles."""
    area = face_areas(surface.vertices, surface.faces)
    face = draw.choice(len(area), count, p=area / area.sum())
    u, v = draw.random((2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = (surface.vertices[surface.faces[face, k]] for k in range(3))
    return a + u * (b - a) + v * (c - a)


def restricted(surface: Surface, keep: Bool[np.ndarray, " F"]) -> Surface:
    """Only these faces and their vertices."""
    used, faces = np.unique(surface.faces[keep], return_inverse=True)
    return Surface(surface.vertices[used], faces.reshape(-1, 3).astype(np.int32))


def radial_extent(points: Float[np.ndarray, "N 2"], centre: Float[np.ndarray, "2"],
                  angles: Float[np.ndarray, " A"]) -> Float64[np.ndarray, " A"]:
    """How far the convex hull of plane points reaches from `centre`, which it encloses."""
    equations = ConvexHull(points - centre).equations  # outward normal, offset
    towards = np.stack((np.cos(angles), np.sin(angles)))
    facing = equations[:, :2] @ towards
    with np.errstate(divide="ignore"):
        reach = np.where(facing > 1e-9, -equations[:, 2:] / np.maximum(facing, 1e-9), np.inf)
    return np.maximum(reach.min(axis=0), 0.0)
