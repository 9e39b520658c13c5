"""How the Check step looks: which surface is drawn in which colour. No widgets, no VTK."""

import numpy as np
from jaxtyping import UInt8

from likeness.gui.checking import Checking, Fate
from likeness.gui.scan_layer import Look
from likeness.jobs.protocol import FindingLine

# Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008, Color
# universal design); the avatar is blue already, so its blue is left for the selection.
VERMILION, ORANGE, SKY, GREEN, PURPLE = "#d55e00", "#e69f00", "#56b4e9", "#009e73", "#cc79a7"
SELECTION, HIGHLIGHT = "#0072b2", "#f0e442"
_KINDS = {"internal": VERMILION, "internal-connected": VERMILION, "extra-layer": ORANGE,
          "floor": SKY, "floater": GREEN}
_COLOURS = (VERMILION, ORANGE, SKY, GREEN, PURPLE, HIGHLIGHT, SELECTION)


def colour_of(finding: FindingLine) -> str:
    """The colour of a finding's surface, like "#d55e00"."""
    return _KINDS.get(finding.kind, PURPLE)


def palette() -> UInt8[np.ndarray, "P 3"]:
    """The colours by tint; the first is not used."""
    rows = [bytes.fromhex(each[1:]) for each in ("#000000", *_COLOURS)]
    return np.array([list(row) for row in rows], np.uint8)


def look_of(check: Checking) -> Look:
    """What is drawn while checking: open findings, the highlighted one, the selection."""
    tint = np.zeros(len(check.marks.removed), np.uint8)
    for each in check.flagged():
        if check.fate(each) is Fate.OPEN and not _hides(each, check.hovered):
            tint[each.members] = _tint(colour_of(each))
    tint[~check.marks.shown] = 0
    tint[check.marks.selected] = _tint(SELECTION)
    if check.hovered is not None:  # also what is removed: where was it?
        tint[check.hovered.members] = _tint(HIGHLIGHT)
    return Look(check.marks.shown, tint, palette())


def plain_look(check: Checking) -> Look:
    """What is drawn otherwise: all that will be fitted."""
    return Look(~check.marks.removed, np.zeros(len(check.marks.removed), np.uint8), palette())


def _hides(layer: FindingLine, finding: FindingLine | None) -> bool:
    """Whether a layer over the body must be glass as well, for a finding inside to be seen."""
    return (layer.kind == "extra-layer" and finding is not None
            and finding.kind.startswith("internal"))


def _tint(colour: str) -> int:
    return _COLOURS.index(colour) + 1
