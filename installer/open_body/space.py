"""The shape space: principal components of T-posed bodies, symmetric and antisymmetric apart."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

INTERIOR_WEIGHT = 0.3  # eyes and mouth count little: nothing is ever fitted to them
FLIP = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True)
class ShapeSpace:
    """`mean` (V, 3) and `directions` (V, 3, B), in metres per standard deviation."""

    mean: np.ndarray
    directions: np.ndarray


def shape_space(bodies: np.ndarray, interior: np.ndarray, mirror: np.ndarray,
                count: int) -> ShapeSpace:
    """The `count` strongest components of bodies (M, V, 3) together with their mirror images.

    Adding the mirror images makes the mean symmetric and every component either symmetric or
    antisymmetric, so the two halves can be analysed apart.
    """
    twins = bodies[:, mirror] * FLIP
    mean = 0.5 * (bodies.mean(axis=0, dtype=np.float64) + twins.mean(axis=0, dtype=np.float64))
    centred = bodies - mean.astype(np.float32)
    mirrored = twins - mean.astype(np.float32)
    del twins
    weights = np.where(interior, INTERIOR_WEIGHT, 1.0).astype(np.float32)[:, None]
    halves = [_components(0.5 * (centred + sign * mirrored), weights, count)
              for sign in (1.0, -1.0)]
    variance = np.concatenate([v for v, _ in halves])
    directions = np.concatenate([d for _, d in halves])
    strongest = np.argsort(-variance, kind="stable")[:count]
    return ShapeSpace(mean, np.moveaxis(directions[strongest], 0, -1))


def _components(data: np.ndarray, weights: np.ndarray,
                count: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances (count,) and directions (count, V, 3) of unit-variance coefficients."""
    m = len(data)
    weighted = (data * weights).reshape(m, -1)
    gram = (weighted @ weighted.T).astype(np.float64) / m
    variance, left = eigh(gram, subset_by_index=(m - count, m - 1))
    variance, left = variance[::-1], left[:, ::-1]
    directions = (left.T.astype(np.float32) @ data.reshape(m, -1)) / np.sqrt(m)
    # The sign of an eigenvector is arbitrary: let its largest entry be positive.
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[np.arange(count), largest])[:, None]
    return variance, directions.reshape(count, -1, 3)


def projection_error(space: ShapeSpace, bodies: np.ndarray, interior: np.ndarray,
                     count: int) -> np.ndarray:
    """(M,) RMS distance in metres over skin vertices after least squares on `count` components."""
    m = len(bodies)
    basis = space.directions[~interior][..., :count].reshape(-1, count).astype(np.float64)
    rest = (bodies[:, ~interior] - space.mean[~interior]).reshape(m, -1).T.astype(np.float64)
    betas = np.linalg.solve(basis.T @ basis, basis.T @ rest)
    left = (rest - basis @ betas).T.reshape(m, -1, 3)
    return np.sqrt((left ** 2).sum(axis=2).mean(axis=1))
