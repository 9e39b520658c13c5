"""Sets of scans with known truth, made once and kept: who, in which pose, scanned how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from tests.synthetic.clutter import Shot
from tests.synthetic.files import METRES, FileFrame, Truth, write_ply
from tests.synthetic.messy import MESSY_COUNT, Mess, mess_of, messed
from tests.synthetic.poses import ARMS, RELAXED, Pose, lowered, mocap_pose, standing_pose
from tests.synthetic.posing import Posed, pose_subject, soft_tissue, vertex_normals
from tests.synthetic.scanner import Scanner, scan_person
from tests.synthetic.subjects import FIRST_SEED, ROOT, Anatomy, Subject, load_people

_LIMB_PARTS, _TRUNK_PARTS = (4, 5), (1, 6, 7)  # hands; torso and legs
_LIFT_DEGREES, _LIFTS = 4.0, 8
_DEPTH_M = 0.005  # deeper than skin gives way
_UPS, _ALL_UPS = ("+y", "+z"), ("+y", "+z", "+x", "-y", "-z", "-x")
_FAR_M = 20.0
_FIRST_PEOPLE = 20  # of the standing set: scans of before, whose results stay comparable
MOCAP = ROOT.parent / "shared/data/mocap_poses.npz"


def random_frame(number: int, posed: Posed, draw: np.random.Generator) -> FileFrame:
    """Every unit, one of the two usual axes, any yaw, standing anywhere within a metre."""
    unit = tuple(METRES)[number % len(METRES)]
    up = _UPS[number // len(METRES) % len(_UPS)]
    offset = draw.uniform(-1.0, 1.0, 3) - (0.0, posed.vertices[:, 1].min(), 0.0)
    return FileFrame(unit, up, float(draw.uniform(-np.pi, np.pi)), tuple(offset))


def far_frame(number: int, posed: Posed, draw: np.random.Generator) -> FileFrame:
    """Every unit and axis in turn, any yaw, `_FAR_M` from the origin in any direction."""
    unit = tuple(METRES)[number % len(METRES)]
    up = _ALL_UPS[number // len(METRES) % len(_ALL_UPS)]
    away = draw.normal(size=3)
    away *= _FAR_M / np.linalg.norm(away)
    return FileFrame(unit, up, float(draw.uniform(-np.pi, np.pi)),
                     tuple(away - posed.joints[0]))


@dataclass(frozen=True)
class PeopleSet:
    """A set: `count` people from `first_seed` on, each in a pose of its own.

    From the number `denser_from` on scans have up to twice the scanner's points. A `mess` brings
    its own scanner.
    """

    name: str
    count: int
    first_seed: int
    pose: Callable[[int, np.random.Generator], Pose]
    scanner: Scanner = field(default_factory=Scanner)
    frame: Callable[[int, Posed, np.random.Generator], FileFrame] = random_frame
    lift_arms: bool = False
    denser_from: int | None = None
    mess: Callable[[int], Mess] | None = None


@dataclass(frozen=True)
class Example:
    """A scan file and the truth about it; None where it shows no person.

    `kind` is what is special about it, in a set of several kinds.
    """

    name: str
    scan: Path
    truth: Path | None
    kind: str = ""


def _standing(number: int, draw: np.random.Generator) -> Pose:
    if number < _FIRST_PEOPLE:
        return standing_pose(draw, ARMS[number % len(ARMS)])
    return _any_standing(number, draw)


def _any_standing(number: int, draw: np.random.Generator) -> Pose:
    arms = (RELAXED, *ARMS)
    # Against the quarters in which units go round, so that no unit has one pose alone.
    return standing_pose(draw, arms[(number + number // len(arms)) % len(arms)])


def _mocap(_: int, draw: np.random.Generator) -> Pose:
    with np.load(MOCAP, allow_pickle=False) as file:
        recorded = file["poses"]
    return mocap_pose(recorded[draw.integers(len(recorded))], draw)


SETS = {each.name: each for each in (
    PeopleSet("standing", 40, FIRST_SEED, _standing, lift_arms=True, denser_from=_FIRST_PEOPLE),
    PeopleSet("poses", 100, FIRST_SEED + 1000, _mocap),
    PeopleSet("messy", MESSY_COUNT, FIRST_SEED + 3000, _any_standing, lift_arms=True, mess=mess_of),
    PeopleSet("anyframe", 48, FIRST_SEED + 2000, _any_standing, frame=far_frame, lift_arms=True),
)}


def make_set(people: PeopleSet, numbers: Sequence[int], cache: Path) -> list[Example]:
    """The scans of a set that have these numbers, from the cache or made now."""
    folder = cache / people.name
    folder.mkdir(parents=True, exist_ok=True)
    files = {n: (folder / f"scan_{n:02d}.ply", folder / f"scan_{n:02d}_truth.npz")
             for n in numbers}
    missing = [n for n in numbers if not all(file.is_file() for file in files[n])]
    if missing:
        anatomy, subjects = load_people([people.first_seed + n for n in missing], cache)
        for n, subject in zip(missing, subjects, strict=True):
            _make(people, n, anatomy, subject, *files[n])
    kinds = {n: people.mess(n).kind if people.mess else "" for n in numbers}
    return [Example("_".join(filter(None, (people.name, f"{n:02d}", kinds[n]))), *files[n],
                    kinds[n]) for n in numbers]


def _make(people: PeopleSet, number: int, anatomy: Anatomy, subject: Subject,
          scan: Path, truth: Path) -> None:
    draw = np.random.default_rng(people.first_seed + number)
    mess = people.mess(number) if people.mess else None
    pose = people.pose(number, draw)
    if mess and mess.raised_degrees:
        pose = lowered(pose, -mess.raised_degrees)
    posed = _apart(anatomy, subject, pose, soft_tissue(anatomy, subject, draw),
                   _LIFTS if people.lift_arms else 0)
    frame = people.frame(number, posed, draw)
    if mess:
        shot = messed(anatomy, subject, posed, mess, draw)
    else:
        shot = Shot(scan_person(anatomy, posed, _scanner(people, number, draw), draw), anatomy,
                    posed)
    replace(truth_of(anatomy, posed, frame), seen=shot.seen).store(truth)
    write_ply(scan, frame.placed(shot.surface.vertices) / METRES[frame.unit], shot.surface.faces)


def _apart(anatomy: Anatomy, subject: Subject, pose: Pose, offsets: np.ndarray,
           lifts: int) -> Posed:
    """Posed, the arms lifted a little at a time while the hands are in the body."""
    posed = pose_subject(anatomy, subject, pose, offsets)
    for _ in range(lifts):
        if not hands_in_body(anatomy, posed):
            break
        pose = lowered(pose, -_LIFT_DEGREES)
        posed = pose_subject(anatomy, subject, pose, offsets)
    return posed


def _scanner(people: PeopleSet, number: int, draw: np.random.Generator) -> Scanner:
    scanner = people.scanner
    if people.denser_from is None or number < people.denser_from:
        return scanner
    return replace(scanner, points=int(scanner.points * draw.uniform(1.0, 2.0)))


def hands_in_body(anatomy: Anatomy, posed: Posed) -> bool:
    """Whether a hand has sunk into torso or legs, as no scanned person's does."""
    normals = vertex_normals(posed.vertices, anatomy.faces)
    trunk = np.flatnonzero(np.isin(anatomy.parts, _TRUNK_PARTS))
    hands = posed.vertices[np.isin(anatomy.parts, _LIMB_PARTS)]
    distance, near = cKDTree(posed.vertices[trunk]).query(hands)
    near = trunk[near]
    outside = ((hands - posed.vertices[near]) * normals[near]).sum(axis=1)
    return bool(((outside < -_DEPTH_M) & (distance < 0.1)).any())


def truth_of(anatomy: Anatomy, posed: Posed, frame: FileFrame) -> Truth:
    """What the file holds, exactly."""
    left, right = posed.joints[1], posed.joints[2]
    facing = np.cross(left - right, posed.joints[12] - posed.joints[0])
    return Truth(
        vertices=frame.placed(posed.vertices).astype(np.float32),
        joints=frame.placed(posed.joints),
        facing=frame.turn @ facing / np.linalg.norm(facing),
        up=frame.turn @ np.array((0.0, 1.0, 0.0)),
        metres_per_unit=np.array(METRES[frame.unit]),
        interior=anatomy.interior, parts=anatomy.parts)
