"""Which of two likely units a file is in, by the build of who is in it.

By the height alone a small child in centimetres is as likely as a tall adult in inches; but no
child has the proportions of an adult.
"""

from likeness.core.progress import Progress
from likeness.scans.scan import Scan
from likeness.scans.units import rescaled


def in_likeliest_unit(scan: Scan, progress: Progress) -> Scan:
    """The scan in that of its likely units in which somebody of usual proportions fits it.

    Takes a second for each unit, a few where the scan shows other things as well.
    """
    from likeness.bodies.library import find_body
    from likeness.fitting.fit import FitSettings
    from likeness.fitting.pipeline import find_pose
    from likeness.fitting.seen import see

    body, settings = find_body("open"), FitSettings("none", device="cpu")
    sized = [rescaled(scan, unit) for unit in (scan.unit.value, *scan.unit.rivals)]
    return min(sized, key=lambda each: find_pose(see(each)[1], body, settings, progress).build_norm)
