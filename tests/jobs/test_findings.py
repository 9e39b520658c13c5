"""Which face belongs to which finding, as programs read it."""

import json
from pathlib import Path

import numpy as np

from likeness.jobs.findings import inspection_report, write_findings
from likeness.jobs.protocol import ReadScan
from likeness.jobs.steps import Opened
from likeness.scans.inspection import Finding
from likeness.scans.scan import Choice, Scan, Source


def finding(name: str, faces: list[int], points: list[int]) -> Finding:
    return Finding(id=f"id-{name}", kind="floater", name=name, sentence=f"There is a {name}.",
                   faces=np.array(faces, int), points=np.array(points, int), area_m2=0.5,
                   confidence=0.95, severity="minor", action="remove")


def opened(faces: int, *findings: Finding) -> Opened:
    vertices = np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32)
    triangles = np.arange(faces * 3, dtype=np.int32).reshape(-1, 3) % 12
    scan = Scan(vertices, triangles, Choice("cm", "told"), Choice("+z", "told", given=True),
                Source("somewhere/jo.ply", "00ff", 12, faces), np.eye(4))
    return Opened(ReadScan(Path("somewhere/jo.ply")), scan, findings, {})


def test_each_face_points_to_its_finding(tmp_path: Path):
    scan = opened(6, finding("crumb", [1, 4], []), finding("lamp", [4, 5], []))
    write_findings(scan, tmp_path / "out")
    with np.load(tmp_path / "out" / "findings.npz") as archive:
        assert archive["face_finding"].tolist() == [-1, 0, -1, -1, 0, 1]
        assert archive["ids"].tolist() == ["id-crumb", "id-lamp"]
        assert "point_finding" not in archive
    written = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert written == inspection_report(scan)
    assert [each["faces"] for each in written["findings"]] == [2, 2]
    assert written["input"]["file"] == "jo.ply"


def test_each_point_of_a_cloud_points_to_its_finding(tmp_path: Path):
    write_findings(opened(0, finding("crumb", [], [0, 11])), tmp_path)
    with np.load(tmp_path / "findings.npz") as archive:
        assert archive["point_finding"].tolist() == [0] + [-1] * 10 + [0]


def test_nothing_found_is_written_as_nothing(tmp_path: Path):
    write_findings(opened(2), tmp_path)
    with np.load(tmp_path / "findings.npz") as archive:
        assert archive["face_finding"].tolist() == [-1, -1]
        assert archive["ids"].tolist() == []
