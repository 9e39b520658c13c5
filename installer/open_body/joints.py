"""A sparse joint regressor, learned from bodies whose joints are known.

A row is non-negative wherever that is accurate enough. At hips, knees, spine and shoulder girdle
it cannot be: Anny's bones move against the skin with height and sex (a knee by 11 mm), and no
average of skin points follows them. Those rows may take differences, as small as will do.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from open_body.skeleton import INDEX, JOINTS
from open_body.surface import mirrored_joints
from open_body.tpose import TPose

CANDIDATES = 200  # vertices a joint may be regressed from, spread evenly over those around it
REACH = 0.30  # metres around the joint
LIMIT, MIDDLE_LIMIT = 0.0045, 0.009  # metres, mean error; the second for spine and neck
SUM_WEIGHT = 10.0  # metres; keeps each row's sum at one, so that moving a body moves its joints
RIDGES = tuple(10.0 ** -p for p in np.arange(4.0, 8.01, 0.5))


@dataclass(frozen=True)
class Sample:
    """M bodies' candidate vertices (M, N, 3) and the joint they tell (M, 3)."""

    vertices: np.ndarray
    joint: np.ndarray

    def equations(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows a w = y, three a body."""
        a = np.swapaxes(self.vertices, 1, 2).reshape(-1, self.vertices.shape[1])
        return a.astype(np.float64), self.joint.reshape(-1).astype(np.float64)

    def error(self, weights: np.ndarray) -> float:
        """Mean distance of the regressed from the true joint."""
        found = np.einsum("n,mnc->mc", weights, self.vertices)
        return float(np.linalg.norm(found - self.joint, axis=1).mean())


def regressed(bodies: TPose, interior: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """(52, V) rows that sum to one; right joints are the left ones mirrored."""
    rows = np.zeros((len(JOINTS), len(mirror)))
    skin = np.flatnonzero(~interior)
    mean, places = bodies.vertices.mean(axis=0)[skin], bodies.joints.mean(axis=0)
    for name, j in INDEX.items():
        if not name.startswith("right"):
            near = skin[_spread(np.linalg.norm(mean - places[j], axis=1))]
            # Both sides at once for the middle, or mirroring would undo what was fitted.
            near = near if name.startswith("left") else np.union1d(near, mirror[near])
            limit = MIDDLE_LIMIT if name.startswith(("spine", "neck")) else LIMIT
            rows[j, near] = _row(Sample(bodies.vertices[:, near], bodies.joints[:, j]), limit)
    for j, twin in enumerate(mirrored_joints()):
        if j == twin:
            rows[j] = 0.5 * (rows[j] + rows[j, mirror])
        elif JOINTS[j].startswith("right"):
            rows[j] = rows[twin, mirror]
    return rows


def _spread(distance: np.ndarray) -> np.ndarray:
    """Up to `CANDIDATES` of the vertices within reach, evenly over their order by distance."""
    order = np.argsort(distance, kind="stable")
    order = order[distance[order] < REACH]
    return order[np.linspace(0, len(order) - 1, min(CANDIDATES, len(order))).astype(int)]


def _row(sample: Sample, limit: float) -> np.ndarray:
    """The tamest weights that keep the mean error on the last third of the bodies below `limit`."""
    split = 2 * len(sample.joint) // 3
    learn = Sample(sample.vertices[:split], sample.joint[:split])
    check = Sample(sample.vertices[split:], sample.joint[split:])
    weights = _non_negative(learn)
    if check.error(weights) <= limit:
        return weights
    for ridge in RIDGES:
        weights = _signed(learn, ridge)
        if check.error(weights) <= limit:
            break
    return weights


def _non_negative(sample: Sample) -> np.ndarray:
    a, y = sample.equations()
    heavy = SUM_WEIGHT * len(sample.joint)
    weights, _ = nnls(np.vstack((a, np.full((1, a.shape[1]), heavy))), np.append(y, heavy))
    return weights / weights.sum()


def _signed(sample: Sample, ridge: float) -> np.ndarray:
    """Ridge regression with the constraint that the weights sum to one, by its multiplier."""
    a, y = sample.equations()
    n = a.shape[1]
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = a.T @ a + ridge * len(a) * np.eye(n)
    system[n, n] = 0.0
    return np.linalg.solve(system, np.append(a.T @ y, 1.0))[:n]
