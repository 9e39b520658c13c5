"""A scan as the solver sees it: averaged over small cells, with what may be up."""

from dataclasses import dataclass
from functools import cached_property

from likeness.fitting.target import Target, cell_averages
from likeness.scans.normals import with_normals
from likeness.scans.scan import Choice, Scan

COARSE_CELL_M, FINE_CELL_M = 0.025, 0.008


@dataclass(frozen=True, eq=False)
class Seen:
    """All that a solver needs to know, however large the scan: averages, and what may be up.

    `own_normals` says that they came with the scan.
    """

    fine: Target
    coarse: Target
    up: Choice
    own_normals: bool

    @cached_property
    def bounded(self) -> Target:
        """The fine averages, knowing where the scan ends."""
        return self.fine.knowing_rims()

    @cached_property
    def trusted(self) -> Target:
        """The same with normals that count as far as they can be trusted."""
        return self.bounded if self.own_normals else self.bounded.doubting_normals()


def see(scan: Scan) -> tuple[Scan, Seen]:
    """The scan with normals, found where it has none, and what the solver sees of it."""
    whole = with_normals(scan)
    assert whole.normals is not None
    fine = cell_averages(whole.vertices, whole.normals, FINE_CELL_M,
                         without_strays=not scan.is_mesh)
    coarse = cell_averages(fine.points, fine.normals, COARSE_CELL_M)
    return whole, Seen(fine, coarse, scan.up, scan.is_mesh or scan.normals is not None)
