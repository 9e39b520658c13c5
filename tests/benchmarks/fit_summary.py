"""What a set of fits amounts to: rates with their intervals, medians, biases, honesty."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from tests.benchmarks.fit_case import CaseResult


@dataclass(frozen=True)
class Share:
    """So many of so many are right, with the 95 % Wilson interval in which the true rate lies."""

    cases: int
    right: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share that is right."""
        return self.right / self.cases


@dataclass(frozen=True)
class Summary:
    """A set's share of right results; medians over what was fitted and has a truth.

    Girth bias and mean absolute error are over the right fits: how wide a lost one is says
    nothing. `right_called_good` is the share of right fits whose verdict is good, `kinds` the
    share of each kind in a set of several.
    """

    share: Share
    v2v_mm: float | None
    p95_mm: float | None
    hands_mm: float | None
    joints_mm: float | None
    surface_mm: float | None
    fingers_mm: float | None
    seconds: float | None
    peak_mib: float | None
    wrong_yet_good: int
    right_called_good: float | None
    with_flips: int
    with_folds: int
    crossing: float | None
    girth_bias_mm: dict[str, float] = field(default_factory=dict)
    girth_mae_mm: dict[str, float] = field(default_factory=dict)
    stage_seconds: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, "Summary"] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self) | {"rate": self.share.rate}


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which the true rate lies with 95 % confidence (Wilson 1927)."""
    rate, spread = successes / trials, z * z / trials
    middle = rate + spread / 2
    width = z * np.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    return (max(0.0, float((middle - width) / (1 + spread))),
            min(1.0, float((middle + width) / (1 + spread))))


def summarized(results: Sequence[CaseResult]) -> Summary:
    """All cases count for the rate; medians are over those that were fitted and have a truth."""
    right = [each for each in results if each.right]
    fitted = [each for each in results if each.seconds]
    close = [each.closeness for each in results if each.closeness is not None]
    people = [each for each in right if each.score is not None]
    return Summary(
        Share(len(results), len(right), *wilson(len(right), len(results))),
        *(_median([getattr(each.score, name) for each in results if each.score is not None])
          for name in ("v2v_mm", "p95_mm", "hands_mm", "joints_mm")),
        surface_mm=_median([each.avatar_to_truth.median for each in close]),
        fingers_mm=_median([each.fingers_mm for each in close if each.fingers_mm is not None]),
        seconds=_median([each.total_seconds for each in fitted]),
        peak_mib=_median([each.peak_mib for each in fitted]),
        wrong_yet_good=sum(each.verdict == "good" and not each.right for each in results),
        right_called_good=(float(np.mean([each.verdict == "good" for each in people]))
                           if people else None),
        with_flips=sum(each.flipped > 0 for each in close),
        with_folds=sum(each.folded > 0 for each in close),
        crossing=_median([each.crossing for each in close]),
        girth_bias_mm=_girths(right, np.asarray), girth_mae_mm=_girths(right, np.abs),
        stage_seconds=_stages(fitted), kinds=_kinds(results))


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None


def _girths(results: Sequence[CaseResult], of: np.ufunc) -> dict[str, float]:
    close = [each.closeness for each in results if each.closeness is not None]
    return {name: float(np.mean(of([each.girths_mm[name] for each in close])))
            for name in (close[0].girths_mm if close else ())}


def _stages(fitted: Sequence[CaseResult]) -> dict[str, float]:
    names = dict.fromkeys(name for each in fitted for name in each.seconds)
    return {name: float(np.median([each.seconds.get(name, 0.0) for each in fitted]))
            for name in names}


def _kinds(results: Sequence[CaseResult]) -> dict[str, Summary]:
    kinds = sorted({each.kind for each in results})
    if len(kinds) < 2:
        return {}
    return {kind: summarized([each for each in results if each.kind == kind]) for kind in kinds}
