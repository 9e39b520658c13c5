"""The shape space changed a little where shapes turn the skin over that fit no one.

Components are worked out for the whole body at once. In the crotch, in ears and at fingertips,
where triangles are narrow, their sum for one person may fold the skin through itself. The
directions of the vertices around are changed a little, so that of many drawn people few have a
triangle that faces against the template's or against those around it.
"""

import numpy as np
import torch

from open_body.places import places_around
from open_body.space import FLIP, ShapeSpace

_SEED, _PEOPLE, _BATCH = 5, 1500, 250
_MOST_SHAPE = 2.5  # sigmas
_LEAST = 0.2  # of a triangle's area on the template that must be left to see from outside
_WATCHED = 0.6  # triangles of which no more is left may come to have less
_RINGS, _ROUNDS, _STEPS = 2, 3, 30
# What a vertex moved by 1 mm for one sigma costs, and an edge stretched by its own length, beside
# one triangle turned over in all people: without the second, the smallest triangles go astray.
_STAY, _STRETCH, _MM = 1e-4, 5e-3, 1e-3


def unfolded(space: ShapeSpace, faces: np.ndarray, mirror: np.ndarray) -> ShapeSpace:
    """The space with few triangles among `faces` (F, 3) that some shape turns over, symmetric."""
    draw = np.random.default_rng(_SEED)
    shapes = draw.normal(size=(_PEOPLE, space.directions.shape[2])).clip(-_MOST_SHAPE, _MOST_SHAPE)
    drawn = torch.as_tensor(shapes, dtype=torch.float32)
    everywhere = _Area(space, faces, np.ones(len(mirror), bool))
    folding = faces[(everywhere.left(drawn) < 0.25 * _LEAST).any(dim=0).numpy()]
    if not len(folding):
        return space
    area = _Area(space, faces, places_around(folding, faces, mirror, _RINGS))
    for _ in range(_ROUNDS):
        area.descend(drawn)
    directions = space.directions.astype(np.float64)
    directions[area.rows] = area.directions.double().numpy()
    return ShapeSpace(space.mean, _symmetric(space.directions, directions, mirror))


def turned_over(space: ShapeSpace, faces: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """(M, F) True where a shape (M, B) turns a triangle against the template's or those around."""
    everywhere = _Area(space, faces, np.ones(len(space.mean), bool))
    return (everywhere.left(torch.as_tensor(shapes, dtype=torch.float32)) < 0.0).numpy()


def _symmetric(first: np.ndarray, changed: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """Each direction the mean of itself and its mirror image; `first` tells what it is to it."""
    def image(directions: np.ndarray) -> np.ndarray:
        return directions[mirror] * FLIP[None, :, None]
    sign = np.sign((first * image(first)).sum(axis=(0, 1)))
    return 0.5 * (changed + sign * image(changed))


class _Area:
    """The places whose directions may change, and all that moves with them, as tensors."""

    def __init__(self, space: ShapeSpace, faces: np.ndarray, places: np.ndarray) -> None:
        own = faces[places[faces].any(axis=1)]
        self.rows, local = np.unique(own, return_inverse=True)
        self.faces = torch.as_tensor(local.reshape(-1, 3))
        self._free = torch.as_tensor(places[self.rows], dtype=torch.float32)[:, None, None]
        self._inner = torch.as_tensor(places[own].all(axis=1))
        self._template = torch.as_tensor(space.mean[self.rows], dtype=torch.float32)
        self.directions = torch.as_tensor(space.directions[self.rows], dtype=torch.float32)
        self._first = self.directions
        cross = _cross(*(self._template[self.faces[:, k]] for k in range(3)))
        self._size = cross.norm(dim=1)
        self._expected = cross / self._size.square()[:, None]

    def left(self, drawn: torch.Tensor) -> torch.Tensor:
        """(M, F) how much of each triangle is seen from outside, of its area on the template."""
        found = []
        for some in drawn.split(_BATCH):
            rest = self._rest(self.directions, some)
            person, face = torch.meshgrid(torch.arange(len(some)), torch.arange(len(self.faces)),
                                          indexing="ij")
            person, face = person.ravel(), face.ravel()
            seen = self._seen(rest, person, face, self._around(rest, person, face))
            found.append(torch.minimum(*seen).reshape(len(some), -1))
        return torch.cat(found)

    def descend(self, drawn: torch.Tensor) -> None:
        """Change the directions by L-BFGS (Liu and Nocedal 1989), with those around as they were.
        """
        person, face = (self.left(drawn) < _WATCHED).nonzero(as_tuple=True)
        around = self._around(self._rest(self.directions, drawn), person, face)
        change = ((self.directions - self._first) / _MM).requires_grad_()
        descent = torch.optim.LBFGS([change], max_iter=_STEPS, history_size=20,
                                    line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            descent.zero_grad()
            moved = change * self._free
            rest = self._rest(self._first + _MM * moved, drawn)
            turned = sum((_LEAST - each).clamp_min(0.0).square().sum()
                         for each in self._seen(rest, person, face, around))
            total = turned / len(drawn) + self._cost(moved)
            total.backward()
            return total

        descent.step(loss)
        self.directions = (self._first + _MM * change * self._free).detach()

    def _cost(self, moved: torch.Tensor) -> torch.Tensor:
        """Of vertices moved, in millimetres a sigma, and of edges stretched."""
        edges = self._template[self.faces] - self._template[self.faces.roll(1, dims=1)]
        apart = (moved[self.faces] - moved[self.faces.roll(1, dims=1)]).square().sum(dim=(2, 3))
        stretched = apart * _MM**2 / edges.square().sum(dim=2)
        return _STAY * moved.square().sum() + _STRETCH * stretched.sum()

    def _seen(self, rest: torch.Tensor, person: torch.Tensor, face: torch.Tensor,
              around: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """How much of some triangles of people at rest is seen along the template's normal, and
        along `around`, over the area on the template.
        """
        own = _cross(*(rest[person, self.faces[face, k]] for k in range(3)))
        return ((own * self._expected[face]).sum(dim=1),
                (own * around).sum(dim=1) / self._size[face])

    def _around(self, rest: torch.Tensor, person: torch.Tensor, face: torch.Tensor,
                ) -> torch.Tensor:
        """The unit normals of the skin around triangles; at the edge of the places, where not all
        of it is known, the template's.
        """
        sums = torch.zeros_like(rest)
        cross = _cross(*(rest[:, self.faces[:, k]] for k in range(3)))
        for k in range(3):
            sums.index_add_(1, self.faces[:, k], cross)
        around = torch.nn.functional.normalize(
            sum(sums[person, self.faces[face, k]] for k in range(3)), dim=1)
        return torch.where(self._inner[face][:, None], around,
                           self._expected[face] * self._size[face][:, None])

    def _rest(self, directions: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        """(M, R, 3) people of these shapes."""
        offsets = drawn @ directions.reshape(-1, directions.shape[2]).T
        return self._template + offsets.reshape(len(drawn), -1, 3)


def _cross(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    return torch.linalg.cross(b - a, c - a)
