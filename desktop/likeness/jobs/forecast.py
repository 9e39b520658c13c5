"""From stages to one bar: how much of the whole job is done and how long the rest will take."""

import time
from dataclasses import dataclass, field

from likeness.jobs.protocol import (
    ExportAvatar,
    FitScan,
    InspectScan,
    OpenResult,
    ReadScan,
    SaveScan,
)
from likeness.jobs.wiring import Order

# Typical seconds per stage for a scan of some hundred thousand points on two cores: only their
# proportions matter, the clock corrects the rest.
READING = {"read": 0.5, "size": 0.1, "decimate": 0.0, "inspect": 2.2}
FITTING = {"load": 1.0, "clean": 0.2, "start": 0.7, "pose": 0.4, "shape": 2.3, "refine": 0.8,
           "measure": 0.3, "avatar": 0.2}
WRITING = {"write": 0.9}
_DECIMATING = 3.0  # only scans far beyond what a fit needs are
REOPENING = {**READING, "load": 0.5, "clean": 0.3, "avatar": 0.3}

# What each stage does, for people.
WORDS = {"read": "reading the scan", "size": "telling the unit by the build",
         "decimate": "making a smaller copy", "inspect": "inspecting the scan",
         "load": "loading the fitter",
         "clean": "cleaning the scan", "start": "finding the pose", "pose": "fitting the pose",
         "shape": "fitting the shape", "refine": "refining the surface",
         "measure": "measuring distances", "avatar": "building the avatar",
         "write": "writing the results"}
_INSPECTING = {"inspect": 1.0}
_STAGES: dict[type, dict[str, float]] = {
    ReadScan: READING, OpenResult: REOPENING, InspectScan: _INSPECTING,
    FitScan: FITTING, ExportAvatar: WRITING, SaveScan: WRITING}

# Before this share of the job the time left would be a guess.
_EARLIEST = 0.08


def weights_of(order: Order) -> dict[str, float]:
    """The stages of an order; those of a fresh engine that must catch up are not foreseen."""
    request = order.request
    if isinstance(request, ReadScan):
        weights = READING | ({"decimate": _DECIMATING} if request.most else {})
        return weights if request.inspect else {**weights, "inspect": 0.0}
    return _STAGES.get(type(order.request), {})


@dataclass
class Forecast:
    """The share done and the seconds left of a job whose stages and their weights are known."""

    weights: dict[str, float]
    _done: float = 0.0
    _begun: float = field(default_factory=time.monotonic)

    def overall(self, stage: str, fraction: float) -> float:
        """The share of the whole job done, 0..1; never runs backwards."""
        if stage in self.weights:
            before = 0.0
            for name, weight in self.weights.items():
                if name == stage:
                    break
                before += weight
            now = before + self.weights[stage] * min(max(fraction, 0.0), 1.0)
            self._done = max(self._done, now / sum(self.weights.values()))
        return self._done

    def seconds_left(self) -> float | None:
        """Seconds until the end at the pace so far; None while too little is known."""
        if self._done < _EARLIEST:
            return None
        elapsed = time.monotonic() - self._begun
        return elapsed * (1.0 - self._done) / self._done
