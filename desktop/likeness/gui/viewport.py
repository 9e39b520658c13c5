"""Draws the document: scan, avatar, both, or distances as colours. It never reads geometry back."""

from dataclasses import dataclass

import numpy as np
import pyvista as pv
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pyvistaqt import QtInteractor

from likeness.gui.camera import SIDES, aim, pixels_per_metre
from likeness.gui.document import Document, Show
from likeness.gui.scene import (
    Drawn,
    drawn_avatar,
    drawn_proxy,
    drawn_scan,
    ground_grid,
    point_size,
)
from likeness.gui.theme import Theme
from likeness.jobs.protocol import ScanView

# Up to so many triangles or points every frame of a movement shows the scan itself.
_FLUENT_SOFTWARE, _FLUENT = 80_000, 3_000_000
_SETTLE_MS = 220
_VEILED = 0.3
# In steps of the depth buffer; coarse ones make it a millimetre or two, fine ones nothing.
_BEHIND = 60.0


@dataclass(frozen=True, eq=False)
class _Shown:
    """Something in the scene and what it is drawn from."""

    drawn: Drawn
    actor: pv.Actor


class Viewport(QWidget):
    """The scene and its camera; everything it shows it hears from the document."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        software = draws_in_software()
        self._fluent = _FLUENT_SOFTWARE if software else _FLUENT
        self.plotter = _Interactor(self, auto_update=False, multi_samples=0 if software else 4)
        self._fine: _Shown | None = None
        self._proxy: _Shown | None = None
        self._avatar: _Shown | None = None
        self._moving, self._untouched = False, True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plotter)
        self._set_up()
        self._connect()

    def release(self) -> None:
        """Free what the graphics driver holds, before the window goes."""
        self._settle.stop()
        self.plotter.close()

    def look_from(self, side: str) -> None:
        """Bring everything into view from a side of the person, or of the file before a fit."""
        scan = self._document.scan
        if scan is None:
            return
        direction = np.asarray(SIDES[side])
        if self._document.fit is not None:
            direction = np.linalg.inv(self._document.fit.fit_from_view)[:3, :3] @ direction
        low, high = scan.proxy_vertices.min(axis=0), scan.proxy_vertices.max(axis=0)
        aim(self.plotter.camera, low, high, direction, self.width() / max(self.height(), 1))
        self.plotter.renderer.ResetCameraClippingRange()
        self._size_points()
        self.plotter.render()

    def _set_up(self) -> None:
        self.plotter.enable_terrain_style(mouse_wheel_zooms=True, shift_pans=True)
        style = self.plotter.iren.style
        style.AddObserver("StartInteractionEvent", lambda *_: self._start_moving())
        style.AddObserver("EndInteractionEvent", lambda *_: self._settle.start())
        self._settle.timeout.connect(self._settled)
        self._paint_background()

    def _connect(self) -> None:
        document = self._document
        document.scan_changed.connect(self._show_scan)
        document.fit_changed.connect(self._show_fit)
        document.show_changed.connect(self._apply)
        document.camera_asked.connect(self.look_from)
        self._theme.changed.connect(self._repaint)
        self._show_scan()
        self._show_fit()

    # The scene

    def _show_scan(self) -> None:
        """The scan, and a coarser copy for motion where it is too large to turn fluently."""
        self._remove(self._fine, self._proxy)
        self._fine = self._proxy = None
        scan = self._document.scan
        if scan is None:
            return
        self._fine = self._add(drawn_scan(scan))
        if max(len(scan.faces), len(scan.vertices)) > self._fluent:
            self._proxy = self._add(drawn_proxy(scan))
        self._draw_ground(scan)
        self._apply()
        self._untouched = True
        self.look_from("front")

    def _show_fit(self) -> None:
        self._remove(self._avatar)
        fit = self._document.fit
        self._avatar = self._add(drawn_avatar(fit)) if fit is not None else None
        self._apply()
        if fit is not None and self._untouched:
            self.look_from("front")  # only now is it known where that is

    def _add(self, drawn: Drawn) -> _Shown:
        lit = drawn.data.point_data.active_normals is not None
        look: dict[str, object] = {}
        if not drawn.is_mesh:
            look |= {"style": "points"}
        if drawn.colours:
            look |= {"scalars": drawn.colours, "rgb": True}
        actor = self.plotter.add_mesh(
            drawn.data, **look, texture=drawn.texture, ambient=0.18, diffuse=0.85, specular=0.06,
            lighting=lit, show_scalar_bar=False, reset_camera=False, render=False, copy_mesh=False)
        actor.prop.interpolation = "Gouraud"  # otherwise VTK leaves the normals aside
        if lit and not drawn.is_mesh:
            _light_from_both_sides(actor)
        return _Shown(drawn, actor)

    def _remove(self, *gone: _Shown | None) -> None:
        for each in gone:
            if each is not None:
                self.plotter.remove_actor(each.actor, render=False)

    def _apply(self) -> None:
        """Show and colour what the document wants shown."""
        show = self._document.show
        scan_shown = show in (Show.SCAN, Show.BOTH)
        coarse = self._moving and self._proxy is not None
        for shown, its_turn in ((self._fine, not coarse), (self._proxy, coarse)):
            if shown is not None:
                shown.actor.SetVisibility(scan_shown and its_turn)
                self._veil(shown, show is Show.BOTH)
        if self._avatar is not None:
            actor = self._avatar.actor
            actor.SetVisibility(show is not Show.SCAN)
            actor.mapper.SetScalarVisibility(show is Show.HEAT)
            actor.prop.color = self._theme.colours["avatar"]
            _push_back(actor, _BEHIND if show is Show.BOTH else 0.0)
        self.plotter.render()

    def _veil(self, shown: _Shown, veiled: bool) -> None:
        """Around an avatar the scan is grey glass: its own colours would hide the comparison."""
        drawn, actor = shown.drawn, shown.actor
        actor.prop.opacity = _VEILED if veiled else 1.0
        actor.SetTexture(None if veiled else drawn.texture)
        actor.mapper.SetScalarVisibility(bool(drawn.colours) and not veiled)
        plain = veiled or drawn.texture is None
        actor.prop.color = self._theme.colours["scan"] if plain else "white"

    # Moving

    def _start_moving(self) -> None:
        self._settle.stop()
        self._untouched = False
        if not self._moving and self._proxy is not None:
            self._moving = True
            self._apply()

    def _settled(self) -> None:
        self._moving = False
        self._size_points()
        self._apply()

    def _size_points(self) -> None:
        """Let the points of a cloud touch each other at this distance."""
        scale = pixels_per_metre(self.plotter.camera, self.height())
        for shown in (self._fine, self._proxy):
            if shown is not None and not shown.drawn.is_mesh:
                points = np.asarray(shown.drawn.data.points)
                shown.actor.prop.point_size = point_size(points, scale)

    # The surroundings

    def _draw_ground(self, scan: ScanView) -> None:
        self.plotter.add_mesh(
            ground_grid(scan.proxy_vertices), color=self._theme.colours["grid"], line_width=1,
            lighting=False, name="ground", pickable=False, reset_camera=False, render=False)

    def _paint_background(self) -> None:
        self.plotter.set_background(self._theme.colours["view_bottom"],
                                    top=self._theme.colours["view_top"])

    def _repaint(self) -> None:
        self._paint_background()
        if self._document.scan is not None:
            self._draw_ground(self._document.scan)
        self._apply()


class _Interactor(QtInteractor):
    """Without the ways in which the plotter would act by itself."""

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        # It would read dropped files with VTK, which may crash; the window takes them instead.
        self.setAcceptDrops(False)
        # Its keys close the plotter and change the drawing; the window has its own shortcuts.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _push_back(actor: pv.Actor, steps: float) -> None:
    """Let the scan win where both are as good as equal, rather than take turns pixel by pixel."""
    actor.mapper.SetResolveCoincidentTopologyToPolygonOffset()
    actor.mapper.SetRelativeCoincidentTopologyPolygonOffsetParameters(0.0, steps)


def _light_from_both_sides(actor: pv.Actor) -> None:
    """A cloud's normals may point either way, and its far side shows through its gaps."""
    place = "//VTK::Normal::Impl"
    actor.GetShaderProperty().AddFragmentShaderReplacement(
        place, True, f"{place}\n  if (normalVCVSOutput.z < 0.0) normalVCVSOutput *= -1.0;\n",
        False)


def draws_in_software() -> bool:
    """Whether OpenGL runs on the processor, where every sample and triangle counts."""
    context, place = QOpenGLContext(), QOffscreenSurface()
    place.create()
    if not context.create() or not context.makeCurrent(place):
        return True
    name = str(context.functions().glGetString(0x1F01))
    context.doneCurrent()
    return any(word in name.lower() for word in ("llvmpipe", "softpipe", "swiftshader", "software"))
