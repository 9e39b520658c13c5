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
    """A stage and what it does, as a choice that people read."""

    words: str
    stage: Stage


# Findings come first and are chosen one by one: they belong to one scan, so they are no row here.
STAGES = {
    "floor": Cleanup("Remove the floor", RemoveFloor()),
    "floaters": Cleanup("Remove floating bits", RemoveFloaters()),
    "layers": Cleanup("Merge the layers", MergeLayers()),
    "outwards": Cleanup("Turn all triangles outwards", FixOrientation()),
    "holes": Cleanup("Fill small holes", FillHoles()),
    "fewer": Cleanup("Reduce to a million", Decimate()),
}

# Those that take nothing away; none of them runs unless asked for.
MENDS = ("layers", "outwards", "holes")


def run_stages(scan: Scan, stages: Sequence[Stage], progress: Progress) -> Cleaned:
    """One stage after the other; what each removed or changed, in order."""
    removed: tuple[str, ...] = ()
    progress("clean", 0.0)
    for k, stage in enumerate(stages):
        scan, told = (done := stage(scan)).scan, done.removed
        removed += told
        progress("clean", (k + 1) / len(stages))
    return Cleaned(scan, removed)
