"""The results of fits in numbers a person compares: a line a case, a few lines a set."""

from collections.abc import Sequence

from tests.benchmarks.fit_case import CaseResult
from tests.benchmarks.fit_summary import Summary, summarized

_HEADING = (f"{'case':24s} {'right':5s} {'v2v':>6s} {'p95':>6s} {'hands':>6s} {'joints':>6s} "
            f"{'turned':>6s} {'surf':>5s} {'fing':>5s} {'flip':>5s} {'fold':>5s} "
            f"{'cross':>5s} {'s->a':>5s} {'a->s':>5s} {'verdict':8s} {'sec':>6s} {'MiB':>5s}")
_GAP = len(_HEADING.partition("right ")[2].partition("  s->a")[0])  # of what needs a truth
_CHANGES, _CHANGED_MM = 5, 0.5
# Medians that are held against an earlier run: name, key of the summary, decimals.
_HELD = (("median v2v", "v2v_mm", 2), ("joints", "joints_mm", 2), ("surface", "surface_mm", 2),
         ("fingers", "fingers_mm", 2), ("seconds", "seconds", 1), ("MiB", "peak_mib", 0),
         ("wrong yet good", "wrong_yet_good", 0), ("right called good", "right_called_good", 3),
         ("with flips", "with_flips", 0), ("with folds", "with_folds", 0),
         ("crossing", "crossing", 0))


def table(results: Sequence[CaseResult]) -> str:
    """A line a case; surf, fing, s->a and a->s are distances in mm as the summary names them."""
    return "\n".join([_HEADING, *(_line(each) for each in results)])


def _line(result: CaseResult) -> str:
    start = f"{result.name[:24]:24s} {'yes' if result.right else 'NO':5s}"
    end = f"{result.verdict:8s} {result.total_seconds:6.1f} {result.peak_mib:5.0f}"
    distances = f"{_number(result.scan_to_avatar_mm):>5s} {_number(result.avatar_to_scan_mm):>5s}"
    score, close = result.score, result.closeness
    if score is None:
        return f"{start} {'':{_GAP}s} {distances} {end}"
    numbers = " ".join(f"{each:6.1f}" for each in (
        score.v2v_mm, score.p95_mm, score.hands_mm, score.joints_mm, score.turned_degrees))
    surface = "" if close is None else _number(close.avatar_to_truth.median)
    fingers = "" if close is None else _number(close.fingers_mm)
    flips, folds, crossing = ("", "", "") if close is None else (
        str(each) for each in (close.flipped, close.folded, close.crossing))
    doubts = [*(f"swapped {pair}" for pair in score.swapped),
              *(f"lost {limb}" for limb in score.lost)]
    return (f"{start} {numbers} {surface:>5s} {fingers:>5s} {flips:>5s} {folds:>5s} "
            f"{crossing:>5s} {distances} "
            f"{end}  {', '.join(doubts)}").rstrip()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def summary_text(name: str, summary: Summary, bar: str = "") -> str:
    """A set in a few lines: how often, how closely, how honestly, at what cost."""
    lines = [sentence(name, summary) + (f". Bar: {bar}." if bar else ".")]
    if summary.girth_bias_mm:
        girths = ", ".join(f"{each} {bias:+.1f} ({summary.girth_mae_mm[each]:.1f})"
                           for each, bias in summary.girth_bias_mm.items())
        lines.append(f"  girths, mm, bias (mean absolute error) of right fits: {girths}")
    if summary.stage_seconds:
        stages = ", ".join(f"{stage} {seconds:.1f}"
                           for stage, seconds in summary.stage_seconds.items())
        lines.append(f"  seconds, medians: {stages}")
    lines += [f"  {sentence(kind or 'plain', each)}" for kind, each in summary.kinds.items()]
    return "\n".join(lines)


def sentence(name: str, summary: Summary) -> str:
    """A set in one line."""
    share = summary.share
    text = (f"{name}: {share.right} of {share.cases} right "
            f"({100 * share.low:.0f} to {100 * share.high:.0f} % with 95 % confidence)")
    if summary.v2v_mm is not None:
        text += (f"; medians: v2v {summary.v2v_mm:.1f} mm, p95 {summary.p95_mm:.1f}, "
                 f"hands {summary.hands_mm:.1f}, joints {summary.joints_mm:.1f}")
    if summary.surface_mm is not None:
        text += f", surface {summary.surface_mm:.2f}, fingers {_number(summary.fingers_mm)}"
    if summary.seconds is not None:
        text += f"; {summary.seconds:.1f} s, {summary.peak_mib:.0f} MiB"
    text += f"; wrong yet called good: {summary.wrong_yet_good}"
    if summary.right_called_good is not None:
        text += f"; right and called good: {100 * summary.right_called_good:.0f} %"
    if summary.crossing is not None:
        text += (f"; with flipped triangles: {summary.with_flips}, folded: {summary.with_folds}; "
                 f"triangles through others: {summary.crossing:.0f} (median)")
    return text


def compared(now: dict, before: dict) -> str:
    """What changed against an earlier JSON of this benchmark, over the cases both have."""
    lines = []
    for name in (each for each in now["sets"] if each in before["sets"]):
        old, new = ({case["name"]: CaseResult.from_json(case)
                     for case in each["sets"][name]["cases"]} for each in (before, now))
        both = [case for case in new if case in old]
        if both:
            lines += _against(name, [old[case] for case in both], [new[case] for case in both])
    return "\n".join(lines) or "No case in common with the earlier result."


def _against(name: str, old: list[CaseResult], new: list[CaseResult]) -> list[str]:
    before, after = summarized(old), summarized(new)
    lines = [f"{name}: {before.share.right} -> {after.share.right} right of {len(new)} in both"]
    for label, key, decimals in _HELD:
        values = getattr(before, key), getattr(after, key)
        if None not in values:
            lines.append(f"  {label:18s} {values[0]:9.{decimals}f} -> {values[1]:9.{decimals}f}")
    lines += [f"  {girth + ' girth error':18s} {before.girth_mae_mm[girth]:9.2f} -> {error:9.2f}"
              for girth, error in after.girth_mae_mm.items() if girth in before.girth_mae_mm]
    scored = [(a.score.v2v_mm, b.score.v2v_mm, b.name) for a, b in zip(old, new, strict=True)
              if a.score and b.score]
    changes = sorted(scored, key=lambda each: -abs(each[1] - each[0]))[:_CHANGES]
    return lines + [f"  {case:24s} {a:7.1f} -> {b:7.1f} mm" for a, b, case in changes
                    if abs(b - a) > _CHANGED_MM]
