"""A scan as the stages of a fit see it: with normals, averaged over small cells."""

from dataclasses import dataclass
from functools import cached_property

from likeness.fitting.recipes import COARSE_CELL_M, FINE_CELL_M
from likeness.fitting.target import Target, cell_averages
from likeness.scans.normals import with_normals
from likeness.scans.scan import Scan


@dataclass(frozen=True, eq=False)
class Seen:
    """The scan as it came and with normals, averaged finely, and that averaged coarsely."""

    source: Scan
    scan: Scan
    fine: Target
    coarse: Target

    @cached_property
    def trusted(self) -> Target:
        """The fine averages with normals that count as far as they can be trusted."""
        brought_none = self.source.normals is None and not self.source.is_mesh
        return self.fine.doubting_normals() if brought_none else self.fine


def see(scan: Scan) -> Seen:
    """Average a scan, with normals found where it has none."""
    whole = with_normals(scan)
    assert whole.normals is not None
    fine = cell_averages(whole.vertices, whole.normals, FINE_CELL_M)
    return Seen(scan, whole, fine, cell_averages(fine.points, fine.normals, COARSE_CELL_M))
