"""Skin weights relaxed where linear blend skinning would turn triangles over.

In an armpit, weights pass from arm to chest within a few centimetres; with the arm down, the skin
there folds through itself. The weights around such places are changed as little as keeps every
triangle facing as its joints turn it, and as those around it, over many drawn people who stand. In
poses of people who move, folds cannot be helped; there weights are only kept from moving the skin.
"""

from dataclasses import dataclass

import numpy as np
import torch
from build_pose_prior import standing_poses
from scipy.sparse import coo_array

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.paths import resource
from likeness.core.triangles import face_crosses, sums_at_corners
from open_body.places import places_around

_SEED, _STANDING, _MOVING, _ROUND = 3, 1440, 480, 24  # of the people, every 24th in a step
_LEAST = 0.05  # of a triangle's area that must be left to see from outside
_RINGS, _STEPS, _RATE = 3, 480, 0.01
# What a vertex moved by 1 cm costs, and one moved 1 cm against its neighbour, beside a triangle
# turned inside out: without the second, armpits are scooped out like spoons.
_STAY, _TOGETHER = 3e-4, 5e-4
_MOST_SHAPE = 2.5  # sigmas
# In the pose of the body, without root.
_SHOULDERS, _ELBOWS, _WRISTS, _ANKLES = (15, 16), (17, 18), (19, 20), (6, 7)
_SHOULDER_SD, _ANKLE_SD, _ELBOW = 0.15, 0.15, 1.0  # radians
_WRIST_SD = (0.4, 0.25, 0.25)  # most about the forearm
_CURL, _FINGER_SD, _THUMB_SD = (0.9, 1.35, 0.7), 0.2, 0.2  # from the palm on
_AROUND = 18  # normals at the corners of a triangle: six each
INFLUENCES = 4


@dataclass(frozen=True, eq=False)
class Sample:
    """People at rest (M, V, 3) and what takes each of their joints to a pose (M, J, 3, 4)."""

    rest: np.ndarray
    transforms: np.ndarray


def drawn(body: Body, count: int, seed: int) -> Sample:
    """People of any shape who stand: arms between level and hanging, the joints beyond bent."""
    draw = np.random.default_rng(seed)
    poses = standing_poses(count, seed)[:, 1:22]
    poses[:, _SHOULDERS] += draw.normal(0.0, _SHOULDER_SD, (count, 2, 3))
    poses[:, _ANKLES] += draw.normal(0.0, _ANKLE_SD, (count, 2, 3))
    poses[:, _WRISTS] += draw.normal(0.0, _WRIST_SD, (count, 2, 3))
    poses[:, _ELBOWS, 1] += draw.uniform(0.0, _ELBOW, (count, 1)) * (-1.0, 1.0)
    return _sample(body, poses, draw)


def moving(body: Body, count: int, seed: int) -> Sample:
    """People of any shape in poses that the prior over recorded poses expects."""
    draw = np.random.default_rng(seed)
    with np.load(resource("bodies/pose_prior.npz")) as prior:
        poses = draw.multivariate_normal(prior["mean"], prior["covariance"], count)
    return _sample(body, poses.reshape(count, -1, 3), draw)


def _sample(body: Body, poses: np.ndarray, draw: np.random.Generator) -> Sample:
    rest, transforms = [], []
    for pose in poses:
        betas = draw.normal(size=body.shape_count).clip(-_MOST_SHAPE, _MOST_SHAPE)
        hands = {f"{side}_hand_pose": _hand(body, side, draw) for side in ("left", "right")}
        posed = pose_body(body, BodyParameters(betas, np.zeros(3), np.zeros(3),
                                               {"body_pose": pose.ravel(), **hands}))
        rest.append(posed.rest_vertices)
        transforms.append(posed.transforms[:, :3])
    return Sample(np.stack(rest), np.stack(transforms))


def _hand(body: Body, side: str, draw: np.random.Generator) -> np.ndarray:
    """Fingers curled towards the palm, which faces down in the T-pose; the thumb turned anyhow."""
    joints = np.array(body.group(f"{side}_hand_pose").joints)
    places = body.joint_regressor @ body.template.astype(np.float64)
    axes = np.cross(places[joints] - places[body.parents[joints]], (0.0, -1.0, 0.0))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    curl = np.tile(_CURL, len(joints) // len(_CURL))[:, None]
    turns = draw.uniform(0.0, curl) * axes + draw.normal(0.0, _FINGER_SD, axes.shape)
    turns[-3:] = draw.normal(0.0, _THUMB_SD, (3, 3))
    return turns.ravel()


def relaxed(body: Body, mirror: np.ndarray, other_side: np.ndarray) -> np.ndarray:
    """Skin weights (V, J) of `body` with few turned triangles, symmetric, at most 4 a vertex.

    `mirror` and `other_side` are the twins of vertices and joints.
    """
    standing, others = drawn(body, _STANDING, _SEED), moving(body, _MOVING, _SEED + 1)
    weights = body.skin_weights.astype(np.float64)
    area = _Area(body, standing, others, _places(body, standing, mirror))
    for most in (None, INFLUENCES):  # freely first; then with what so many influences can do
        weights = area.relaxed(weights, most)
        weights = 0.5 * (weights + weights[mirror][:, other_side])
    return limited(weights, INFLUENCES)


def limited(weights: np.ndarray, most: int) -> np.ndarray:
    """The largest weights of each vertex; equal left and right weights go together."""
    limit = np.sort(weights, axis=1)[:, -most - 1][:, None]
    kept = np.where(weights <= np.maximum(limit, 1e-4), 0.0, weights)
    return kept / kept.sum(axis=1, keepdims=True)


def turned_over(body: Body, weights: np.ndarray, sample: Sample) -> np.ndarray:
    """(M, F) True for skin triangles that look another way than their joints or those around."""
    return np.stack([_shares(body.skin_faces, weights, rest, transforms) < 0.0
                     for rest, transforms in zip(sample.rest, sample.transforms, strict=True)])


def _shares(faces: np.ndarray, weights: np.ndarray, rest: np.ndarray,
            transforms: np.ndarray) -> np.ndarray:
    """What is left of each triangle's area along the normal that its joints would give it, or
    along the mean of those around it, if that is less.
    """
    blend = np.einsum("vj,jab->vab", weights, transforms, optimize=True)
    posed = np.einsum("vab,vb->va", blend[..., :3], rest) + blend[..., 3]
    turns = blend[faces][..., :3].mean(axis=1)
    expected = np.einsum("fab,fb->fa", turns, face_crosses(rest, faces))
    own = face_crosses(posed, faces)
    around = sums_at_corners(faces, own, len(rest))[faces].sum(axis=1)
    along = np.minimum((own * expected).sum(axis=1), (own * around).sum(axis=1) / _AROUND)
    return along / np.maximum((expected**2).sum(axis=1), 1e-20)


def _places(body: Body, sample: Sample, mirror: np.ndarray) -> np.ndarray:
    """(V,) True around triangles that someone's pose leaves too little of, on both sides."""
    faces, weights = body.skin_faces, body.skin_weights.astype(np.float64)
    small = np.any([_shares(faces, weights, rest, transforms) < _LEAST
                    for rest, transforms in zip(sample.rest, sample.transforms, strict=True)],
                   axis=0)
    return places_around(faces[small], faces, mirror, _RINGS)


class _Area:
    """The places whose weights may change, and all that moves with them, as tensors."""

    def __init__(self, body: Body, standing: Sample, others: Sample, places: np.ndarray) -> None:
        own = body.skin_faces[places[body.skin_faces].any(axis=1)]
        self.rows, faces = np.unique(own, return_inverse=True)
        self.faces = torch.as_tensor(faces.reshape(-1, 3))
        self.free = torch.as_tensor(places[self.rows], dtype=torch.float32)[:, None]
        self.inner = torch.as_tensor(places[own].all(axis=1), dtype=torch.float32)
        self.count = torch.bincount(self.faces.ravel(), minlength=len(self.rows)).float()
        self.near = _near(body, self.rows)
        self.joints = np.flatnonzero(self.near.any(axis=0))
        self.standing = torch.arange(len(standing.rest) + len(others.rest)) < len(standing.rest)
        rest = np.concatenate([each.rest[:, self.rows] for each in (standing, others)])
        turns = np.concatenate([each.transforms[:, self.joints] for each in (standing, others)])
        self.rest = torch.as_tensor(rest, dtype=torch.float32)
        self.transforms = torch.as_tensor(turns, dtype=torch.float32)

    def relaxed(self, weights: np.ndarray, most: int | None) -> np.ndarray:
        """The weights after descent (Kingma and Ba 2015) on what is turned and what is moved."""
        start = weights[self.rows][:, self.joints]
        allowed = self.near[:, self.joints] if most is None else limited(start, most) > 0
        first = torch.as_tensor(start, dtype=torch.float32)
        mask = torch.as_tensor(allowed | (self.free.numpy() == 0))
        change = torch.zeros_like(first, requires_grad=True)
        descent = torch.optim.Adam([change], lr=_RATE)
        for step in range(_STEPS):
            some = torch.arange(step % _ROUND, len(self.standing), _ROUND)
            loss = self._loss(_shared_out(first + change * self.free, mask), first, some)
            descent.zero_grad()
            loss.backward()
            descent.step()
        found = weights.copy()
        found[self.rows[:, None], self.joints] = _shared_out(
            first + change.detach() * self.free, mask).numpy()
        return found

    def _loss(self, weights: torch.Tensor, first: torch.Tensor,
              some: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            before, turns = self._posed(first, some)
            expected = torch.einsum("mfab,mfb->mfa", turns[:, self.faces].mean(dim=2),
                                    self._crosses(self.rest[some]))
        posed, _ = self._posed(weights, some)
        own, expected = (each[self.standing[some]] for each in (self._crosses(posed), expected))
        size = expected.square().sum(dim=-1).clamp_min(1e-14)
        turned = (_LEAST - (own * expected).sum(dim=-1) / size).clamp_min(0.0).square().sum()
        folded = (_LEAST - (own * self._around(own)).sum(dim=-1) / size).clamp_min(0.0).square()
        moved = (posed - before) / 0.01
        apart = sum((moved[:, self.faces[:, k]] - moved[:, self.faces[:, k - 1]]).square().sum()
                    for k in range(3))
        return (turned + (folded * self.inner).sum() + _STAY * moved.square().sum()
                + _TOGETHER * apart) / len(some)

    def _around(self, own: torch.Tensor) -> torch.Tensor:
        """The mean of the normals around each triangle's corners."""
        sums = torch.zeros(len(own), len(self.rows), 3)
        for k in range(3):
            sums = sums.index_add(1, self.faces[:, k], own)
        return sums[:, self.faces].mean(dim=2) / self.count[self.faces].mean(dim=1)[:, None]

    def _posed(self, weights: torch.Tensor, some: torch.Tensor,
               ) -> tuple[torch.Tensor, torch.Tensor]:
        blend = torch.einsum("vj,mjab->mvab", weights, self.transforms[some])
        turns = blend[..., :3]
        return (turns @ self.rest[some][..., None])[..., 0] + blend[..., 3], turns

    def _crosses(self, vertices: torch.Tensor) -> torch.Tensor:
        a, b, c = (vertices[:, self.faces[:, k]] for k in range(3))
        return torch.linalg.cross(b - a, c - a)


def _shared_out(weights: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Not negative, only where allowed, and one in all for each vertex."""
    kept = weights.clamp_min(0.0) * mask
    return kept / kept.sum(dim=1, keepdim=True)


def _near(body: Body, rows: np.ndarray) -> np.ndarray:
    """(R, J) True for the joints that move a vertex, or one within a few edges of it."""
    i, j = (body.faces[:, each].ravel() for each in ((0, 1, 2), (1, 2, 0)))
    beside = coo_array((np.ones(len(i)), (i, j)), shape=(len(body.template),) * 2).tocsr()
    beside = beside + beside.T
    near = body.skin_weights > 0
    for _ in range(_RINGS):
        near = near | ((beside @ near.astype(np.float64)) > 0)
    return near[rows]
