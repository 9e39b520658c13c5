"""Where on a body something is to change: around some of its triangles, alike on both sides."""

import numpy as np


def places_around(some: np.ndarray, faces: np.ndarray, mirror: np.ndarray,
                  rings: int) -> np.ndarray:
    """(V,) True at the corners of triangles `some` (K, 3), within so many rings of `faces` (F, 3)
    around them, and at the twins of all these.
    """
    places = np.isin(np.arange(len(mirror)), some)
    for _ in range(rings):
        places[faces[places[faces].any(axis=1)]] = True
    return places | places[mirror]
