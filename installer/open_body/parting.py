"""The template changed a little where its toes stand one in the other.

They do in most people whom Anny draws. The template is moved as drawn people have to be moved for
their toes to come apart, and somewhat further, for people differ.
"""

import numpy as np

from likeness.fitting.laplacian import neighbour_mean
from likeness.fitting.parting import Hull
from open_body.space import FLIP, ShapeSpace

_SEED, _PEOPLE, _ROUNDS, _FURTHER = 6, 60, 2, 3.0
_MOST_SHAPE = 2.5  # sigmas


def parted(space: ShapeSpace, faces: np.ndarray, mirror: np.ndarray, feet: np.ndarray,
           ) -> np.ndarray:
    """The mean (V, 3) of the space, symmetric, with toes apart; `feet` (V,) is all that moves."""
    skin, own = np.unique(faces, return_inverse=True)
    faces = own.reshape(-1, 3)
    hull = Hull.of(space.mean[skin], faces, neighbour_mean(faces, len(skin)), ~feet[skin])
    draw = np.random.default_rng(_SEED)
    mean = space.mean.astype(np.float64)
    for _ in range(_ROUNDS):
        shapes = draw.normal(size=(_PEOPLE, space.directions.shape[2]))
        people = mean[skin] + np.moveaxis(
            space.directions[skin] @ shapes.clip(-_MOST_SHAPE, _MOST_SHAPE).T, -1, 0)
        moved = np.zeros_like(mean)
        moved[skin] = np.mean([hull.parted(person) - person for person in people], axis=0)
        mean += _FURTHER * 0.5 * (moved + moved[mirror] * FLIP)
    return mean
