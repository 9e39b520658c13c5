"""Defects of the mesh itself, and doubts about what the file says."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from likeness.scans.axes import is_doubtful
from likeness.scans.finding import Finding
from likeness.scans.pieces import Pieces
from likeness.scans.scan import Scan

FEW_POINTS, MANY_POINTS = 5_000, 3_000_000
HOLE_M = 0.06  # around; smaller openings need no attention


def find_holes(pieces: Pieces) -> list[Finding]:
    """Openings of the skin more than a few centimetres around, as one finding."""
    faces = pieces.welded[pieces.of_face == 0]
    edges = np.sort(np.concatenate([faces[:, (i, (i + 1) % 3)] for i in range(3)]), axis=1)
    key = edges[:, 0].astype(np.int64) * len(pieces.scan.vertices) + edges[:, 1]
    unique, count = np.unique(key, return_counts=True)
    open_edges = unique[count == 1]
    if len(open_edges) == 0:
        return []
    i, j = np.divmod(open_edges, len(pieces.scan.vertices))
    length = np.linalg.norm(pieces.scan.vertices[i] - pieces.scan.vertices[j], axis=1)
    nodes, place = np.unique(np.concatenate((i, j)), return_inverse=True)
    graph = coo_array((np.ones(len(i)), (place[:len(i)], place[len(i):])), shape=(len(nodes),) * 2)
    _, loop = connected_components(graph, directed=False)
    around = np.bincount(loop[place[:len(i)]], length)
    large = around[around > HOLE_M]
    if len(large) == 0:
        return []
    area = float((large**2).sum() / (4 * np.pi))  # as if round
    word = "hole" if len(large) == 1 else "holes"
    return [Finding("holes-0", "hole", f"{word} ({len(large)})",
                    f"The skin has {len(large)} {word}, at most {area * 1e4:.0f} cm² together; the "
                    "body fills them.", area, 0.9, "info", "none")]


def find_degenerate(pieces: Pieces) -> list[Finding]:
    """Faces without area."""
    flat = np.flatnonzero(pieces.face_area <= 0).astype(np.int32)
    if len(flat) == 0:
        return []
    return [Finding("degenerate-0", "degenerate", f"faces without area ({len(flat)})",
                    f"{len(flat)} triangles have no area; they do no harm.", 0.0, 1.0, "info",
                    "none", faces=flat)]


def find_orientation(pieces: Pieces) -> list[Finding]:
    """Neighbouring faces that disagree about which side is out."""
    faces = pieces.welded
    directed = np.concatenate([faces[:, (i, (i + 1) % 3)] for i in range(3)]).astype(np.int64)
    key = directed[:, 0] * len(pieces.scan.vertices) + directed[:, 1]
    _, count = np.unique(key, return_counts=True)
    share = float((count > 1).sum()) / max(len(faces), 1)
    if share < 0.01:
        return []
    return [Finding("orientation-0", "orientation", "flipped triangles",
                    f"About {share:.0%} of the triangles disagree with a neighbour about which "
                    "side is out.", 0.0, 0.8, "minor", "none")]


def find_doubts(scan: Scan) -> list[Finding]:
    """Too few or too many points; a unit or up axis that is only a guess."""
    found = []
    count = len(scan.vertices)
    if count < FEW_POINTS:
        found.append(Finding("density-0", "density", "few points",
                             f"The scan has only {count} points; use refinement `none`.", 0.0, 1.0,
                             "minor", "none"))
    if count > MANY_POINTS:
        found.append(Finding("density-0", "density", "many points",
                             f"The scan has {count / 1e6:.1f} million points; a tenth would give "
                             "the same fit.", 0.0, 1.0, "info", "none"))
    if not scan.unit.given and scan.unit.value in ("dm", "scaled"):
        found.append(Finding("unit-0", "unit", "doubtful unit", scan.unit.reason, 0.0, 0.8,
                             "serious", "none"))
    if is_doubtful(scan.up):
        found.append(Finding("up-0", "orientation", "doubtful up axis", scan.up.reason, 0.0, 0.6,
                             "minor", "none"))
    return found
