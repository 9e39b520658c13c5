"""What the viewport draws, as VTK data: a scan, its proxy, an avatar; plain numpy before that."""

from dataclasses import dataclass

import numpy as np
import pyvista as pv
from jaxtyping import Float, Float32, Int, UInt8

from likeness.avatars.heat import heat_colours
from likeness.jobs.protocol import FitView, ScanView


@dataclass(frozen=True, eq=False)
class Drawn:
    """VTK data and how it is coloured."""

    data: pv.PolyData
    texture: pv.Texture | None = None
    coloured: bool = False

    @property
    def is_mesh(self) -> bool:
        """Whether there are triangles, not only points."""
        return self.data.n_faces_strict > 0 if self.data.n_cells else False


def drawn_scan(scan: ScanView) -> Drawn:
    """The scan with its texture or colours."""
    data = surface(scan.vertices, scan.faces, scan.normals)
    if scan.texture is not None and scan.uv is not None:
        data.active_texture_coordinates = scan.uv
        return Drawn(data, pv.numpy_to_texture(np.ascontiguousarray(scan.texture)))
    return _with_colours(data, scan.colors)


def drawn_proxy(scan: ScanView) -> Drawn:
    """The coarser copy that is drawn while the camera moves."""
    colors = scan.proxy_colors
    if colors is None and scan.texture is not None and scan.uv is not None:
        colors = _mean_colour(scan.texture, len(scan.proxy_vertices))
    return _with_colours(surface(scan.proxy_vertices, scan.proxy_faces), colors)


def drawn_avatar(fit: FitView) -> Drawn:
    """The avatar in the frame of the scan as it is shown, with its distances as colours."""
    view_from_fit = np.linalg.inv(fit.fit_from_view)
    vertices = fit.vertices @ view_from_fit[:3, :3].T + view_from_fit[:3, 3]
    data = surface(vertices.astype(np.float32), fit.faces)
    data.point_data["heat"] = heat_colours(fit.surface_mm).astype(np.uint8)
    return Drawn(data)


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


def point_size(points: Float[np.ndarray, "N 3"]) -> float:
    """Pixels a point of a cloud needs so that a body of it looks closed at first sight."""
    height = float(np.ptp(points[:, 1])) or 1.0
    # A standing person fills some 700 pixels and shows about 1.4 square metres, half of it to us.
    pixels_per_metre = 700.0 / height
    spacing = np.sqrt(1.4 / max(len(points), 1))
    return float(np.clip(1.6 * spacing * pixels_per_metre, 2.0, 7.0))


def _with_colours(data: pv.PolyData, colors: UInt8[np.ndarray, "N 3"] | None) -> Drawn:
    if colors is None:
        return Drawn(data)
    data.point_data["colours"] = colors
    return Drawn(data, coloured=True)


def _mean_colour(texture: UInt8[np.ndarray, "H W 3"], count: int) -> UInt8[np.ndarray, "N 3"]:
    mean = texture[::8, ::8].reshape(-1, 3).mean(axis=0)
    return np.tile(mean.astype(np.uint8), (count, 1))
