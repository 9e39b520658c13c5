"""Folds that skinning leaves in creases and freedom in narrow places, smoothed away where they are.

A triangle is folded if it looks against the skin around it, or another way than the template's in
that pose. The vertices around go to the mean of their neighbours, and a little more of them the
longer a fold lasts; all others stay.
"""

import numpy as np
from jaxtyping import Bool, Float, Float64, Int

from likeness.core.triangles import face_crosses, sums_at_corners
from likeness.fitting.laplacian import neighbour_mean

_ROUNDS, _PATIENCE, _STEPS = 24, 4, 5
_ALONG = 0.1  # cosine from a normal to the expected one: what is expected is known no better


def unfolded(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
             expected: Float[np.ndarray, "F 3"]) -> Float64[np.ndarray, "N 3"]:
    """The vertices without folds, as far as `_ROUNDS` take; `expected` are the faces' normals."""
    smooth = vertices.astype(np.float64)
    mean = neighbour_mean(faces, len(vertices))
    for attempt in range(_ROUNDS):
        bad = folds(smooth, faces, expected)
        if not bad.any():
            break
        moving = np.isin(np.arange(len(vertices)), faces[bad])
        for _ in range(attempt // _PATIENCE):
            moving[faces[moving[faces].any(axis=1)]] = True
        for _ in range(_STEPS):
            smooth[moving] = mean[moving] @ smooth
    return smooth


def folds(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
          expected: Float[np.ndarray, "F 3"]) -> Bool[np.ndarray, " F"]:
    """Which faces look against the sum of those around, or hardly as they are expected to."""
    own = face_crosses(vertices, faces)
    around = sums_at_corners(faces, own, len(vertices))
    against = (own * around[faces].sum(axis=1)).sum(axis=1) < 0
    along = (own * expected).sum(axis=1)
    return against | (along < _ALONG * np.sqrt((own**2).sum(axis=1) * (expected**2).sum(axis=1)))
