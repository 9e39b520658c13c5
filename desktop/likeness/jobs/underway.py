"""A fit under way: begun on a scan, told what cleaning leaves of it, measured in the end."""

import time

from likeness.bodies.body import Body
from likeness.core.progress import Progress, StageClock
from likeness.fitting.fit import Fit, FitSettings
from likeness.fitting.measure import ScanSide
from likeness.fitting.seen import see
from likeness.fitting.solved import Solved, measured
from likeness.jobs.cleaning import Prepared
from likeness.jobs.memory import enough_memory
from likeness.jobs.solving import Solver
from likeness.scans.scan import Scan


class Underway:
    """What a solver is at; `clock` is told how long the job worked or waited in each stage."""

    def __init__(self, solver: Solver, body: Body, settings: FitSettings, clock: StageClock,
                 ) -> None:
        self._solver, self._body, self._settings = solver, body, settings
        self._clock = clock

    def begin(self, scan: Scan) -> None:
        """Let the solver begin on a scan."""
        with self._clock.stage("start"), enough_memory():
            self._scan, (self._whole, seen) = scan, see(scan)
            self._solver.begin(seen, self._body, self._settings)

    def cleaned(self, clean: Prepared) -> None:
        """Let it go on with what cleaning has left."""
        if clean.scan is not self._scan:
            with self._clock.stage("start"), enough_memory():
                self._whole, seen = see(clean.scan)
                self._solver.cleaned(seen, keeps_pose=clean.is_much_as(self._scan))
                self._scan = clean.scan

    def fit(self, progress: Progress) -> Fit:
        """Wait for the solver and hold what it found against the scan."""
        with enough_memory():
            with self._clock.stage("measure"):  # made while the solver is at work
                side = ScanSide.of(self._whole, self._settings.seed)
            solved = self._awaited(progress)
            with self._clock.stage("measure"):
                return measured(self._whole, side, self._body, solved, self._settings, progress)

    def _awaited(self, progress: Progress) -> Solved:
        """What was found; its stages count with the seconds for which the job had to wait for them.

        What is left of these went into loading libraries.
        """
        begun = time.perf_counter()
        solved = self._solver.result(progress)
        left, waited = time.perf_counter() - begun, {}
        for name, seconds in reversed(solved.seconds.items()):
            waited[name] = min(left, seconds)
            left -= waited[name]
        for name, seconds in ("load", left), *reversed(waited.items()):
            self._clock.seconds[name] = self._clock.seconds.get(name, 0.0) + seconds
        return solved
