"""The whole person is in view, from every side and in every shape of window."""

import numpy as np
import pytest
import pyvista as pv

from likeness.gui.camera import SIDES, aim, pixels_per_metre

LOW, HIGH = np.array([-0.9, 0.0, -0.2]), np.array([0.9, 1.8, 0.3])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_all_of_the_box_is_seen(side: str, aspect: float):
    camera = pv.Camera()
    aim(camera, LOW, HIGH, np.asarray(SIDES[side]), aspect)
    projection = pv.array_from_vtkmatrix(
        camera.GetCompositeProjectionTransformMatrix(aspect, -1, 1))
    corners = np.array([[x, y, z, 1.0] for x in (LOW[0], HIGH[0]) for y in (LOW[1], HIGH[1])
                        for z in (LOW[2], HIGH[2])])
    seen = corners @ projection.T
    assert (np.abs(seen[:, :2] / seen[:, 3:]) <= 1.0).all()


def test_the_front_is_where_z_points():
    camera = pv.Camera()
    aim(camera, LOW, HIGH, np.asarray(SIDES["front"]), 1.0)
    assert camera.position[2] > HIGH[2]
    assert camera.up == (0.0, 1.0, 0.0)


def test_a_metre_grows_as_the_camera_comes_closer():
    camera = pv.Camera()
    aim(camera, LOW, HIGH, np.asarray(SIDES["front"]), 1.0)
    far = pixels_per_metre(camera, 800)
    camera.position = (np.asarray(camera.position) + np.asarray(camera.focal_point)) / 2
    assert pixels_per_metre(camera, 800) == pytest.approx(2 * far)
