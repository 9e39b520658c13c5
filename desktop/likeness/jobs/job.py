"""One scan to one result folder: read, inspect, clean, fit, build the avatar, write.

The command line runs a whole `Job`; the engine process runs the same steps one request at a time,
so both give the same bytes.
"""

from dataclasses import dataclass, replace

from likeness.core.progress import Progress, StageClock
from likeness.jobs.folder import require_writable
from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan
from likeness.jobs.results import Results, require_formats, write_results
from likeness.jobs.solving import Solver
from likeness.jobs.steps import Fitted, fit_scan, open_scan, running, to_fit


@dataclass(frozen=True)
class Job:
    """What to do with one scan: how to read it, how to fit it, where to write what."""

    reading: ReadScan
    fitting: FitScan
    writing: ExportAvatar


@dataclass(frozen=True, eq=False)
class Outcome:
    """A finished job: the fit and what was written."""

    fitted: Fitted
    results: Results

    @property
    def verdict(self) -> str:
        """"good", "check" or "poor"."""
        return self.fitted.fit.verdict.level


def run_job(job: Job, progress: Progress, solver: Solver | None = None) -> Outcome:
    """Take one scan to its result folder; raises `UserError`, or `Cancelled` from `progress`."""
    require_writable(job.writing.folder)
    require_formats(job.writing.formats)
    clock = StageClock()
    with running(clock, "load", progress):
        body, settings = to_fit(job.fitting)
        if solver is not None:
            solver.expect(body, settings)
    opened = open_scan(replace(job.reading, inspect=False), progress)
    fitted = fit_scan(opened, job.fitting, progress, solver)
    loading = {"load": clock.seconds["load"] + fitted.seconds["load"]}
    fitted = replace(fitted, seconds=fitted.seconds | loading)
    return Outcome(fitted, write_results(fitted, job.writing, progress))
