"""A body cut into closed shells that reach into each other, as artists assemble limbs."""

import numpy as np
from jaxtyping import Float64, Int, Int8
from tests.synthetic.flawed import SEPARATE, SKIN, UNSURE, Labelled, inside, merged, restricted
from tests.synthetic.flawed_mesh import finer
from tests.synthetic.subjects import Anatomy

# Parts that make one shell: head, torso, arm with hand, leg with foot; or every part its own.
FEW = (0, 1, 2, 3, 2, 3, 4, 5, 4, 5)
MANY = tuple(range(10))
# Rings of the stub that reaches into the neighbour: share of its depth, share of its width.
_RINGS = ((0.05, 0.995), (0.4, 0.97), (0.8, 0.9), (1.0, 0.7))


def limb_shells(skin: Labelled, skin_parts: Int8[np.ndarray, " N"], shells: tuple[int, ...],
                depth: float, splits: int) -> Labelled:
    """The closed skin as overlapping closed shells, whose inner parts are SEPARATE.

    What is inner is told on the remeshed shells, each face in `splits` squared.
    """
    shell_of = np.array(shells)[skin_parts]
    of_face = np.median(shell_of[skin.faces], axis=1).astype(int)
    closed = [finer(_closed(restricted(skin, of_face == shell), depth), splits)
              for shell in np.unique(of_face)]
    return merged([_judged(shell, closed[:k] + closed[k + 1:])
                   for k, shell in enumerate(closed)])


def parts_of_skin(anatomy: Anatomy, posed_vertices: Float64[np.ndarray, "V 3"], skin: Labelled,
                  ) -> Int8[np.ndarray, " N"]:
    """The part of each vertex of a mesh whose vertices are some of the body's, in order."""
    place = {tuple(each): k for k, each in enumerate(posed_vertices.tolist())}
    return anatomy.parts[[place[tuple(each)] for each in skin.vertices.tolist()]]


def _closed(shell: Labelled, depth: float) -> Labelled:
    """Every opening gets a stub that reaches outwards, narrows, and ends in a cap."""
    edges = _open_edges(shell.faces)
    vertices, faces = [shell.vertices], [shell.faces]
    count = len(shell.vertices)
    for loop in _loops(edges):
        ring, own = np.unique(loop, return_inverse=True)
        own = own.reshape(-1, 2)
        points = shell.vertices[ring]
        middle, along = _direction(shell, loop, points)
        before = ring
        for reach, width in _RINGS:
            vertices.append(middle + width * (points - middle) + reach * depth * along)
            after = count + np.arange(len(ring))
            count += len(ring)
            faces.append(_band(before[own], after[own]))
            before = after
        vertices.append((middle + depth * along)[None])
        faces.append(np.column_stack((before[own][:, ::-1], np.full(len(own), count))))
        count += 1
    joined = np.concatenate(faces).astype(np.int32)
    added = np.full(len(joined) - len(shell.faces), SKIN, np.int8)
    return Labelled(np.concatenate(vertices), joined, np.concatenate((shell.label, added)))


def _open_edges(faces: Int[np.ndarray, "F 3"]) -> Int[np.ndarray, "E 2"]:
    edges = np.concatenate([faces[:, (k, (k + 1) % 3)] for k in range(3)])
    key = np.sort(edges, axis=1)
    _, first, count = np.unique(key, axis=0, return_index=True, return_counts=True)
    return edges[first[count == 1]]


def _loops(edges: Int[np.ndarray, "E 2"]) -> list[Int[np.ndarray, "L 2"]]:
    """Edges by the opening they run around; crumbs of a few edges as well."""
    loops, left = [], {int(a): k for k, (a, _) in enumerate(edges)}
    while left:
        start = here = next(iter(left))
        chain = []
        while here in left:
            chain.append(left.pop(here))
            here = int(edges[chain[-1], 1])
        if here == start:
            loops.append(edges[chain])
    return loops


def _direction(shell: Labelled, loop: Int[np.ndarray, "L 2"], points: Float64[np.ndarray, "R 3"],
               ) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
    """The opening's middle, and the way out of the shell: the vector area of its edges."""
    middle = points.mean(axis=0)
    a, b = shell.vertices[loop[:, 0]] - middle, shell.vertices[loop[:, 1]] - middle
    along = np.cross(b, a).sum(axis=0)
    return middle, along / np.linalg.norm(along)


def _band(inner: Int[np.ndarray, "L 2"], outer: Int[np.ndarray, "L 2"]) -> np.ndarray:
    """Two triangles an edge; they run against the edges of the faces they join."""
    (a, b), (c, d) = inner.T, outer.T
    return np.concatenate((np.column_stack((b, a, c)), np.column_stack((b, c, d))))


def _judged(shell: Labelled, others: list[Labelled]) -> Labelled:
    """SEPARATE where another shell encloses the whole face, UNSURE where it cuts it."""
    hidden = np.zeros(len(shell.vertices), bool)
    for other in others:
        hidden |= inside(other, shell.vertices)
    corners = hidden[shell.faces].sum(axis=1)
    label = shell.label.copy()
    label[(corners > 0) & (label == SKIN)] = UNSURE
    label[corners == 3] = SEPARATE
    return Labelled(shell.vertices, shell.faces, label)
