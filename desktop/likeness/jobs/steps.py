"""The steps of a job: a file becomes an opened scan, an opened scan a fitted one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from likeness.avatars.avatar import Avatar
from likeness.avatars.building import build_avatar
from likeness.bodies.body import Body
from likeness.core.progress import Progress, StageClock, within
from likeness.fitting.fit import Fit, FitSettings
from likeness.jobs.cleaning import Prepared, prepared, told_removal
from likeness.jobs.limits import capped, limits
from likeness.jobs.locating import located
from likeness.jobs.memory import begin_peak, enough_memory
from likeness.jobs.protocol import FitScan, ReadScan
from likeness.jobs.sizing import likeliest_unit
from likeness.jobs.solving import Solver, SolvesHere
from likeness.jobs.underway import Underway
from likeness.scans.cleanup import Decimate
from likeness.scans.inspection import Finding, inspect_scan
from likeness.scans.reading import ReadSettings, read_scan
from likeness.scans.scan import Scan


@dataclass(frozen=True, eq=False)
class Opened:
    """A scan as read, what inspection found if it has looked, and the seconds each stage took."""

    request: ReadScan
    scan: Scan
    findings: tuple[Finding, ...] | None
    seconds: dict[str, float]

    @property
    def known_findings(self) -> tuple[Finding, ...]:
        """The findings; none where inspection has not looked yet."""
        return self.findings or ()


@dataclass(frozen=True, eq=False)
class Fitted:
    """The avatar of a scan and all it came from; `scan` is what was left after cleaning.

    The findings of `opened` say where on the fitted body they are.
    """

    opened: Opened
    request: FitScan
    scan: Scan
    removed: tuple[str, ...]
    mended: tuple[str, ...]
    body: Body
    fit: Fit
    avatar: Avatar
    seconds: dict[str, float] = field(default_factory=dict)


def open_scan(request: ReadScan, progress: Progress) -> Opened:
    """Read and check the file within its limits, and inspect the scan if that is asked for."""
    begin_peak()  # of several scans in one process each has its own
    clock = StageClock()
    with running(clock, "read", progress), capped(limits()):
        scan = read_scan(request.path, ReadSettings(request.unit, request.up),
                         within("read", progress))
    if scan.unit.rivals:
        with running(clock, "size", progress):
            scan = _in_likeliest_unit(scan, request, within("size", progress))
    if request.most:
        with running(clock, "decimate", progress):
            scan = smaller(scan, request.most)
    opened = Opened(request, scan, None, dict(clock.seconds))
    return inspected(opened, progress) if request.inspect else opened


def _in_likeliest_unit(scan: Scan, request: ReadScan, progress: Progress) -> Scan:
    """The scan, read once more where its file is in another unit than its height says."""
    with enough_memory():
        unit = likeliest_unit(scan, progress)
    if unit.value != scan.unit.value:
        with capped(limits()):
            scan = read_scan(request.path, ReadSettings(unit.value, request.up),
                             lambda _, __: progress("read", 1.0))
    return replace(scan, unit=unit)


def inspected(opened: Opened, progress: Progress) -> Opened:
    """The same with findings; the same object where it has them."""
    if opened.findings is not None:
        return opened
    clock = StageClock()
    with running(clock, "inspect", progress):
        findings = inspect_scan(opened.scan, within("inspect", progress))
    return replace(opened, findings=findings, seconds=opened.seconds | clock.seconds)


def fit_scan(opened: Opened, request: FitScan, progress: Progress,
             solver: Solver | None = None) -> Fitted:
    """Clean the scan, fit the body and build the avatar; inspects it where nobody has yet.

    A `solver` may begin on the scan as it is, beside inspection. What it finds stands where nothing
    is cleaned away; where little is, its pose does; otherwise all is done again.
    """
    clock = StageClock()
    with running(clock, "load", progress):
        body, settings = to_fit(request)
    underway = Underway(solver or SolvesHere(), body, settings, clock)
    early = opened.findings is None
    if early:
        underway.begin(opened.scan)
    opened = inspected(opened, progress)
    with running(clock, "clean", progress):
        clean = prepared(opened.scan, opened.known_findings, request, progress)
    if not early:
        underway.begin(opened.scan if clean.is_much_as(opened.scan) else clean.scan)
    underway.cleaned(clean)
    fit = underway.fit(progress)
    with running(clock, "avatar", progress), enough_memory():
        avatar = build_avatar(clean.scan, body, fit)
    return fitted(opened, request, clean, body, fit, avatar, dict(clock.seconds))


def to_fit(request: FitScan) -> tuple[Body, FitSettings]:
    """The body that is asked for, and how it is to be fitted; raises `UserError` for no body."""
    with enough_memory():
        from likeness.bodies.library import find_body

        return find_body(request.body), FitSettings(request.refinement, request.device,
                                                    request.seed, request.clothed)


def fitted(opened: Opened, request: FitScan, clean: Prepared, body: Body, fit: Fit, avatar: Avatar,
           seconds: dict[str, float]) -> Fitted:
    """All of it together, with the findings told where the fit says they are."""
    found = located(opened.known_findings, opened.scan, body, fit)
    removed = told_removal(opened.scan, found, request)
    return Fitted(replace(opened, findings=found), request, clean.scan, removed, clean.mended,
                  body, fit, avatar, seconds)


def smaller(scan: Scan, most: int) -> Scan:
    """At most so many faces or points, with a note that says so; the file keeps them all."""
    cleaned = Decimate(most)(scan)
    if not cleaned.removed:
        return scan
    what = "triangles" if scan.is_mesh else "points"
    had, left = ((len(each.faces) if scan.is_mesh else len(each.vertices))
                 for each in (scan, cleaned.scan))
    note = f"This is a copy of {left:,} {what}; the file has {had:,}."
    return replace(cleaned.scan, notes=(*scan.notes, note))


@contextmanager
def running(clock: StageClock, name: str, progress: Progress) -> Iterator[None]:
    """Announce a stage and time it."""
    progress(name, 0.0)
    with clock.stage(name):
        yield
