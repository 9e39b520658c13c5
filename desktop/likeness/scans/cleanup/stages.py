"""The stages of a cleanup, in order, as a person or a recipe chooses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from likeness.core.progress import Progress
from likeness.scans.cleanup.layers import MergeLayers
from likeness.scans.cleanup.mending import FillHoles, FixOrientation
from likeness.scans.cleanup.removal import Cleaned, RemoveFloaters, RemoveFloor
from likeness.scans.cleanup.thinning import Decimate
from likeness.scans.scan import Scan

Stage = Callable[[Scan], Cleaned]


@dataclass(frozen=True)
class Cleanup:
    """A stage with its name in words and whether it runs unless asked not to."""

    name: str
    stage: Stage
    default: bool = True


# Findings come first and are chosen one by one: they belong to one scan, so they are no row here.
STAGES = (
    Cleanup("remove the floor", RemoveFloor()),
    Cleanup("remove floating bits", RemoveFloaters()),
    Cleanup("one layer where there are several", MergeLayers(), default=False),
    Cleanup("turn faces outwards", FixOrientation()),
    Cleanup("fill small holes", FillHoles(), default=False),
    Cleanup("at most a million faces", Decimate(), default=False),
)


def run_stages(scan: Scan, stages: Sequence[Stage], progress: Progress) -> Cleaned:
    """One stage after the other; what each removed or changed, in order."""
    removed: tuple[str, ...] = ()
    for k, stage in enumerate(stages):
        progress("clean", k / len(stages))
        scan, told = (done := stage(scan)).scan, done.removed
        removed += told
    progress("clean", 1.0)
    return Cleaned(scan, removed)
