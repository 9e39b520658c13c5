"""What a scanner makes of a person: dense, noisy, with holes where it cannot look."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int, Int32
from tests.synthetic.posing import Posed, vertex_normals
from tests.synthetic.subjects import Anatomy

from likeness.bodies.body import PARTS

_HEAD = PARTS.index("head")
_ROUNDING = 0.75  # Phong tessellation's share of the curved surface
_CELLS_CUT = 1.15  # cells of a cubic grid that a surface of one cell face fills well, measured
_FINER = 6.0  # triangles are first split this much finer than the points asked for
_RIGHT_HIP_LEFT_HIP_SHOULDERS = (2, 1, 16, 17)
_CAMERAS, _CAMERA_HEIGHTS, _CAMERA_RADIUS = 16, (0.25, 1.0, 1.9), 1.6


@dataclass(frozen=True)
class Scanner:
    """How many points, how exact (metres), and which parts are missing; `holes` scales them.

    Without `eyes` there are holes in their place, as with scanners that what shines confuses.
    On the head points lie `head_detail` times as near to each other as elsewhere.
    """

    points: int = 500_000
    noise_m: float = 0.001
    holes: float = 1.0
    eyes: bool = False
    head_detail: float = 1.0


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh in metres."""

    vertices: Float64[np.ndarray, "N 3"]
    faces: Int32[np.ndarray, "F 3"]


def scan_person(anatomy: Anatomy, posed: Posed, scanner: Scanner,
                draw: np.random.Generator) -> Surface:
    """The outer skin of `posed` as `scanner` sees it, in the same frame."""
    outer = ~anatomy.interior | anatomy.eyes if scanner.eyes else ~anatomy.interior
    skin = anatomy.faces[outer[anatomy.faces].all(axis=1)]
    seen = skin
    if scanner.holes > 0:
        missing = _hidden(posed.vertices, skin) | _holes(posed, scanner.holes, draw)
        seen = skin[~missing[skin].all(axis=1)]
    area = face_areas(posed.vertices, skin).sum()
    splits = max(1, round(np.sqrt(_FINER * scanner.points / len(posed.vertices))))
    fine = tessellated(posed.vertices, vertex_normals(posed.vertices, skin), seen, splits)
    # One point a cell of the size that gives about as many points as were asked for.
    cell = float(np.sqrt(_CELLS_CUT * area / scanner.points))
    # By the point, not by the triangle: the two copies of a point on an edge must stay together.
    on_head = ((anatomy.parts[seen] == _HEAD) @ _grid(splits)[0].T).ravel() > 0.5
    thin = thinned(fine, np.where(on_head, cell / scanner.head_detail, cell))
    return _noisy(thin, scanner.noise_m, draw)


def face_areas(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
               ) -> Float64[np.ndarray, " F"]:
    """Areas in square metres."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)


def tessellated(vertices: Float[np.ndarray, "V 3"], normals: Float[np.ndarray, "V 3"],
                faces: Int[np.ndarray, "F 3"], splits: int) -> Surface:
    """Every triangle in `splits` squared, on a surface rounded by the normals.

    Boubekeur and Alexa 2008, Phong tessellation: each new point is moved towards the mean of its
    projections onto the corners' tangent planes. Points on shared edges appear once a triangle;
    `thinned` joins them.
    """
    weights, pattern = _grid(splits)
    corners, upright = vertices[faces], normals[faces]
    flat = np.einsum("gk,fkc->fgc", weights, corners)
    curved = np.zeros_like(flat)
    for k in range(3):
        height = np.einsum("fgc,fc->fg", flat - corners[:, None, k], upright[:, k])
        curved += weights[None, :, k, None] * (flat - height[..., None] * upright[:, None, k])
    points = (1 - _ROUNDING) * flat + _ROUNDING * curved
    starts = np.arange(len(faces))[:, None, None] * len(weights)
    return Surface(points.reshape(-1, 3), (starts + pattern).reshape(-1, 3).astype(np.int32))


def _grid(splits: int) -> tuple[Float64[np.ndarray, "G 3"], Int[np.ndarray, "T 3"]]:
    """Barycentric coordinates of the points of a split triangle, and its small triangles."""
    places = {}
    for i in range(splits + 1):
        for j in range(splits + 1 - i):
            places[i, j] = len(places)
    weights = np.array([(splits - i - j, i, j) for i, j in places]) / splits
    triangles = [(places[i, j], places[i + 1, j], places[i, j + 1])
                 for i, j in places if i + j < splits]
    triangles += [(places[i + 1, j], places[i + 1, j + 1], places[i, j + 1])
                  for i, j in places if i + j < splits - 1]
    return weights, np.array(triangles)


def thinned(surface: Surface, cells: Float[np.ndarray, " N"]) -> Surface:
    """One point a cubic cell, the mean of those in it; triangles that collapse are dropped.

    `cells` is the side of the cell each point falls into; few different ones.
    """
    size, kind = np.unique(cells, return_inverse=True)
    key = np.floor((surface.vertices - surface.vertices.min(axis=0)) / size[kind, None])
    key = key.astype(np.int64)
    key = (kind << 60) | (key[:, 0] << 40) | (key[:, 1] << 20) | key[:, 2]
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(place, surface.vertices[:, k]) / count for k in range(3)], 1)
    faces = place[surface.faces].astype(np.int32)
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)[1]
    return Surface(means, faces[np.sort(first)])


def _noisy(surface: Surface, noise: float, draw: np.random.Generator) -> Surface:
    """Gaussian, `noise` along the normals and half of it sideways."""
    normals = vertex_normals(surface.vertices, surface.faces)
    random = draw.normal(0.0, noise, surface.vertices.shape)
    along = (random * normals).sum(axis=1, keepdims=True) * normals
    return Surface(surface.vertices + along + 0.5 * (random - along), surface.faces)


def unseen(vertices: Float[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
           eyes: Iterable[Float[np.ndarray, "3"]], lift: float = 1e-3) -> Bool[np.ndarray, " V"]:
    """Vertices of a surface that it hides itself from all of these points.

    They are looked for `lift` metres off the surface, more than what it is rough.
    """
    import open3d.core
    import open3d.t.geometry

    scene = open3d.t.geometry.RaycastingScene()
    scene.add_triangles(open3d.core.Tensor(vertices.astype(np.float32)),
                        open3d.core.Tensor(faces.astype(np.uint32)))
    start = vertices + lift * vertex_normals(vertices, faces)
    hidden = np.ones(len(vertices), bool)
    for eye in eyes:
        left = np.flatnonzero(hidden)
        rays = np.column_stack((start[left], eye - start[left])).astype(np.float32)
        blocked = scene.test_occlusions(open3d.core.Tensor(rays), tfar=1.0).numpy()
        hidden[left[~blocked]] = False
    return hidden


def _hidden(vertices: Float64[np.ndarray, "V 3"], skin: Int[np.ndarray, "F 3"],
            ) -> Bool[np.ndarray, " V"]:
    """Vertices that none of the cameras on rings around the person sees."""
    middle = 0.5 * (vertices.min(axis=0) + vertices.max(axis=0))
    angles = np.linspace(0, 2 * np.pi, _CAMERAS, endpoint=False)
    eyes = []
    for height in _CAMERA_HEIGHTS:
        for angle in angles + height:
            ring = np.array((np.sin(angle), 0.0, np.cos(angle))) * (_CAMERA_RADIUS + middle[1])
            eyes.append(np.array((middle[0], vertices[:, 1].min() + height, middle[2])) + ring)
    return unseen(vertices, skin, eyes)


def _holes(posed: Posed, size: float, draw: np.random.Generator) -> Bool[np.ndarray, " V"]:
    """Crown, armpits and crotch: balls of random size; and the soles that stand on the ground."""
    vertices, joints = posed.vertices, posed.joints
    right_hip, left_hip, *shoulders = _RIGHT_HIP_LEFT_HIP_SHOULDERS
    crown = vertices[vertices[:, 1].argmax()]
    armpits = [joints[joint] - (0.0, 0.07, 0.0) for joint in shoulders]
    crotch = 0.5 * (joints[right_hip] + joints[left_hip]) - (0.0, 0.09, 0.0)
    missing = vertices[:, 1] < vertices[:, 1].min() + 0.012
    for centre, most in ((crown, 0.08), *((a, 0.07) for a in armpits), (crotch, 0.08)):
        radius = size * draw.uniform(0.3, 1.0) * most
        missing |= np.linalg.norm(vertices - centre, axis=1) < radius
    return missing
