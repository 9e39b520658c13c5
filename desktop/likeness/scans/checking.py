"""What a file's content must be before anything is computed from it: enough, finite, in range."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool

from likeness.core.errors import UserError
from likeness.scans.formats.content import Content
from likeness.scans.formats.damage import damaged

FEWEST_POINTS = 1_000
MOST_POINTS = 20_000_000
_FARTHEST, _SAMPLE = 1e12, 20_000


def checked(content: Content) -> Content:
    """The content without points that are nowhere; raises `UserError` where too little is left."""
    _check_counts(content)
    finite = np.isfinite(content.vertices)
    if not finite.all():
        content = keep_vertices(content, finite.all(axis=1))
    points = content.vertices
    if len(content.faces):
        used = np.zeros(len(points), bool)
        used[content.faces] = True
        points = points if used.all() else points[used]
    if len(points) and max(points.max(), -points.min()) > _FARTHEST:
        raise damaged("its coordinates are far beyond anything that can be measured")
    if len(points) < FEWEST_POINTS:
        raise UserError(f"The scan has only {len(points):,} usable points; a fit needs at least "
                        f"{FEWEST_POINTS:,}.", "Export it again with more detail.")
    few = points[::max(1, len(points) // _SAMPLE)].astype(np.float64)
    spread = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(few.T)), 0.0))
    if spread[1] <= 1e-6 * spread[2]:
        raise UserError("All points of the scan lie on one line or in one place.",
                        "Check that the right file was exported.")
    return _without_bad_extras(content)


def too_many(points: int) -> UserError:
    """What to say of a scan that is too large."""
    return UserError(f"The scan has {points:,} points; at most {MOST_POINTS:,} can be used.",
                     "Bring a scan with fewer points.")


def _check_counts(content: Content) -> None:
    if len(content.vertices) > MOST_POINTS:
        raise too_many(len(content.vertices))
    faces = content.faces
    if len(faces) and (faces.min() < 0 or faces.max() >= len(content.vertices)):
        raise damaged("a face refers to a vertex that does not exist")
    for extra in (content.normals, content.colors, content.uv):
        if extra is not None and len(extra) != len(content.vertices):
            raise damaged("not every vertex has what the others have")


def keep_vertices(content: Content, keep: Bool[np.ndarray, " N"]) -> Content:
    """Only the chosen vertices and the faces between them."""
    place = np.cumsum(keep) - 1
    faces = content.faces[keep[content.faces].all(axis=1)]
    return replace(
        content, vertices=content.vertices[keep], faces=place[faces].astype(np.int32),
        normals=None if content.normals is None else content.normals[keep],
        colors=None if content.colors is None else content.colors[keep],
        uv=None if content.uv is None else content.uv[keep])


def _without_bad_extras(content: Content) -> Content:
    """Normals and texture coordinates that make no sense are worse than none."""
    normals, uv, notes = content.normals, content.uv, list(content.notes)
    if normals is not None:
        length = np.linalg.norm(normals, axis=1)
        if not (np.isfinite(length) & (np.abs(length - 1) < 0.1)).mean() > 0.99:
            normals = None
            notes.append("Its normals were not usable and were computed anew.")
        else:
            normals = np.where((length > 0.5)[:, None], normals, 0).astype(np.float32)
            normals = np.nan_to_num(normals)
    if uv is not None and not np.isfinite(uv).all():
        uv = np.nan_to_num(uv, posinf=0.0, neginf=0.0)
    return replace(content, normals=normals, uv=uv, notes=tuple(notes))
