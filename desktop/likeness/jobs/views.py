"""What the window shows of a scan, a fit, an export and the installed bodies."""

import numpy as np
from jaxtyping import Float32

from likeness.bodies.library import installed_bodies
from likeness.fitting.fit import Spread
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    ExportView,
    FindingLine,
    FindingsView,
    FitView,
    ScanView,
)
from likeness.jobs.results import Results
from likeness.jobs.steps import Fitted, Opened
from likeness.scans.proxy import decimated
from likeness.scans.scan import Scan
from likeness.scans.shading import shading_normals

# As many faces as software OpenGL turns fluently (0.06 s a frame).
PROXY_FACES = 50_000


def scan_view(opened: Opened) -> ScanView:
    """The scan with its findings and a coarser copy for motion."""
    scan = opened.scan
    vertices, faces, colors = decimated(scan.vertices, scan.faces, scan.colors, PROXY_FACES)
    return ScanView(opened.request.path, scan.vertices, scan.faces, vertices, faces,
                    scan.unit.value, scan.unit.reason, scan.up.value, scan.up.reason,
                    scan.height_m, _normals(scan), scan.colors, colors, scan.uv, scan.texture,
                    findings_view(opened).findings)


def _normals(scan: Scan) -> Float32[np.ndarray, "N 3"]:
    return scan.normals if scan.normals is not None else shading_normals(scan.vertices)


def findings_view(opened: Opened) -> FindingsView:
    """What inspection found, as sentences."""
    return FindingsView(tuple(FindingLine(each.kind, each.sentence, each.severity)
                              for each in opened.known_findings))


def fit_view(fitted: Fitted) -> FitView:
    """The avatar's outer skin, its distances and the verdict."""
    fit, scan = fitted.fit, fitted.opened.scan
    used, faces = np.unique(fitted.body.shown_faces, return_inverse=True)
    return FitView(fit.vertices[used], faces.reshape(-1, 3).astype(np.int32), fit.surface_mm[used],
                   fit.confidence[used],
                   fit.world_from_scan @ np.linalg.inv(scan.world_from_scan),
                   fit.verdict.level, fit.verdict.reasons, fit.warnings,
                   _spread(fit.distances.scan_to_avatar), _spread(fit.distances.avatar_to_scan),
                   fit.distances.coverage, sum(fitted.seconds.values()),
                   fitted.request.refinement, fitted.request.body, fitted.removed)


def export_view(results: Results) -> ExportView:
    """Where the files are."""
    return ExportView(results.folder, results.files)


def bodies_view() -> BodiesView:
    """The bodies `--body` knows by name."""
    return BodiesView(tuple(BodyLine(each.name, each.family, each.terms, each.path)
                            for each in installed_bodies()))


def _spread(spread: Spread) -> dict[str, float]:
    return {"mean": spread.mean, "median": spread.median, "p95": spread.p95}
