"""The findings of an inspection for programs: JSON, and which face or point belongs to which."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int, Int32

from likeness.jobs.folder import written_whole
from likeness.jobs.report import describe_finding, describe_input
from likeness.jobs.steps import Opened


def inspection_report(opened: Opened) -> dict[str, object]:
    """What is known of the file, and what is wrong with it."""
    return {"input": describe_input(opened.scan),
            "findings": [describe_finding(each) for each in opened.known_findings],
            "notes": list(opened.scan.notes)}


def write_findings(opened: Opened, folder: Path) -> tuple[Path, ...]:
    """Write findings.json and findings.npz.

    `face_finding` (for clouds `point_finding`) holds each face's place in the list of findings, -1
    where there is none; `ids` are the findings' ids in the order of that list.
    """
    scan, found = opened.scan, opened.known_findings
    if scan.is_mesh:
        members = {"face_finding": _membership(len(scan.faces), [each.faces for each in found])}
    else:
        members = {"point_finding": _membership(len(scan.vertices),
                                                [each.points for each in found])}
    names = ("findings.json", "findings.npz")
    ids = [each.id for each in found] or np.zeros(0, "U1")
    with written_whole(folder) as partial:
        text = json.dumps(inspection_report(opened), indent=2, ensure_ascii=False)
        (partial / names[0]).write_text(text + "\n", encoding="utf-8")
        np.savez_compressed(partial / names[1], allow_pickle=False, ids=np.array(ids), **members)
    return tuple(folder / name for name in names)


def _membership(count: int, members: Sequence[Int[np.ndarray, " _"]]) -> Int32[np.ndarray, " N"]:
    """The position of the first finding that holds each element, -1 where none does."""
    positions = np.full(count, -1, np.int32)
    for position in reversed(range(len(members))):
        positions[members[position]] = position
    return positions
