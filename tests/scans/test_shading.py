"""A cloud on a sphere is lit along its radii."""

import numpy as np

from likeness.scans.shading import shading_normals


def test_the_normals_of_a_sphere_lie_along_its_radii():
    rng = np.random.default_rng(7)
    radii = rng.normal(size=(40_000, 3))
    radii /= np.linalg.norm(radii, axis=1, keepdims=True)
    normals = shading_normals((0.3 * radii + (5.0, 1.0, -2.0)).astype(np.float32))
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-4)
    along = np.abs((normals * radii).sum(axis=1))
    assert np.quantile(along, 0.01) > 0.97
