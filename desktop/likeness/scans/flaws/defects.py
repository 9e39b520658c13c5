"""Defects of the mesh itself: holes, faces that are flat, double or inside out."""

import numpy as np
from jaxtyping import Float64, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import Pieces

# Smaller openings need no attention; of the larger ones so many are told one by one.
_SMALLEST_M2, _LARGE_M2, _TOLD = 0.0003, 0.02, 8
_AT_FEET_M = 0.05
_HANGS_TOGETHER = 0.02  # of the area; a body cut into limbs has parts of a tenth and more


def find_holes(pieces: Pieces, skin: int) -> list[Finding]:
    """Openings of the skin, the largest one by one."""
    start, end, face = _open_edges(pieces, skin)
    if len(start) == 0:
        return []
    loop = loops(start, end)
    area = loop_areas(pieces, start, end, loop)
    order = [each for each in np.argsort(-area, kind="stable") if area[each] > _SMALLEST_M2]
    findings = [_hole(pieces, float(area[each]), face[loop == each], start[loop == each], k)
                for k, each in enumerate(order[:_TOLD])]
    rest = order[_TOLD:]
    if rest:
        findings.append(Finding(
            "hole-rest", "hole", f"{len(rest)} smaller holes",
            f"The skin has {len(rest)} smaller holes, {area[rest].sum() * 1e4:.0f} cm² together.",
            float(area[rest].sum()), 0.9, "info", "none",
            faces=np.unique(face[np.isin(loop, rest)]).astype(np.int32)))
    return findings


def _open_edges(pieces: Pieces, skin: int,
                ) -> tuple[Int[np.ndarray, " e"], Int[np.ndarray, " e"],
                           Int[np.ndarray, " e"]]:
    """Directed edges of the skin that no second face shares, and their faces."""
    sides = pieces.edges.open_sides
    sides = sides[pieces.of_face[sides % len(pieces.of_face)] == skin]
    start, end = pieces.edges.ends(sides)
    return start.astype(np.int64), end.astype(np.int64), sides % len(pieces.of_face)


def loops(start: Int[np.ndarray, " e"], end: Int[np.ndarray, " e"],
           ) -> Int[np.ndarray, " e"]:
    """The opening each edge belongs to."""
    nodes, place = np.unique(np.concatenate((start, end)), return_inverse=True)
    count = len(start)
    graph = coo_array((np.ones(count), (place[:count], place[count:])), shape=(len(nodes),) * 2)
    return connected_components(graph, directed=False)[1][place[:count]].astype(np.int64)


def loop_areas(pieces: Pieces, start: Int[np.ndarray, " e"], end: Int[np.ndarray, " e"],
                loop: Int[np.ndarray, " e"]) -> Float64[np.ndarray, " l"]:
    """Length of the vector area, which needs the edges' directions and not their order."""
    a = pieces.scan.vertices[start].astype(np.float64)
    b = pieces.scan.vertices[end].astype(np.float64)
    count = np.bincount(loop)
    middle = np.stack([np.bincount(loop, a[:, k]) / count for k in range(3)], axis=1)
    across = np.cross(a - middle[loop], b - middle[loop])
    area = np.stack([np.bincount(loop, across[:, k]) for k in range(3)], axis=1)
    return 0.5 * np.linalg.norm(area, axis=1)


def _hole(pieces: Pieces, area: float, faces: Int[np.ndarray, " e"],
          corners: Int[np.ndarray, " e"], number: int) -> Finding:
    level = max(float(pieces.scan.vertices[corners, 1].mean()), 0.0)
    place = f"{level:.2f} m above the feet" if level >= _AT_FEET_M else "at the feet"
    return Finding(f"hole-{number}", "hole", "hole",
                   f"The skin has a hole of {area * 1e4:.0f} cm², {place}.",
                   area, 0.9, "minor" if area > _LARGE_M2 else "info", "none",
                   faces=np.unique(faces).astype(np.int32), place=place)


def find_soup(pieces: Pieces) -> list[Finding]:
    """Triangles of which not even a fiftieth hang together: no inside can be told from outside."""
    total = float(pieces.area.sum())
    if pieces.area[0] > _HANGS_TOGETHER * total:
        return []
    return [Finding("soup-0", "degenerate", "loose triangles",
                    "The triangles hardly hang together, so hidden parts and holes cannot be told.",
                    total, 0.95, "minor", "none", faces=np.zeros(0, np.int32))]


def find_degenerate(pieces: Pieces) -> list[Finding]:
    """Faces without area, and faces that are there twice."""
    found = []
    flat = np.flatnonzero(pieces.face_area <= 0).astype(np.int32)
    if len(flat):
        found.append(Finding("degenerate-0", "degenerate", "faces without area",
                             f"{_counted(len(flat))} no area; this does no harm.", 0.0, 1.0,
                             "info", "remove", faces=flat))
    double = np.sort(pieces.edges.twins[0])
    double = double[pieces.face_area[double] > 0].astype(np.int32)
    if len(double):
        found.append(Finding("degenerate-1", "degenerate", "double faces",
                             f"{_counted(len(double))} a twin in the same place.",
                             float(pieces.face_area[double].sum()), 1.0, "info", "remove",
                             faces=double))
    return found


def find_crowded(pieces: Pieces) -> list[Finding]:
    """Edges where more than two faces meet."""
    count = int((pieces.edges.counts > 2).sum())
    if count == 0:
        return []
    faces = np.unique(pieces.edges.crowded() % len(pieces.of_face)).astype(np.int32)
    edges = "At one edge" if count == 1 else f"At {count:,} edges"
    return [Finding("crowded-0", "degenerate", "edges of more than two triangles",
                    f"{edges} more than two triangles meet; this does no harm.", 0.0, 1.0,
                    "info", "none", faces=faces)]


def _counted(count: int) -> str:
    return "One triangle has" if count == 1 else f"{count:,} triangles have"
