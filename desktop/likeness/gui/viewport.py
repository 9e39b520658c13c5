"""Draws the document: scan, avatar, both, or distances as colours. It never reads geometry back."""

import numpy as np
import pyvista as pv
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pyvistaqt import QtInteractor

from likeness.gui.camera import SIDES, aim, aim_at, pixels_per_metre
from likeness.gui.check_look import look_of, plain_look
from likeness.gui.document import Document, Show
from likeness.gui.projection import Lens
from likeness.gui.scan_layer import ScanLayer, add_surface
from likeness.gui.scene import (
    drawn_avatar,
    drawn_proxy,
    drawn_scan,
    ground_grid,
    point_size,
)
from likeness.gui.selecting import Selecting
from likeness.gui.theme import Theme
from likeness.jobs.protocol import FindingLine, ScanView

# Up to so many triangles or points every frame of a movement shows the scan itself.
_FLUENT_SOFTWARE, _FLUENT = 80_000, 3_000_000
_SETTLE_MS = 220
_VEILED = 0.3
# In steps of the depth buffer; coarse ones make it a millimetre or two, fine ones nothing.
_BEHIND = 60.0


class Viewport(QWidget):
    """The scene and its camera; everything it shows it hears from the document."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        software = draws_in_software()
        self._fluent = _FLUENT_SOFTWARE if software else _FLUENT
        self.plotter = _Interactor(self, auto_update=False, multi_samples=0 if software else 4)
        self._drawn: ScanView | None = None
        self._fine: ScanLayer | None = None
        self._proxy: ScanLayer | None = None
        self._avatar: pv.Actor | None = None
        self._moving, self._untouched = False, True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plotter)
        self.selecting = Selecting(document.check, self.plotter, self._lens,
                                   lambda: document.can_select)
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

    def _zoom_to(self, finding: FindingLine) -> None:
        """Bring a finding near, seen from where the camera is."""
        scan, camera = self._document.scan, self.plotter.camera
        if scan is None or not len(finding.members):
            return
        rows = scan.faces[finding.members] if len(scan.faces) else finding.members
        points = scan.vertices[rows].reshape(-1, 3)
        direction = np.subtract(camera.position, camera.focal_point)
        aim_at(camera, points.min(axis=0), points.max(axis=0), direction)
        self._untouched = False
        self.plotter.renderer.ResetCameraClippingRange()
        self._size_points()
        self.plotter.render()

    def _lens(self) -> Lens:
        """How the view projects now, in the widget's pixels."""
        camera, size = self.plotter.camera, self.plotter.size()
        matrix = camera.GetCompositeProjectionTransformMatrix(
            size.width() / max(size.height(), 1), -1.0, 1.0)
        return Lens(pv.array_from_vtkmatrix(matrix), size.width(), size.height(),
                    np.asarray(camera.position, float))

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
        document.show_changed.connect(self._paint)
        document.show_changed.connect(self.selecting.take_tool)
        for signal in (document.check.findings_changed, document.check.marks_changed,
                       document.check.hovered_changed):
            signal.connect(self._paint)
        document.check.zoom_asked.connect(self._zoom_to)
        document.camera_asked.connect(self.look_from)
        self._theme.changed.connect(self._repaint)
        self._show_scan()
        self._show_fit()

    # The scene

    def _show_scan(self) -> None:
        """The scan, and a coarser copy for motion where it is too large to turn fluently."""
        for layer in (self._fine, self._proxy):
            if layer is not None:
                layer.remove()
        self._fine = self._proxy = None
        self._drawn = scan = self._document.scan
        if scan is None:
            return
        self._fine = ScanLayer(self.plotter, drawn_scan(scan))
        if max(len(scan.faces), len(scan.vertices)) > self._fluent:
            self._proxy = ScanLayer(self.plotter, *drawn_proxy(scan))
        self._draw_ground(scan)
        self._paint()
        self._untouched = True
        self.look_from("front")

    def _show_fit(self) -> None:
        if self._avatar is not None:
            self.plotter.remove_actor(self._avatar, render=False)
        fit = self._document.fit
        self._avatar = add_surface(self.plotter, drawn_avatar(fit)) if fit is not None else None
        self._apply()
        if fit is not None and self._untouched:
            self.look_from("front")  # only now is it known where that is

    def _paint(self) -> None:
        """Colour the scan by what is found, selected or removed."""
        check, show = self._document.check, self._document.show
        if self._drawn is None or self._drawn is not check.scan:
            return  # between one scan and the next
        look = look_of(check) if show is Show.SCAN else plain_look(check)
        for layer in (self._fine, self._proxy):
            if layer is not None:
                layer.paint(look)
        self._size_points()
        self._apply()

    def _apply(self) -> None:
        """Show and colour what the document wants shown."""
        show, glass = self._document.show, self._document.check.glass
        shown = show in (Show.SCAN, Show.BOTH)
        coarse = self._moving and self._proxy is not None
        rough = coarse and self._fine is not None and self._fine.amount > self._fluent
        for layer, plain, coloured in ((self._fine, not coarse, not rough),
                                       (self._proxy, coarse, rough)):
            if layer is not None:
                layer.show(plain=shown and plain, coloured=shown and coloured)
                self._veil(layer, show is Show.BOTH or (show is Show.SCAN and glass))
        if self._avatar is not None:
            self._avatar.SetVisibility(show is not Show.SCAN)
            self._avatar.mapper.SetScalarVisibility(show is Show.HEAT)
            self._avatar.prop.color = self._theme.colours["avatar"]
            _push_back(self._avatar, _BEHIND if show is Show.BOTH else 0.0)
        self.plotter.render()

    def _veil(self, layer: ScanLayer, veiled: bool) -> None:
        """Around an avatar the scan is grey glass: its own colours would hide the comparison."""
        drawn, actor = layer.drawn, layer.plain
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
        for layer in (self._fine, self._proxy):
            if layer is not None and not layer.drawn.is_mesh:
                layer.size_points(point_size(np.asarray(layer.drawn.data.points), scale))

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


def draws_in_software() -> bool:
    """Whether OpenGL runs on the processor, where every sample and triangle counts."""
    context, place = QOpenGLContext(), QOffscreenSurface()
    place.create()
    if not context.create() or not context.makeCurrent(place):
        return True
    name = str(context.functions().glGetString(0x1F01))
    context.doneCurrent()
    return any(word in name.lower() for word in ("llvmpipe", "softpipe", "swiftshader", "software"))
