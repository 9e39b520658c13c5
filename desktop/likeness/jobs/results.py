"""What a fit writes: the avatar in the formats asked for, the report and its picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from likeness.core.errors import UsageError
from likeness.core.progress import Progress, StageClock
from likeness.jobs.chosen import write_rows
from likeness.jobs.folder import written_whole
from likeness.jobs.protocol import ExportAvatar
from likeness.jobs.report import describe_fit
from likeness.jobs.steps import Fitted, running

REPORT, PICTURE, NUMBERS = "report.json", "report.png", "avatar.npz"


@dataclass(frozen=True)
class Results:
    """The result folder, the files written into it, and what the report says."""

    folder: Path
    files: tuple[Path, ...]
    report: dict[str, object]


def write_results(fitted: Fitted, request: ExportAvatar, progress: Progress) -> Results:
    """Write the formats asked for, the report and its picture: all of them or none."""
    require_formats(request.formats)
    clock = StageClock()
    with written_whole(request.folder, _earlier_files(request.folder)) as folder:
        with running(clock, "write", progress):
            _write_avatar(fitted, request, folder, progress)
        files = sorted({file.name for file in folder.iterdir()} | {REPORT})
        report = describe_fit(fitted, request.folder, dict(clock.seconds), files)
        text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / REPORT).write_text(text + "\n", encoding="utf-8", newline="\n")
    return Results(request.folder, tuple(request.folder / name for name in files), report)


def require_formats(formats: Sequence[str]) -> None:
    """Refuse a format there is no writer for."""
    from likeness.avatars.writing import FORMATS

    known = [name.lstrip(".") for name in FORMATS]
    for name in formats:
        if name not in known:
            raise UsageError(f"There is no format called {name!r}.",
                             f"Choose among {', '.join(known)}.")


def _write_avatar(fitted: Fitted, request: ExportAvatar, folder: Path, progress: Progress) -> None:
    from likeness.avatars.picture import write_picture
    from likeness.avatars.writing import write_avatar

    for done, name in enumerate(request.formats):
        progress("write", done / (len(request.formats) + 1))
        write_avatar(fitted.avatar, fitted.fit, folder / f"avatar.{name}",
                     glb_pose=request.glb_pose)
    progress("write", len(request.formats) / (len(request.formats) + 1))
    if fitted.request.clean == "chosen":
        write_rows(fitted.request.removed, folder)
    write_picture(fitted.scan, fitted.fit, fitted.avatar, folder / PICTURE)
    progress("write", 1.0)


def _earlier_files(folder: Path) -> frozenset[str]:
    """What an earlier run wrote here by its own account, so that none of it outlives its fit."""
    try:
        files = json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(name for name in files if isinstance(name, str) and Path(name).name == name)
