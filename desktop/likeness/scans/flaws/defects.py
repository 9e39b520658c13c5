"""Defects of the mesh itself: holes, faces that are flat, double or inside out."""

import numpy as np
from jaxtyping import Float64, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import Pieces

# Smaller openings need no attention; of the larger ones so many are told one by one.
_SMALLEST_M2, _LARGE_M2, _TOLD = 0.0003, 0.02, 8


def find_holes(pieces: Pieces, skin: int) -> list[Finding]:
    """Openings of the skin, the largest one by one."""
    mine = np.flatnonzero(pieces.of_face == skin)
    start, end, face = _open_edges(pieces, mine)
    if len(start) == 0:
        return []
    loop = _loops(start, end)
    area = _loop_areas(pieces, start, end, loop)
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


def _open_edges(pieces: Pieces, mine: Int64[np.ndarray, " f"],
                ) -> tuple[Int64[np.ndarray, " e"], Int64[np.ndarray, " e"],
                           Int64[np.ndarray, " e"]]:
    """Directed edges of the given faces that no second face shares, and their faces."""
    faces = pieces.welded[mine].astype(np.int64)
    start = np.concatenate([faces[:, i] for i in range(3)])
    end = np.concatenate([faces[:, (i + 1) % 3] for i in range(3)])
    key = np.minimum(start, end) * len(pieces.scan.vertices) + np.maximum(start, end)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    differs = np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))
    single = order[differs[1:] & differs[:-1]]
    return start[single], end[single], np.tile(mine, 3)[single]


def _loops(start: Int64[np.ndarray, " e"], end: Int64[np.ndarray, " e"],
           ) -> Int64[np.ndarray, " e"]:
    """The opening each edge belongs to."""
    nodes, place = np.unique(np.concatenate((start, end)), return_inverse=True)
    count = len(start)
    graph = coo_array((np.ones(count), (place[:count], place[count:])), shape=(len(nodes),) * 2)
    return connected_components(graph, directed=False)[1][place[:count]].astype(np.int64)


def _loop_areas(pieces: Pieces, start: Int64[np.ndarray, " e"], end: Int64[np.ndarray, " e"],
                loop: Int64[np.ndarray, " e"]) -> Float64[np.ndarray, " l"]:
    """Length of the vector area, which needs the edges' directions and not their order."""
    a = pieces.scan.vertices[start].astype(np.float64)
    b = pieces.scan.vertices[end].astype(np.float64)
    count = np.bincount(loop)
    middle = np.stack([np.bincount(loop, a[:, k]) / count for k in range(3)], axis=1)
    across = np.cross(a - middle[loop], b - middle[loop])
    area = np.stack([np.bincount(loop, across[:, k]) for k in range(3)], axis=1)
    return 0.5 * np.linalg.norm(area, axis=1)


def _hole(pieces: Pieces, area: float, faces: Int64[np.ndarray, " e"],
          corners: Int64[np.ndarray, " e"], number: int) -> Finding:
    level = float(pieces.scan.vertices[corners, 1].mean())
    return Finding(f"hole-{number}", "hole", "hole",
                   f"The skin has a hole of {area * 1e4:.0f} cm², {level:.2f} m above the feet.",
                   area, 0.9, "minor" if area > _LARGE_M2 else "info", "none",
                   faces=np.unique(faces).astype(np.int32))


def find_degenerate(pieces: Pieces) -> list[Finding]:
    """Faces without area, and faces that are there twice."""
    found = []
    flat = np.flatnonzero(pieces.face_area <= 0).astype(np.int32)
    if len(flat):
        found.append(Finding("degenerate-0", "degenerate", "faces without area",
                             f"{_counted(len(flat))} no area; this does no harm.", 0.0, 1.0,
                             "info", "remove", faces=flat))
    double = _doubles(pieces)
    if len(double):
        found.append(Finding("degenerate-1", "degenerate", "double faces",
                             f"{_counted(len(double))} a twin in the same place.",
                             float(pieces.face_area[double].sum()), 1.0, "info", "remove",
                             faces=double))
    return found


def _counted(count: int) -> str:
    return "One triangle has" if count == 1 else f"{count:,} triangles have"


def _doubles(pieces: Pieces) -> np.ndarray:
    """All but the first of faces with the same corners, whichever way round."""
    corners = np.sort(pieces.welded.astype(np.uint64), axis=1)
    key = (corners[:, 0] * np.uint64(0x9E3779B97F4A7C15)
           ^ corners[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)) + corners[:, 2]
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    same &= (corners[order][1:] == corners[order][:-1]).all(axis=1)
    double = order[1:][same]
    return np.sort(double[pieces.face_area[double] > 0]).astype(np.int32)


def find_orientation(pieces: Pieces) -> list[Finding]:
    """Neighbouring faces that disagree about which side is out."""
    faces = pieces.welded.astype(np.int64)
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    key = np.sort(start * len(pieces.scan.vertices) + end)
    share = float((key[1:] == key[:-1]).sum()) / max(len(faces), 1)
    if share < 0.01:
        return []
    return [Finding("orientation-0", "orientation", "flipped triangles",
                    f"About {share:.0%} of the triangles disagree with a neighbour about which "
                    "side is out.", 0.0, 0.8, "minor", "none")]
