"""A scan in the scene: its plain surface, and over it what is flagged or selected, in colour."""

from dataclasses import dataclass

import numpy as np
import pyvista as pv
from jaxtyping import Bool, Int32, UInt8

from likeness.gui.scene import Drawn

# In steps of the depth buffer: what is in colour wins against the surface beside it.
_BEFORE = -30.0


@dataclass(frozen=True, eq=False)
class Look:
    """Which faces (points) of the scan are drawn; those with a `tint` in that row of `palette`.

    Tint 0 is the scan's own look. What has a tint is drawn even where it is not shown.
    """

    shown: Bool[np.ndarray, " n"]
    tint: UInt8[np.ndarray, " n"]
    palette: UInt8[np.ndarray, "P 3"]


class ScanLayer:
    """Two actors of one surface; `rows` are the scan's faces (points) that its own stand for."""

    def __init__(self, plotter: pv.BasePlotter, drawn: Drawn,
                 rows: Int32[np.ndarray, " R"] | None = None) -> None:
        self.drawn, self.amount = drawn, 0
        self._plotter, self._rows = plotter, rows
        self._plain_rows: Bool[np.ndarray, " R"] | None = None
        self._cells = drawn.data.regular_faces if drawn.is_mesh else None
        self.plain = add_surface(plotter, drawn)
        self.coloured: pv.Actor | None = None

    def paint(self, look: Look) -> None:
        """Draw as `look` says."""
        shown, tint = look.shown, look.tint
        if self._rows is not None:
            shown, tint = shown[self._rows], tint[self._rows]
        plain = shown & (tint == 0)
        # A large scan takes time: only where something changed.
        if self._plain_rows is None or not np.array_equal(plain, self._plain_rows):
            self._plain_rows = plain
            self.plain.mapper.SetInputData(self.drawn.data if plain.all() else self._part(plain))
        self._paint_coloured(tint, look.palette)

    def show(self, *, plain: bool, coloured: bool) -> None:
        """Draw either, both or none."""
        self.plain.SetVisibility(plain)
        if self.coloured is not None:
            self.coloured.SetVisibility(coloured)

    def remove(self) -> None:
        """Take both from the scene."""
        for actor in (self.plain, self.coloured):
            if actor is not None:
                self._plotter.remove_actor(actor, render=False)

    def size_points(self, pixels: float) -> None:
        """How large the points of a cloud are."""
        for actor in (self.plain, self.coloured):
            if actor is not None:
                actor.prop.point_size = pixels

    def _paint_coloured(self, tint: UInt8[np.ndarray, " R"],
                        palette: UInt8[np.ndarray, "P 3"]) -> None:
        marked = tint > 0
        self.amount = int(marked.sum())
        if self.amount == 0:
            if self.coloured is not None:
                self._plotter.remove_actor(self.coloured, render=False)
                self.coloured = None
            return
        data = self._part(marked)
        data.cell_data["tint"] = palette[tint[marked]]
        if self.coloured is None:
            self.coloured = add_surface(self._plotter, Drawn(data, colours="tint"))
            self.coloured.prop.point_size = self.plain.prop.point_size
            self.coloured.mapper.SetResolveCoincidentTopologyToPolygonOffset()
            self.coloured.mapper.SetRelativeCoincidentTopologyPolygonOffsetParameters(0.0, _BEFORE)
        else:
            self.coloured.mapper.SetInputData(data)

    def _part(self, chosen: Bool[np.ndarray, " R"]) -> pv.PolyData:
        """The chosen faces or points of the surface, over the same vertices."""
        part = pv.PolyData()
        part.shallow_copy(self.drawn.data)
        if self._cells is not None:
            part.regular_faces = self._cells[chosen]
        else:
            points = np.flatnonzero(chosen)
            part.verts = np.column_stack((np.ones_like(points), points)).ravel()
        return part


def add_surface(plotter: pv.BasePlotter, drawn: Drawn) -> pv.Actor:
    """Add a mesh or a cloud to the scene, lit where it has normals."""
    lit = drawn.data.point_data.active_normals is not None
    look: dict[str, object] = {}
    if not drawn.is_mesh:
        look |= {"style": "points"}
    if drawn.colours:
        look |= {"scalars": drawn.colours, "rgb": True}
    actor = plotter.add_mesh(
        drawn.data, **look, texture=drawn.texture, ambient=0.18, diffuse=0.85, specular=0.06,
        lighting=lit, show_scalar_bar=False, reset_camera=False, render=False, copy_mesh=False)
    actor.prop.interpolation = "Gouraud"  # otherwise VTK leaves the normals aside
    if lit and not drawn.is_mesh:
        _light_from_both_sides(actor)
    return actor


def _light_from_both_sides(actor: pv.Actor) -> None:
    """A cloud's normals may point either way, and its far side shows through its gaps."""
    place = "//VTK::Normal::Impl"
    actor.GetShaderProperty().AddFragmentShaderReplacement(
        place, True, f"{place}\n  if (normalVCVSOutput.z < 0.0) normalVCVSOutput *= -1.0;\n",
        False)
