"""What is wrong with each of the messy scans: clothes, hair, ground, noise, layers, one side only.

The truth stays the bare person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tests.synthetic.clothes import Figure, Garment, Skirt, hanging, shell, worn
from tests.synthetic.clutter import (
    Shot,
    Spoiler,
    front_only,
    thinned_out,
    with_ground,
    with_layer,
    with_strays,
)
from tests.synthetic.hair import Hair, grown
from tests.synthetic.posing import Posed
from tests.synthetic.scanner import Scanner, scan_person
from tests.synthetic.subjects import Anatomy, Subject

Wear = Garment | Skirt | Hair
_POINTS, _FEW = 300_000, 5_000


@dataclass(frozen=True)
class Mess:
    """What the person wears, how the scanner is, what then spoils the scan.

    Arms are held `raised_degrees` further off what is worn than bare people hold them.
    """

    kind: str
    wears: Sequence[Wear] = ()
    scanner: Scanner = field(default_factory=lambda: Scanner(_POINTS))
    spoilers: Sequence[Spoiler] = ()
    raised_degrees: float = 0.0


def dressed(anatomy: Anatomy, subject: Subject, posed: Posed, wears: Sequence[Wear],
            draw: np.random.Generator) -> Figure:
    """The person with everything worn over the skin; below it the scanner sees nothing."""
    figure = Figure(anatomy, posed)
    for wear in wears:
        if isinstance(wear, Skirt):
            cloth = hanging(anatomy, posed, wear, draw)
        elif isinstance(wear, Hair):
            cloth = grown(anatomy, subject, posed, wear, draw)
        else:
            cloth = shell(anatomy, subject, posed, wear, draw)
        figure = worn(figure, cloth)
    return figure


def messed(anatomy: Anatomy, subject: Subject, posed: Posed, mess: Mess,
           draw: np.random.Generator) -> Shot:
    """The scan of the person with all that is wrong with it."""
    figure = dressed(anatomy, subject, posed, mess.wears, draw)
    surface = scan_person(figure.anatomy, figure.posed, mess.scanner, draw)
    shot = Shot(surface, anatomy, posed)
    for spoil in mess.spoilers:
        shot = spoil(shot, draw)
    return shot


# Garments by the case of a kind; a kind's fifth case would be its first again.
_LOOSE: tuple[tuple[Wear, ...], ...] = (
    (Garment((0.012, 0.035), sleeves=0.8, torso=(-0.25, 2), wrinkle_m=0.006, soft=25),
     Garment((0.012, 0.045), legs=1.85, torso=(-1, 0.25), wrinkle_m=0.007, soft=25)),
    (Garment((0.008, 0.015), sleeves=0.5, torso=(0.2, 2), wrinkle_m=0.003, soft=15),
     Skirt(1.35, 0.45)),
    (Garment((0.02, 0.035), sleeves=1.9, torso=(-0.3, 2), wrinkle_m=0.009, soft=40),
     Garment((0.02, 0.04), legs=1.95, torso=(-1, 0.2), wrinkle_m=0.009, soft=40)),
    (Garment((0.012, 0.05), sleeves=1.7, torso=(0.4, 2), wrinkle_m=0.006, soft=25),
     Skirt(1.7, 0.12, ease_m=0.02, flare=0.08, fold_m=0.025)),
)
_TIGHT: tuple[tuple[Wear, ...], ...] = (
    (Garment((0.003, 0.004), sleeves=0.6, torso=(-0.1, 2), wrinkle_m=0.0012),
     Garment((0.002, 0.003), legs=1.9, torso=(-1, 0.3), wrinkle_m=0.0005)),
    (Garment((0.0015, 0.002), sleeves=1.95, legs=1.95, torso=(-1, 2), wrinkle_m=0.0004),),
    (Garment((0.005, 0.008), sleeves=1.9, torso=(-0.1, 2), wrinkle_m=0.002, soft=6),
     Garment((0.004, 0.006), legs=1.95, torso=(-1, 0.3), wrinkle_m=0.0015, soft=4)),
    (Garment((0.003, 0.004), torso=(0.3, 0.85), wrinkle_m=0.0006),
     Garment((0.004, 0.007), legs=0.6, torso=(-1, 0.3), wrinkle_m=0.0015, soft=4)),
)
_HAIR = (Hair(0.022), Hair(0.016, length_m=0.42), Hair(0.065, rough_m=0.006),
         Hair(0.012, bun=0.05))


def _loose(case: int) -> Mess:
    return Mess("loose", _LOOSE[case], raised_degrees=12.0)


def _tight(case: int) -> Mess:
    return Mess("tight", _TIGHT[case])


def _hairy(case: int) -> Mess:
    return Mess("hair", (_HAIR[case],), Scanner(_POINTS, 0.0015))


def _layered(case: int) -> Mess:
    share = (0.35, 0.4, 0.6, 0.55)[case]
    return Mess("layers", spoilers=(with_layer((0.01, 0.02), share, bool(case % 2)),))


def _front(_: int) -> Mess:
    return Mess("front", spoilers=(front_only,))


def _noisy(_: int) -> Mess:
    return Mess("noise", scanner=Scanner(_POINTS, 0.003))


def _grounded(case: int) -> Mess:
    return Mess("ground", spoilers=(with_ground(case),))


def _stray(case: int) -> Mess:
    return Mess("outliers", spoilers=(with_strays(0.1, as_points=case % 2 == 0),))


def _sparse(_: int) -> Mess:
    return Mess("sparse", scanner=Scanner(60_000, 0.002), spoilers=(thinned_out(_FEW),))


def _mixed(case: int) -> Mess:
    """As a phone scans a visitor: clothed, haired, on the floor, noisy, a few strays."""
    wears = (*_LOOSE[(0, 1, 2, 3)[case]], _HAIR[(1, 3, 0, 2)[case]])
    return Mess("mixed", wears, Scanner(_POINTS, 0.002),
                (with_ground((0, 1, 3, 0)[case]), with_strays(0.02, as_points=False)), 12.0)


_KINDS: tuple[Callable[[int], Mess], ...] = (
    _loose, _hairy, _layered, _front, _noisy, _grounded, _stray, _sparse, _tight, _mixed)
MESSY_COUNT = 4 * len(_KINDS)


def mess_of(number: int) -> Mess:
    """All kinds in turn, each run beginning one kind later, so that a tenth has several kinds."""
    run, place = divmod(number % MESSY_COUNT, len(_KINDS))
    return _KINDS[(place + run) % len(_KINDS)](run)
