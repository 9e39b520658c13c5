"""Many scans fitted in processes of their own; a crash is a result of one case, not of the run."""

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.fit_case import CaseResult, measure_case
from tests.synthetic.people import Example

from likeness.jobs.protocol import FitScan


def run_cases(examples: Sequence[Example], avatars: Sequence[Path],
              requests: Sequence[FitScan], jobs: int) -> list[CaseResult]:
    """A result an example, each with its request, in order; a dot on stderr as each is done.

    Not in this process, whose own memory would count as the fit's.
    """
    with _pool(jobs) as pool:
        calls = [pool.submit(measure_case, example, request, avatar)
                 for example, request, avatar in zip(examples, requests, avatars, strict=True)]
        for call in calls:
            call.exception()
            print(".", end="", file=sys.stderr, flush=True)
    results = []
    for example, request, avatar, call in zip(examples, requests, avatars, calls, strict=True):
        if isinstance(call.exception(), BrokenProcessPool):
            # One of them took the process down, and all that were waiting for it: each alone.
            with _pool(1) as pool:
                call = pool.submit(measure_case, example, request, avatar)
        results.append(_result(example, call))
    print(file=sys.stderr)
    return results


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, get_context("spawn"))


def _result(example: Example, call: "Future[CaseResult]") -> CaseResult:
    error = call.exception()
    if error is None:
        return call.result()
    reason = f"{type(error).__name__}: {error}"
    return CaseResult(example.name, "crashed", (reason,), right=False, kind=example.kind)
