"""What the window shows of a scan, a fit, an export and the installed bodies."""

import numpy as np
from jaxtyping import Float32

from likeness.avatars.fitted import fit_from_scan
from likeness.bodies.library import installed_bodies
from likeness.fitting.fit import Spread
from likeness.jobs.protocol import (
    BodiesView,
    BodyLine,
    ExportView,
    FindingLine,
    FindingsView,
    FindingWords,
    FitView,
    ScanView,
)
from likeness.jobs.results import Results
from likeness.jobs.steps import Fitted, Opened
from likeness.scans.finding import Finding
from likeness.scans.flaws.pieces import find_pieces
from likeness.scans.proxy import decimated
from likeness.scans.scan import Scan
from likeness.scans.shading import shading_normals

# As many faces as software OpenGL turns fluently (0.06 s a frame).
PROXY_FACES = 50_000


def scan_view(opened: Opened) -> ScanView:
    """The scan, a coarser copy for motion, and its findings if inspection has looked."""
    scan = opened.scan
    proxy = decimated(scan.vertices, scan.faces, scan.colors, PROXY_FACES)
    return ScanView(opened.request.path, scan.vertices, scan.faces, proxy.vertices, proxy.faces,
                    proxy.rows,
                    scan.unit.value, scan.unit.reason, scan.up.value, scan.up.reason,
                    scan.height_m, _normals(scan), scan.colors, proxy.colors,
                    proxy.normals, scan.uv, scan.texture,
                    None if opened.findings is None else findings_view(opened), scan.notes)


def _normals(scan: Scan) -> Float32[np.ndarray, "N 3"]:
    return scan.normals if scan.normals is not None else shading_normals(scan.vertices)


def findings_view(opened: Opened) -> FindingsView:
    """What inspection found, and what hangs together."""
    scan = opened.scan
    pieces = find_pieces(scan).of_face if scan.is_mesh else np.zeros(len(scan.vertices), np.int32)
    return FindingsView(tuple(_line(each, scan) for each in opened.known_findings), pieces)


def _line(finding: Finding, scan: Scan) -> FindingLine:
    return FindingLine(finding.id, finding.kind, finding.name, finding.sentence, finding.severity,
                       finding.action, finding.confidence, finding.area_m2,
                       finding.faces if scan.is_mesh else finding.points)


def fit_view(fitted: Fitted) -> FitView:
    """The avatar's outer skin, its distances and the verdict."""
    fit, scan = fitted.fit, fitted.opened.scan
    used, faces = np.unique(fitted.body.shown_faces, return_inverse=True)
    return FitView(fit.vertices[used], faces.reshape(-1, 3).astype(np.int32), fit.surface_mm[used],
                   fit.confidence[used],
                   fit_from_scan(scan, fit),
                   fit.verdict.level, fit.verdict.reasons, fit.warnings,
                   _spread(fit.distances.scan_to_avatar), _spread(fit.distances.avatar_to_scan),
                   fit.distances.coverage, sum(fitted.seconds.values()),
                   fitted.request.refinement, fitted.request.body, fitted.removed, fitted.mended,
                   tuple(FindingWords(each.id, each.name, each.sentence)
                         for each in fitted.opened.known_findings))


def export_view(results: Results) -> ExportView:
    """Where the files are."""
    return ExportView(results.folder, results.files)


def bodies_view() -> BodiesView:
    """The bodies `--body` knows by name."""
    return BodiesView(tuple(BodyLine(each.name, each.family, each.terms, each.path)
                            for each in installed_bodies()))


def _spread(spread: Spread) -> dict[str, float]:
    return {"mean": spread.mean, "median": spread.median, "p95": spread.p95}
