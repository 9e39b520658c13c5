"""Which of two likely units a file is in, by the build of who is in it.

By the height alone a small child in centimetres is as likely as a tall adult in inches; but no
child has the proportions of an adult.
"""

import numpy as np

from likeness.core.progress import Progress
from likeness.jobs.solving import use_same_threads
from likeness.scans.scan import Choice, Scan, kept
from likeness.scans.units import WORDS, rescaled

_POINTS = 300_000  # of a cloud tell enough


def likeliest_unit(scan: Scan, progress: Progress) -> Choice:
    """That of the likely units of a scan in which somebody of usual proportions fits it.

    Takes a second for each unit, a few where the scan shows other things as well.
    """
    from likeness.bodies.library import find_body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.pipeline import find_pose
    from likeness.fitting.seen import see

    use_same_threads()
    body, settings, some = find_body("open"), FitSettings("none", device="cpu"), _fewer(scan)

    def oddness(unit: str) -> float:
        progress("start", 0.0)
        return find_pose(see(rescaled(some, unit))[1], body, settings, progress).build_norm

    unit = min((scan.unit.value, *scan.unit.rivals), key=oddness)
    return Choice(unit, f"{scan.unit.reason} The proportions speak for {WORDS[unit]}.")


def _fewer(scan: Scan) -> Scan:
    if scan.is_mesh or len(scan.vertices) <= _POINTS:
        return scan
    return kept(scan, np.arange(len(scan.vertices)) % -(-len(scan.vertices) // _POINTS) == 0)
