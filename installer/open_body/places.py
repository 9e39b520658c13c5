"""Where on a body something is to change: around some of its triangles, alike on both sides."""

import numpy as np

from likeness.core.triangles import corners_around


def places_around(some: np.ndarray, faces: np.ndarray, mirror: np.ndarray,
                  rings: int) -> np.ndarray:
    """(V,) True at the corners of triangles `some` (K, 3), within so many rings of `faces` (F, 3)
    around them, and at the twins of all these.
    """
    places = corners_around(some, faces, len(mirror), rings)
    return places | places[mirror]
