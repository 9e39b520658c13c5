"""Folds that skinning leaves in creases and freedom in narrow places, smoothed away where they are.

A triangle is folded if it looks against the skin around it, or another way than the template's in
that pose. The vertices around go to the mean of their neighbours, and a little more of them the
longer a fold lasts; all others stay. Where they came from holds them: of skin bent so far that no
surface is without folds, else not only these are smoothed away but ears and buttocks.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int
from scipy.sparse import csr_array

from likeness.core.triangles import corners_around, face_crosses, sums_at_corners
from likeness.fitting.ground import Skin
from likeness.fitting.model import Posed

_ROUNDS, _PATIENCE, _STEPS = 24, 6, 5
_HELD = 0.03  # the weight of where a vertex came from against that of its neighbours' mean
_ALONG = 0.1  # cosine from a normal to the expected one: what is expected is known no better


@dataclass(frozen=True, eq=False)
class PosedSkin:
    """A skin in a pose: its vertices, how these are turned, and how its faces are to look."""

    skin: Skin
    vertices: Float64[np.ndarray, "N 3"]
    turns: Float64[np.ndarray, "N 3 3"]
    expected: Float64[np.ndarray, "F 3"]

    @staticmethod
    def of(skin: Skin, posed: Posed) -> "PosedSkin":
        """As the model of the skin is posed (the first candidate)."""
        turns = posed.skin[0].cpu().double().numpy()
        expected = np.einsum("fab,fb->fa", turns[skin.faces].sum(axis=1), skin.crosses)
        return PosedSkin(skin, posed.vertices[0].cpu().double().numpy(), turns, expected)

    def unfolded(self, vertices: Float[np.ndarray, "N 3"]) -> Float64[np.ndarray, "N 3"]:
        """Without folds, of the skin in this pose with its vertices somewhere near."""
        return unfolded(vertices, self.skin.faces, self.expected, self.skin.mean)

    def at_rest(self, vertices: Float[np.ndarray, "N 3"]) -> Float32[np.ndarray, "N 3"]:
        """The displacements of the rest pose that take the skin's vertices there."""
        moved = (vertices - self.vertices)[..., None]
        return np.linalg.solve(self.turns, moved)[..., 0].astype(np.float32)


def unfolded(vertices: Float[np.ndarray, "N 3"], faces: Int[np.ndarray, "F 3"],
             expected: Float[np.ndarray, "F 3"], mean: csr_array) -> Float64[np.ndarray, "N 3"]:
    """The vertices without folds, as far as `_ROUNDS` take.

    `expected` are the faces' normals, `mean` what `neighbour_mean` makes of the faces.
    """
    begun = vertices.astype(np.float64)
    smooth = begun.copy()
    asked = np.arange(len(faces))
    for attempt in range(_ROUNDS):
        bad = faces[asked[folds(smooth, faces, expected, asked)]]
        if not len(bad):
            break
        moving = corners_around(bad, faces, len(vertices), attempt // _PATIENCE)
        for _ in range(_STEPS):
            smooth[moving] = (mean[moving] @ smooth + _HELD * begun[moving]) / (1 + _HELD)
        near = corners_around(faces[moving[faces].any(axis=1)], faces, len(vertices))
        asked = np.flatnonzero(near[faces].any(axis=1))  # elsewhere nothing has changed
    return smooth


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
