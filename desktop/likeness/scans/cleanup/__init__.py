"""Cleaning a scan: stages from one scan to the next, each of which says what it changed."""

from likeness.scans.cleanup.layers import MergeLayers
from likeness.scans.cleanup.mending import FillHoles, FixOrientation
from likeness.scans.cleanup.removal import (
    CERTAIN,
    Cleaned,
    RemoveChosen,
    RemoveFindings,
    RemoveFloaters,
    RemoveFloor,
)
from likeness.scans.cleanup.saving import save_scan
from likeness.scans.cleanup.stages import MENDS, STAGES, Cleanup, run_stages
from likeness.scans.cleanup.thinning import Decimate

__all__ = ["CERTAIN", "MENDS", "STAGES", "Cleaned", "Cleanup", "Decimate", "FillHoles",
           "FixOrientation", "MergeLayers", "RemoveChosen", "RemoveFindings", "RemoveFloaters",
           "RemoveFloor", "run_stages", "save_scan"]
