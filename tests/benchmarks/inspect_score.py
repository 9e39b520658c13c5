"""How well findings agree with the truth, by area, and what an inspection costs."""

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tests.synthetic.flawed import CONNECTED, SEPARATE, SKIN, UNSURE, Labelled

from likeness.core.progress import silent
from likeness.scans.finding import Finding
from likeness.scans.inspection import inspect_scan
from likeness.scans.scan import Choice, Scan, Source

KINDS = {"internal": SEPARATE, "internal-connected": CONNECTED}
_PEAK = Path("/proc/self/status")


@dataclass(frozen=True)
class Agreement:
    """Areas in square centimetres: flagged and true, flagged only, true only."""

    both: float = 0.0
    flagged_only: float = 0.0
    true_only: float = 0.0

    @property
    def precision(self) -> float | None:
        """Share of the flagged area that is rightly flagged; None where nothing is flagged."""
        flagged = self.both + self.flagged_only
        return self.both / flagged if flagged else None

    @property
    def recall(self) -> float | None:
        """Share of the true area that is flagged; None where there is none."""
        true = self.both + self.true_only
        return self.both / true if true else None

    def __add__(self, other: "Agreement") -> "Agreement":
        """Over both."""
        return Agreement(self.both + other.both, self.flagged_only + other.flagged_only,
                         self.true_only + other.true_only)


@dataclass(frozen=True)
class InspectResult:
    """One scan inspected; `wrong_share` is the flagged share of area that is skin."""

    name: str
    kind: str
    faces: int
    internal: Agreement
    connected: Agreement
    wrong_share: float
    seconds: float
    peak_mib: float | None
    found: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        shares = {f"{name}_{share}": getattr(getattr(self, name), share)
                  for name in ("internal", "connected") for share in ("precision", "recall")}
        return asdict(self) | shares


def as_scan(mesh: Labelled) -> Scan:
    """A labelled mesh as the reader would give it."""
    return Scan(mesh.vertices.astype(np.float32), mesh.faces, Choice("m", ""), Choice("+y", ""),
                Source("", "", len(mesh.vertices), len(mesh.faces)), np.eye(4))


def measured(name: str, kind: str, scan: Scan, label: np.ndarray, area: np.ndarray,
             ) -> tuple[InspectResult, tuple[Finding, ...]]:
    """Inspect and compare; UNSURE faces count for nothing."""
    _reset_peak()
    start = time.perf_counter()
    findings = inspect_scan(scan, silent)
    seconds = time.perf_counter() - start
    agreements = {each: _agreement(findings, each, label, area) for each in KINDS}
    # On skin, whatever is called internal, a second layer or fit for removal is called so wrongly.
    taken = [each for each in findings
             if each.kind in (*KINDS, "extra-layer") or each.action == "remove"]
    flagged = _flagged(taken, {each.kind for each in taken}, len(label)) & (label == SKIN)
    wrong = float(area[flagged].sum() / area[label == SKIN].sum())
    return InspectResult(
        name, kind, len(label), agreements["internal"], agreements["internal-connected"], wrong,
        seconds, _peak_mib(), tuple(f"{each.kind}: {each.name}" for each in findings)), findings


def _agreement(findings: Sequence[Finding], kind: str, label: np.ndarray,
               area: np.ndarray) -> Agreement:
    flagged = _flagged(findings, (kind,), len(label))
    true, counts = label == KINDS[kind], label != UNSURE
    return Agreement(*(float(area[each & counts].sum()) * 1e4 for each in
                       (flagged & true, flagged & ~true, ~flagged & true)))


def _flagged(findings: Sequence[Finding], kinds: Collection[str], count: int) -> np.ndarray:
    mask = np.zeros(count, bool)
    for each in findings:
        if each.kind in kinds:
            mask[each.faces] = True
    return mask


def _reset_peak() -> None:
    """Linux forgets the peak when told to; elsewhere it is not measured."""
    if _PEAK.is_file():
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float | None:
    if not _PEAK.is_file():
        return None
    line = next(each for each in _PEAK.read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def summed(results: Sequence[InspectResult], name: str) -> Agreement:
    """`internal` or `connected` over several scans, by area."""
    return sum((getattr(each, name) for each in results), Agreement())


_HEADING = (f"{'case':22s} {'faces':>9s} {'separate P':>10s} {'R':>6s} {'connected P':>11s} "
            f"{'R':>6s} {'wrong':>7s} {'sec':>5s} {'MiB':>6s}")


def table(results: Sequence[InspectResult]) -> str:
    """A line a case, then a line a kind."""
    kinds = list(dict.fromkeys(each.kind for each in results))
    groups = [(kind, [each for each in results if each.kind == kind]) for kind in kinds]
    return "\n".join([_HEADING, *(_line(each.name, [each]) for each in results),
                      "-" * len(_HEADING), *(_line(*group) for group in groups),
                      _line("all", list(results))])


def _line(name: str, results: list[InspectResult]) -> str:
    internal, connected = (summed(results, each) for each in ("internal", "connected"))
    peaks = [each.peak_mib for each in results if each.peak_mib is not None]
    return (f"{name:22s} {max(each.faces for each in results):9,d} "
            f"{_share(internal.precision):>10s} {_share(internal.recall):>6s} "
            f"{_share(connected.precision):>11s} {_share(connected.recall):>6s} "
            f"{100 * float(np.mean([each.wrong_share for each in results])):6.3f}% "
            f"{max(each.seconds for each in results):5.1f} "
            f"{max(peaks) if peaks else float('nan'):6.0f}")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
