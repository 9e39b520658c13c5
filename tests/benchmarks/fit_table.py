"""The results of fits in numbers a person compares: a line a case, a line a set."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from tests.benchmarks.fit_case import CaseResult

_HEADING = (f"{'case':24s} {'right':5s} {'v2v':>6s} {'p95':>6s} {'hands':>6s} {'joints':>6s} "
            f"{'turned':>6s} {'s->a':>5s} {'a->s':>5s} {'verdict':8s} {'sec':>6s} {'MiB':>5s}")


@dataclass(frozen=True)
class Summary:
    """A set's share of right results with its 95 % Wilson interval, and medians."""

    cases: int
    right: int
    low: float
    high: float
    v2v_mm: float | None
    p95_mm: float | None
    hands_mm: float | None
    joints_mm: float | None
    seconds: float | None
    peak_mib: float | None
    wrong_yet_good: int

    @property
    def rate(self) -> float:
        """Share that is right."""
        return self.right / self.cases

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self) | {"rate": self.rate}


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which the true rate lies with 95 % confidence (Wilson 1927)."""
    rate, spread = successes / trials, z * z / trials
    middle = rate + spread / 2
    width = z * np.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    return (max(0.0, float((middle - width) / (1 + spread))),
            min(1.0, float((middle + width) / (1 + spread))))


def summarized(results: Sequence[CaseResult]) -> Summary:
    """All cases count for the rate; medians are over those that were fitted and have a truth."""
    right = sum(each.right for each in results)
    scores = [each.score for each in results if each.score is not None]
    fitted = [each for each in results if each.seconds]
    return Summary(
        len(results), right, *wilson(right, len(results)),
        *(_median([getattr(each, name) for each in scores])
          for name in ("v2v_mm", "p95_mm", "hands_mm", "joints_mm")),
        seconds=_median([each.total_seconds for each in fitted]),
        peak_mib=_median([each.peak_mib for each in fitted]),
        wrong_yet_good=sum(each.verdict == "good" and not each.right for each in results))


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None


def table(results: Sequence[CaseResult]) -> str:
    """A line a case."""
    return "\n".join([_HEADING, *(_line(each) for each in results)])


def _line(result: CaseResult) -> str:
    start = f"{result.name[:24]:24s} {'yes' if result.right else 'NO':5s}"
    end = f"{result.verdict:8s} {result.total_seconds:6.1f} {result.peak_mib:5.0f}"
    distances = f"{_number(result.scan_to_avatar_mm):>5s} {_number(result.avatar_to_scan_mm):>5s}"
    score = result.score
    if score is None:
        return f"{start} {'':34s} {distances} {end}"
    numbers = " ".join(f"{each:6.1f}" for each in (
        score.v2v_mm, score.p95_mm, score.hands_mm, score.joints_mm, score.turned_degrees))
    doubts = [*(f"swapped {pair}" for pair in score.swapped),
              *(f"lost {limb}" for limb in score.lost)]
    return f"{start} {numbers} {distances} {end}  {', '.join(doubts)}".rstrip()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def sentence(name: str, summary: Summary) -> str:
    """A set in one line."""
    text = (f"{name}: {summary.right} of {summary.cases} right "
            f"({100 * summary.low:.0f} to {100 * summary.high:.0f} % with 95 % confidence)")
    if summary.v2v_mm is not None:
        text += (f"; medians: v2v {summary.v2v_mm:.1f} mm, p95 {summary.p95_mm:.1f}, "
                 f"hands {summary.hands_mm:.1f}, joints {summary.joints_mm:.1f}")
    if summary.seconds is not None:
        text += f"; {summary.seconds:.1f} s, {summary.peak_mib:.0f} MiB"
    return f"{text}; wrong yet called good: {summary.wrong_yet_good}"


def compared(now: dict, before: dict) -> str:
    """What changed against an earlier JSON of this benchmark, over the cases both have."""
    lines = []
    for name in (each for each in now["sets"] if each in before["sets"]):
        old = {case["name"]: case for case in before["sets"][name]["cases"]}
        both = [(old[case["name"]], case) for case in now["sets"][name]["cases"]
                if case["name"] in old]
        rights = [sum(pair[k]["right"] for pair in both) for k in (0, 1)]
        lines.append(f"{name}: {rights[0]} -> {rights[1]} right of {len(both)} in both")
        scored = [(a["score"]["v2v_mm"], b["score"]["v2v_mm"], b["name"])
                  for a, b in both if a["score"] and b["score"]]
        if scored:
            medians = np.median([pair[:2] for pair in scored], axis=0)
            lines.append(f"  median v2v {medians[0]:.2f} -> {medians[1]:.2f} mm")
        changes = sorted(scored, key=lambda each: -abs(each[1] - each[0]))[:5]
        lines += [f"  {case:24s} {a:7.1f} -> {b:7.1f} mm" for a, b, case in changes
                  if abs(b - a) > 0.5]
    return "\n".join(lines) or "No set in common with the earlier result."
