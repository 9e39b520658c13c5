"""Folds that skinning leaves in creases and freedom in narrow places, taken out where they are.

A triangle is folded if it looks against the skin around it, or another way than the template's in
that pose. The skin around takes the form that its bones would have it in, displacements and all, as
far as what stays lets it: its edges, each turned as its ends are, are met as closely as can be
(Sorkine and Alexa 2007, As-rigid-as-possible surface modeling). What is folded still goes to the
mean of its neighbours, and a little more of it the longer a fold lasts. Where it came from holds it
then: of skin bent so far that no surface is without folds, else not only these are smoothed away
but ears and buttocks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import spsolve

from likeness.core.triangles import corners_around, face_crosses, sums_at_corners
from likeness.fitting.ground import Skin
from likeness.fitting.model import Posed

Change = Callable[[Float64[np.ndarray, "N 3"], Bool[np.ndarray, " N"]],
                  Float64[np.ndarray, "K 3"]]  # where those marked are to go

_FORMED, _SMOOTHED, _PATIENCE, _STEPS = 8, 12, 3, 5  # rounds of either, and what they are made of
_KEPT = 0.01  # the weight of where a vertex came from against that of its edges
_HELD = 0.03  # and against that of its neighbours' mean
_ALONG = 0.2  # cosine from a normal to the expected one: what is expected is known no better


@dataclass(frozen=True, eq=False)
class PosedSkin:
    """A skin in a pose: its vertices, how these are turned, and how its faces are to look.

    `rest` is where its vertices are before they are turned; `mean` and `laplacian` are as a `Skin`
    has them.
    """

    faces: Int[np.ndarray, "F 3"]
    mean: csr_array
    laplacian: csr_array
    rest: Float64[np.ndarray, "N 3"]
    vertices: Float64[np.ndarray, "N 3"]
    turns: Float64[np.ndarray, "N 3 3"]
    expected: Float64[np.ndarray, "F 3"]

    @staticmethod
    def of(skin: Skin, posed: Posed) -> "PosedSkin":
        """As the model of the skin is posed (the first candidate)."""
        rest, vertices, turns = (each[0].cpu().double().numpy()
                                 for each in (posed.rest, posed.vertices, posed.skin))
        expected = np.einsum("fab,fb->fa", turns[skin.faces].sum(axis=1), skin.crosses)
        return PosedSkin(skin.faces, skin.mean, skin.laplacian, rest, vertices, turns, expected)

    def unfolded(self, vertices: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """Without folds, as far as all rounds take, of this skin with its vertices somewhere near.
        """
        return self.smoothed(self._by_rounds(vertices.astype(np.float64), self._formed,
                                             [1 + attempt for attempt in range(_FORMED)]))

    def folded(self, vertices: Float64[np.ndarray, "N 3"]) -> Bool[np.ndarray, " F"]:
        """Which faces are folded."""
        return folds(vertices, self.faces, self.expected, np.arange(len(self.faces)))

    def smoothed(self, vertices: Float64[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """With what is folded smoothed away alone, so that hardly anything else moves."""
        return self._by_rounds(vertices, partial(self._smoothed, begun=vertices),
                               [attempt // _PATIENCE for attempt in range(_SMOOTHED)])

    def _by_rounds(self, vertices: Float64[np.ndarray, "N 3"], change: Change, rings: list[int],
                   ) -> Float64[np.ndarray, "N 3"]:
        """The vertices with those changed that are around folds, in each round so many rings."""
        faces, count = self.faces, len(vertices)
        flat, asked = vertices.copy(), np.arange(len(faces))
        for wide in rings:
            bad = faces[asked[folds(flat, faces, self.expected, asked)]]
            if not len(bad):
                break
            moving = corners_around(bad, faces, count, wide)
            flat[moving] = change(flat, moving)
            near = corners_around(faces[moving[faces].any(axis=1)], faces, count)
            asked = np.flatnonzero(near[faces].any(axis=1))  # elsewhere nothing has changed
        return flat

    def _formed(self, vertices: Float64[np.ndarray, "N 3"], moving: Bool[np.ndarray, " N"],
                ) -> Float64[np.ndarray, "K 3"]:
        """Those moving, in the form that their bones would have them in, all others as they are."""
        rows = self.laplacian[moving]
        kept = _KEPT * self.laplacian.diagonal()[moving]
        right = (self._form[moving] - rows[:, ~moving] @ vertices[~moving]
                 + kept[:, None] * vertices[moving])
        return spsolve((rows[:, moving] + diags_array(kept)).tocsc(), right)

    @cached_property
    def _form(self) -> Float64[np.ndarray, "N 3"]:
        """The Laplacian of vertices whose edges are as at rest, each turned as its ends are."""
        u, _, v = np.linalg.svd(self.turns)
        u[:, :, 2] *= np.sign(np.linalg.det(u @ v))[:, None]  # what is inside out is turned, too
        turns, edges = u @ v, self.laplacian.tocoo()
        turned = (turns[edges.row] + turns[edges.col]) / 2
        along = (turned @ (self.rest[edges.col] - self.rest[edges.row])[..., None])[..., 0]
        weighed = edges.data[:, None] * along
        return np.stack([np.bincount(edges.row, each, len(self.rest)) for each in weighed.T], 1)

    def _smoothed(self, vertices: Float64[np.ndarray, "N 3"], moving: Bool[np.ndarray, " N"],
                  begun: Float64[np.ndarray, "N 3"]) -> Float64[np.ndarray, "K 3"]:
        """Those moving, nearer to the means of their neighbours."""
        smooth, mean = vertices.copy(), self.mean[moving]
        for _ in range(_STEPS):
            smooth[moving] = (mean @ smooth + _HELD * begun[moving]) / (1 + _HELD)
        return smooth[moving]

    def at_rest(self, vertices: Float[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
        """The displacements of the rest pose that take the skin's vertices there."""
        moved = (vertices - self.vertices)[..., None]
        return np.linalg.solve(self.turns, moved)[..., 0].astype(np.float32)


def folds(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
          expected: Float[np.ndarray, "F 3"], asked: Int[np.ndarray, " A"],
          ) -> Bool[np.ndarray, " A"]:
    """Which of the faces asked for look against the sum of those around, or hardly as expected."""
    corner = corners_around(faces[asked], faces, len(vertices))
    beside = np.flatnonzero(corner[faces].any(axis=1))
    crosses = np.zeros(faces.shape)
    crosses[beside] = face_crosses(vertices, faces[beside])
    around = sums_at_corners(faces[beside], crosses[beside], len(vertices))
    own, expected = crosses[asked], expected[asked]
    against = (own * around[faces[asked]].sum(axis=1)).sum(axis=1) < 0
    along = (own * expected).sum(axis=1)
    return against | (along < _ALONG * np.sqrt((own**2).sum(axis=1) * (expected**2).sum(axis=1)))
