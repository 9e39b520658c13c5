"""What a fit writes: the avatar in the formats asked for, the report and its picture."""

from dataclasses import dataclass
from pathlib import Path

from likeness.core.progress import Progress, StageClock
from likeness.jobs.folder import written_whole
from likeness.jobs.protocol import ExportAvatar
from likeness.jobs.steps import Fitted, running


@dataclass(frozen=True)
class Results:
    """The result folder, the files written into it, and what the report says."""

    folder: Path
    files: tuple[Path, ...]
    report: dict[str, object]


def write_results(fitted: Fitted, request: ExportAvatar, progress: Progress) -> Results:
    """Write the formats asked for, the report and its picture: all of them or none."""
    from likeness.avatars.picture import write_picture
    from likeness.avatars.report import write_report
    from likeness.avatars.writing import write_avatar

    require_formats(request.formats)
    clock = StageClock()
    with written_whole(request.folder, _earlier_files(request.folder)) as folder:
        with running(clock, "write", progress):
            for done, name in enumerate(request.formats):
                write_avatar(fitted.avatar, fitted.fit, folder / f"avatar.{name}",
                             glb_pose=request.glb_pose)
                progress("write", (done + 1) / (len(request.formats) + 2))
            write_picture(fitted.scan, fitted.fit, fitted.avatar, folder / "report.png")
        progress("write", 0.95)
        write_report()
    return Results(request.folder, (), {})
