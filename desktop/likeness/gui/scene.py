"""What the viewport draws, as VTK data: a scan, its proxy, an avatar; plain numpy before that."""

from dataclasses import dataclass

import numpy as np
import pyvista as pv
from jaxtyping import Float, Float32, Int, Int32, UInt8

from likeness.avatars.heat import heat_colours
from likeness.jobs.protocol import FitView, ScanView

_FEW_POINTS = 50_000
_OVERLAP, _POINT_PIXELS = 1.9, (2.0, 14.0)


@dataclass(frozen=True, eq=False)
class Drawn:
    """VTK data and how it is coloured: by a texture, by an array of RGB per point, or plainly."""

    data: pv.PolyData
    texture: pv.Texture | None = None
    colours: str = ""

    @property
    def is_mesh(self) -> bool:
        """Whether there are triangles, not only points."""
        return self.data.n_verts == 0


def drawn_scan(scan: ScanView) -> Drawn:
    """The scan with its texture or colours."""
    data = surface(scan.vertices, scan.faces, scan.normals)
    if scan.texture is not None and scan.uv is not None:
        data.active_texture_coordinates = scan.uv
        return Drawn(data, pv.numpy_to_texture(np.ascontiguousarray(scan.texture)))
    return _with_colours(data, scan.colors)


def drawn_proxy(scan: ScanView) -> tuple[Drawn, Int32[np.ndarray, " R"]]:
    """The coarser copy that is drawn while the camera moves, and what its elements stand for."""
    if not len(scan.faces):
        return _thinned(scan)
    colors = scan.proxy_colors
    if colors is None and scan.texture is not None and scan.uv is not None:
        colors = _mean_colour(scan.texture, len(scan.proxy_vertices))
    data = surface(scan.proxy_vertices, scan.proxy_faces, scan.proxy_normals)
    return _with_colours(data, colors), scan.proxy_rows


def drawn_avatar(fit: FitView) -> Drawn:
    """The avatar in the frame of the scan as it is shown, with its distances as colours."""
    view_from_fit = np.linalg.inv(fit.fit_from_view)
    vertices = fit.vertices @ view_from_fit[:3, :3].T + view_from_fit[:3, 3]
    data = surface(vertices.astype(np.float32), fit.faces)
    data.point_data["heat"] = heat_colours(fit.surface_mm).astype(np.uint8)
    return Drawn(data, colours="heat")


def surface(vertices: Float32[np.ndarray, "V 3"], faces: Int[np.ndarray, "F 3"],
            normals: Float32[np.ndarray, "V 3"] | None = None) -> pv.PolyData:
    """A smoothly shaded mesh, or a cloud where there are no faces."""
    data = pv.PolyData.from_regular_faces(vertices, faces) if len(faces) else pv.PolyData(vertices)
    if normals is None and len(faces):
        normals = vertex_normals(vertices, faces)
    if normals is not None:
        data.point_data.active_normals = normals
    return data


def vertex_normals(vertices: Float32[np.ndarray, "V 3"],
                   faces: Int[np.ndarray, "F 3"]) -> Float32[np.ndarray, "V 3"]:
    """Unit normals, area-weighted; zero where a vertex has no face."""
    a, b, c = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    n = np.cross(b - a, c - a)
    corners, count = faces.T.ravel(), len(vertices)
    summed = np.stack([np.bincount(corners, np.tile(n[:, k], 3), count) for k in range(3)], axis=1)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return (summed / np.where(length > 0, length, 1.0)).astype(np.float32)


def point_size(points: Float[np.ndarray, "N 3"], pixels_per_metre: float) -> float:
    """Pixels a point of a cloud needs so that a body of it looks closed."""
    height = float(np.ptp(points[:, 1])) or 1.0
    # The skin of a person measures about 0.6 times the height squared.
    spacing = height * np.sqrt(0.6 / max(len(points), 1))
    return float(np.clip(_OVERLAP * spacing * pixels_per_metre, *_POINT_PIXELS))


def ground_grid(points: Float[np.ndarray, "N 3"]) -> pv.PolyData:
    """Lines every half metre under the feet, for scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle = np.round(low + high) / 2
    half = max(1.0, float(np.ceil((high - low)[[0, 2]].max())) / 2 + 0.5)
    steps = np.arange(-half, half + 0.25, 0.5)
    ends = [end for s in steps
            for end in ((s, 0, -half), (s, 0, half), (-half, 0, s), (half, 0, s))]
    origin = np.asarray((middle[0], low[1], middle[2]), float)
    return pv.line_segments_from_points(np.asarray(ends, float) + origin)


def _with_colours(data: pv.PolyData, colors: UInt8[np.ndarray, "N 3"] | None) -> Drawn:
    if colors is None:
        return Drawn(data)
    data.point_data["colours"] = colors
    return Drawn(data, colours="colours")


def _thinned(scan: ScanView) -> tuple[Drawn, Int32[np.ndarray, " R"]]:
    """Every so-many-th point of a cloud; unlike the proxy it keeps the normals."""
    step = max(1, len(scan.vertices) // _FEW_POINTS)
    some = np.arange(0, len(scan.vertices), step, dtype=np.int32)
    normals = None if scan.normals is None else scan.normals[some]
    data = surface(scan.vertices[some], scan.faces, normals)
    return _with_colours(data, None if scan.colors is None else scan.colors[some]), some


def _mean_colour(texture: UInt8[np.ndarray, "H W 3"], count: int) -> UInt8[np.ndarray, "N 3"]:
    mean = texture[::8, ::8].reshape(-1, 3).mean(axis=0)
    return np.tile(mean.astype(np.uint8), (count, 1))
