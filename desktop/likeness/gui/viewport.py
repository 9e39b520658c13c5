"""Draws the document: scan, avatar, both, or distances as colours. It never reads geometry back."""

import numpy as np
import pyvista as pv
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pyvistaqt import QtInteractor

from likeness.gui.document import Document, Show
from likeness.gui.scene import Drawn, drawn_avatar, drawn_proxy, drawn_scan, point_size
from likeness.gui.theme import Theme

# Up to so many triangles or points every frame of a movement shows the scan itself.
_FLUENT_SOFTWARE, _FLUENT = 80_000, 3_000_000
_SETTLE_MS = 220
_SIDES = {"front": (0.0, 0.0, 1.0), "back": (0.0, 0.0, -1.0),
          "left": (1.0, 0.0, 0.0), "right": (-1.0, 0.0, 0.0)}
_VEILED = 0.42


class Viewport(QWidget):
    """The scene and its camera; everything it shows it hears from the document."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._software = draws_in_software()
        self.plotter = _Interactor(self, auto_update=False,
                                   multi_samples=0 if self._software else 4)
        self._scan: list[pv.Actor] = []
        self._avatar: pv.Actor | None = None
        self._avatar_data: pv.PolyData | None = None
        self._moving = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plotter)
        self._set_up()
        self._connect()

    def release(self) -> None:
        """Free what the graphics driver holds, before the window goes."""
        self._settle.stop()
        self.plotter.close()

    def _set_up(self) -> None:
        self.plotter.enable_terrain_style(mouse_wheel_zooms=True, shift_pans=True)
        style = self.plotter.iren.style
        style.AddObserver("StartInteractionEvent", lambda *_: self._start_moving())
        style.AddObserver("EndInteractionEvent", lambda *_: self._settle.start())
        self._paint_background()

    def _connect(self) -> None:
        document = self._document
        document.scan_changed.connect(self._show_scan)
        document.fit_changed.connect(self._show_fit)
        document.show_changed.connect(self._apply)
        document.camera_asked.connect(self.look_from)
        self._theme.changed.connect(self._repaint)
        if document.scan is not None:
            self._show_scan()
        if document.fit is not None:
            self._show_fit()

    # The scene

    def _show_scan(self) -> None:
        for actor in self._scan:
            self.plotter.remove_actor(actor, render=False)
        self._scan = []
        scan = self._document.scan
        if scan is None:
            return
        fine = drawn_scan(scan)
        self._scan = [self._added(fine, len(scan.vertices))]
        if max(len(scan.faces), len(scan.vertices)) > self._fluent:
            self._scan.append(self._added(drawn_proxy(scan), len(scan.proxy_vertices)))
        self._draw_ground()
        self._apply()
        self.look_from("front")

    @property
    def _fluent(self) -> int:
        return _FLUENT_SOFTWARE if self._software else _FLUENT

    def _added(self, drawn: Drawn, count: int) -> pv.Actor:
        look: dict[str, object] = {"color": self._theme.colours["scan"]}
        if drawn.texture is not None:
            look = {"texture": drawn.texture}
        elif drawn.coloured:
            look = {"scalars": "colours", "rgb": True}
        if not drawn.is_mesh:
            look |= {"style": "points", "point_size": point_size(np.asarray(drawn.data.points)),
                     "lighting": drawn.data.point_data.active_normals is not None}
        return self.plotter.add_mesh(
            drawn.data, **look, ambient=0.18, diffuse=0.85, specular=0.06, smooth_shading=False,
            show_scalar_bar=False, reset_camera=False, render=False, copy_mesh=False)

    def _show_fit(self) -> None:
        if self._avatar is not None:
            self.plotter.remove_actor(self._avatar, render=False)
        self._avatar = None
        fit = self._document.fit
        if fit is not None:
            self._avatar_data = drawn_avatar(fit).data
            self._avatar = self.plotter.add_mesh(
                self._avatar_data, scalars="heat", rgb=True, ambient=0.16, diffuse=0.85,
                specular=0.12, show_scalar_bar=False, reset_camera=False, render=False,
                copy_mesh=False)
        self._apply()

    def _apply(self) -> None:
        """Show and colour what the document wants shown."""
        show = self._document.show
        for place, actor in enumerate(self._scan):
            shown = show in (Show.SCAN, Show.BOTH)
            actor.SetVisibility(shown and self._is_drawn(place))
            actor.prop.opacity = _VEILED if show is Show.BOTH else 1.0
        if self._avatar is not None:
            self._avatar.SetVisibility(show is not Show.SCAN)
            self._avatar.mapper.SetScalarVisibility(show is Show.HEAT)
            self._avatar.prop.color = self._theme.colours["avatar"]
        self.plotter.render()

    def _is_drawn(self, place: int) -> bool:
        """Of a scan and its proxy, one at a time."""
        return len(self._scan) == 1 or (place == 1) == self._moving

    # The camera

    def look_from(self, side: str) -> None:
        """Bring everything into view from a side of the person, or of the file before a fit."""
        scan = self._document.scan
        if scan is None:
            return
        direction = np.asarray(_SIDES[side])
        if self._document.fit is not None:
            direction = np.linalg.inv(self._document.fit.fit_from_view)[:3, :3] @ direction
        low, high = scan.proxy_vertices.min(axis=0), scan.proxy_vertices.max(axis=0)
        centre = (low + high) / 2
        camera = self.plotter.camera
        camera.focal_point = centre
        camera.position = centre + 5.0 * direction
        camera.up = (0.0, 1.0, 0.0)
        camera.view_angle = 28.0
        self.plotter.reset_camera(bounds=(low[0], high[0], low[1], high[1], low[2], high[2]),
                                  render=False)
        camera.zoom(1.35)
        self.plotter.reset_camera_clipping_range()
        self.plotter.render()

    def _start_moving(self) -> None:
        self._settle.stop()
        if not self._moving and len(self._scan) > 1:
            self._moving = True
            self._apply()

    def _settled(self) -> None:
        if self._moving:
            self._moving = False
            self._apply()

    # The surroundings

    def _draw_ground(self) -> None:
        """A grid of half metres under the feet, for scale."""
        scan = self._document.scan
        assert scan is not None
        low, high = scan.proxy_vertices.min(axis=0), scan.proxy_vertices.max(axis=0)
        centre = np.round((low + high) / 2 * 2) / 2
        half = max(1.0, np.ceil(float((high - low)[[0, 2]].max())) / 2 + 0.5)
        steps = np.arange(-half, half + 0.25, 0.5)
        lines = [p for s in steps for p in ((s, 0, -half), (s, 0, half), (-half, 0, s),
                                            (half, 0, s))]
        points = np.asarray(lines, float) + np.array((centre[0], low[1], centre[2]))
        self._ground = self.plotter.add_mesh(
            pv.line_segments_from_points(points), color=self._theme.colours["grid"], line_width=1,
            lighting=False, name="ground", pickable=False, reset_camera=False, render=False)

    def _paint_background(self) -> None:
        self.plotter.set_background(self._theme.colours["view_bottom"],
                                    top=self._theme.colours["view_top"])

    def _repaint(self) -> None:
        self._paint_background()
        if self._document.scan is not None:
            self._draw_ground()
        self._apply()


class _Interactor(QtInteractor):
    """Without the ways in which the plotter would act by itself."""

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        # It would read dropped files with VTK, which may crash; the window takes them instead.
        self.setAcceptDrops(False)
        # Its keys close the plotter and change the drawing; the window has its own shortcuts.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def draws_in_software() -> bool:
    """Whether OpenGL runs on the processor, where every sample and triangle counts."""
    context, place = QOpenGLContext(), QOffscreenSurface()
    place.create()
    if not context.create() or not context.makeCurrent(place):
        return True
    name = str(context.functions().glGetString(0x1F01))
    context.doneCurrent()
    return any(word in name.lower() for word in ("llvmpipe", "softpipe", "swiftshader", "software"))
