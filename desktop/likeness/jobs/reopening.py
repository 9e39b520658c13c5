"""A result folder opened again: its scan, its fit and its avatar, without fitting anew."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from likeness.avatars.building import build_avatar
from likeness.bodies.body import Body
from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.errors import UserError
from likeness.core.progress import Progress
from likeness.fitting.fit import REFINEMENTS, Distances, Fit, FitSettings, Spread, Verdict
from likeness.jobs.chosen import read_rows
from likeness.jobs.cleaning import prepared
from likeness.jobs.protocol import FitScan, ReadScan
from likeness.jobs.report import warnings_about
from likeness.jobs.results import NUMBERS, REPORT
from likeness.jobs.steps import Fitted, Opened, fitted, open_scan
from likeness.scans.scan import Choice
from likeness.scans.units import METRES

# A body that moves the stored parameters elsewhere than the stored surface is not the same body.
_SAME_BODY_M = 1e-3
_LARGEST_BYTES = 1 << 28


def reopened(folder: Path, progress: Progress) -> Fitted:
    """The fit a result folder holds; raises `UserError` where it or its scan cannot be used."""
    report, numbers = _report(folder), _numbers(folder)
    try:
        reading, fitting = requests_of(report, folder)
        opened = _opened(reading, report["input"], progress)
        _require_same_scan(opened, report["input"]["sha256"], folder)
        return _fitted(opened, fitting, report, numbers, progress)
    except (KeyError, TypeError, ValueError, IndexError, OSError) as error:
        raise _damaged(folder) from error


def requests_of(report: Mapping, folder: Path) -> tuple[ReadScan, FitScan]:
    """What was asked for when the folder was written."""
    settings, given = report["settings"], report["input"]
    scan = folder / given["path"]
    if not scan.is_file():
        scan = folder.parent / given["file"]
    if not scan.is_file():
        raise UserError(f"The scan {given['file']} of this result is no longer where it was.",
                        f"Put it beside the folder {folder.name}, or open another scan.")
    if settings["refinement"] not in REFINEMENTS:
        raise ValueError("no such refinement")
    chosen = read_rows(folder) if settings["clean"] == "chosen" else b""
    return (ReadScan(scan.resolve(), settings["unit"], settings["up"],
                     most=int(settings.get("decimate", 0))),
            FitScan(settings["refinement"], str(settings["body"]), settings["clean"],
                    settings["device"], int(settings["seed"]),
                    bool(settings["clothed"]), chosen, tuple(settings.get("mend", ()))))


def _opened(reading: ReadScan, given: Mapping, progress: Progress) -> Opened:
    """The scan in the unit that was found when the result was made: nobody guesses again."""
    if given["unit"] not in METRES:
        return open_scan(reading, progress)
    opened = open_scan(replace(reading, unit=given["unit"]), progress)
    unit = Choice(given["unit"], str(given["unit_reason"]), given=reading.unit != "auto")
    return replace(opened, request=reading, scan=replace(opened.scan, unit=unit))


def _report(folder: Path) -> dict:
    try:
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"The folder {folder.name} holds no result of Likeness.",
                        "Open a scan, or a folder with a report.json in it.") from error
    except ValueError as error:
        raise _damaged(folder) from error
    if not isinstance(report, dict):
        raise _damaged(folder)
    return report


def _numbers(folder: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(folder / NUMBERS) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _LARGEST_BYTES:
            raise ValueError("far larger than any avatar")
        with np.load(folder / NUMBERS, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise UserError(f"The folder {folder.name} has no readable {NUMBERS}.",
                        "Fit the scan again.") from error


def _fitted(opened: Opened, fitting: FitScan, report: Mapping, numbers: Mapping[str, np.ndarray],
            progress: Progress) -> Fitted:
    progress("load", 0.0)
    body = find_body(fitting.body)
    fit = _fit(body, report, numbers)
    clean = prepared(opened.scan, opened.known_findings, fitting, progress)
    progress("avatar", 0.0)
    avatar = build_avatar(clean.scan, body, fit)
    opened, seconds = _with_times(opened, report["stages"])
    whole = fitted(opened, fitting, clean, body, fit, avatar, seconds)
    again = warnings_about(whole)  # all but the fit's own can be told from the scan
    own = tuple(each for each in report["warnings"] if each not in again)
    return replace(whole, fit=replace(fit, warnings=own))


def _fit(body: Body, report: Mapping, numbers: Mapping[str, np.ndarray]) -> Fit:
    _require_shapes(body, numbers)
    settings, distances = report["settings"], report["distances_mm"]
    parameters = BodyParameters(numbers["betas"], numbers["global_orient"], numbers["transl"],
                                {group.parameter: numbers[group.parameter]
                                 for group in body.groups if group.parameter != "global_orient"})
    posed = pose_body(body, parameters, numbers["displacements"]).vertices
    if not np.abs(posed - numbers["vertices"]).max() < _SAME_BODY_M:
        raise UserError("This result was made with another body than the one installed now.",
                        "Install the body it was made with, or fit the scan again.")
    return Fit(
        str(numbers["body"]), parameters, numbers["displacements"], numbers["vertices"],
        numbers["joints"], numbers["confidence"], numbers["surface_mm"],
        numbers["world_from_scan"],
        Distances(_spread(distances["scan_to_avatar"]), _spread(distances["avatar_to_scan"]),
                  float(distances["coverage"])),
        Verdict(str(report["verdict"]), tuple(report["reasons"])),
        FitSettings(settings["refinement"], settings["device"], settings["seed"],
                    settings["clothed"]))


def _require_shapes(body: Body, numbers: Mapping[str, np.ndarray]) -> None:
    vertices, joints = len(body.template), body.joint_count
    shapes = {"vertices": (vertices, 3), "displacements": (vertices, 3), "joints": (joints, 3),
              "confidence": (vertices,), "surface_mm": (vertices,), "world_from_scan": (4, 4),
              "global_orient": (3,), "transl": (3,)}
    for name, shape in shapes.items():
        if numbers[name].shape != shape or numbers[name].dtype.kind != "f":
            raise ValueError(f"{name} does not fit the body")


def _with_times(opened: Opened, stages: Sequence[Mapping]) -> tuple[Opened, dict[str, float]]:
    """What the stages took when the result was made: those of the scan, those of the fit."""
    seconds = {str(stage["name"]): float(stage["seconds"]) for stage in stages}
    seconds.pop("write", None)  # comes anew with every export
    of_scan = {name: seconds.pop(name) for name in opened.seconds if name in seconds}
    return replace(opened, seconds=of_scan), seconds


def _spread(told: Mapping[str, float | None]) -> Spread:
    """JSON has null where a distance could not be measured."""
    figures = (told[name] for name in ("mean", "median", "p95"))
    return Spread(*(float("nan") if each is None else float(each) for each in figures))


def _require_same_scan(opened: Opened, sha256: str, folder: Path) -> None:
    if opened.scan.source.sha256 != sha256:
        raise UserError(f"The scan {Path(opened.scan.source.path).name} has changed since the "
                        f"result in {folder.name} was made.", "Open the scan and fit it again.")


def _damaged(folder: Path) -> UserError:
    return UserError(f"The result in {folder.name} is damaged or from another version of Likeness.",
                     "Open the scan and fit it again.")
