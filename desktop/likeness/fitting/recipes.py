"""The recipes: one energy; the schedule is the same for all, the stiffness is the level's."""

from dataclasses import replace

from likeness.fitting.fit import FitSettings
from likeness.fitting.refine import Stiffness
from likeness.fitting.solver import Schedule

BODY = tuple(range(22))  # the joints that all of the SMPL family share; the rest are hands and face

COARSE_POINTS, MIDDLE_POINTS = 900, 3000
# How far apart a solver's vertices are, in metres: on the body, on the hands.
COARSE_SPREAD, MIDDLE_SPREAD = (0.055, 0.05), (0.03, 0.025)
FINE_SPREAD, ALONE_SPREAD = (0.02, 0.006), (0.02, 0.009)
RESEED_POINTS = 2000
FIRST_POINTS = 20_000  # of all fine steps but the last; those that follow a repair see all
KEPT = 4  # candidates that survive the coarse steps
# Where nothing else explains the scan: points that tell which starts are worth a few steps, how
# many are for each axis, how many of what comes out are tried, with trunks so many radians apart.
SEARCH_POINTS, SEARCHED, TRIED, APART = 450, 12, 4, 1.0

COARSE = Schedule(steps=8, joints=BODY, shapes=8, reach=(0.5, 0.12), normal_scale=(0.25, 0.15),
                  trust=(1e3, 1e4), sliding=0.3, halving=(3, 5))
SEARCH = replace(COARSE, halving=(3, 6))
# So far to the data that a limb stays where it was put if there is scan.
RESEED = Schedule(steps=5, joints=BODY, shapes=8, reach=(0.3, 0.1), normal_scale=(0.25, 0.15),
                  trust=(1e5, 1e5), sliding=0.3)
RESEED_MIDDLE = Schedule(steps=6, joints=BODY, shapes=8, reach=(0.2, 0.05),
                         normal_scale=(0.15, 0.06), trust=(1e5, 5e5), sliding=0.2)
MIDDLE = Schedule(steps=10, joints=BODY, shapes=30, reach=(0.15, 0.05), normal_scale=(0.12, 0.06),
                  trust=(2e4, 5e5), sliding=0.2, halving=(3, 6))
HOLDING = 9  # the last middle step alone follows limbs that were tried again: wider they let go
SMALL_EXPLAIN = 4.0  # of scans that may show a part of a person alone
BLEND = 3  # which neighbour is nearest changes with the last digit, what is met between them not
FINE_STEPS, ENDING = 14, 12  # from there on all points are seen
SETTLING = 6  # after so many the extremities are tried in other ways,
ROUNDS = 3  # and in the end so many times those that fit badly,
FINGER_ROUNDS = 3  # and fingers: one often has to leave the place of another first
CLEARLY_DOUBTED = 1.1  # times as far off as usual: the arm itself may be elsewhere
STILL_DOUBTED, DENSE = 1.2, 300  # then a hand's fingers are 12 mm off and more, if so many points
MOVED = 0.15  # radians that a joint of an extremity must turn for the rest to follow
CONTACT = 20.0  # what fingers in each other weigh, against the scan

# An extremity alone: the priors may draw fingers out of the places of others, or must not draw back
# a hand that is turned as few are.
LIKELY = Schedule(steps=7, joints=(), shapes=0, reach=(0.04, 0.012), normal_scale=(0.05, 0.02),
                  trust=(3e4, 3e6), sliding=0.05, contact=CONTACT, anchored=True)
UNLIKELY = replace(LIKELY, trust=(1e6, 1e7))
FINGER = replace(LIKELY, trust=(3e6, 1e7))  # a small part of a hand


# In the end nothing far counts: wider, a toe or a fold of cloth draws the body along, narrower,
# fingers are lost.
LAST_REACH_M = 0.015
# Cloth is seldom drawn in and often hangs off: pulls outwards count little, and in full only those
# over a few millimetres, or bare people would come out too slim.
INSIDE_OUTWARDS, INSIDE_CLINGING_M = 0.15, 0.006
INSIDE_LEVELS = ("none", "low")


def stays_inside(settings: FitSettings) -> bool:
    """Whether the body is to stay inside what may be cloth: as asked for, and at coarse levels."""
    return settings.clothed or settings.refinement in INSIDE_LEVELS


def fine(joints: int, shapes: int, inside: bool) -> Schedule:
    """The last schedule: every joint and every shape component of the body."""
    schedule = Schedule(steps=FINE_STEPS, joints=tuple(range(joints)), shapes=shapes,
                        reach=(0.08, LAST_REACH_M), normal_scale=(0.05, 0.03), trust=(5e5, 2e8),
                        sliding=0.01, blend=BLEND, contact=CONTACT)
    if not inside:
        return schedule
    return replace(schedule, outwards=INSIDE_OUTWARDS, clinging=INSIDE_CLINGING_M)


# "none" has no entry: it leaves the shape space only where skin meets itself.
STIFFNESS = {
    "low": Stiffness(stretch=0.06, bend=0.05, reach=(0.02, 0.01), rounds=3, fade=0.05),
    "standard": Stiffness(stretch=0.02, bend=0.02, reach=(0.025, 0.012), rounds=4),
    "high": Stiffness(stretch=0.005, bend=0.008, reach=(0.025, 0.012), rounds=5),
}
