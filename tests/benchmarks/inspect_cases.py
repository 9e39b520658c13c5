"""The scans that inspection is measured on: a table of flawed bodies, and clean scans."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tests.synthetic.flawed import (
    Labelled,
    body_pieces,
    helpers,
    merged,
    teeth,
    without_cavities,
)
from tests.synthetic.flawed_limbs import FEW, MANY, limb_shells, parts_of_skin
from tests.synthetic.flawed_mesh import Damage, coarser, damaged, finer
from tests.synthetic.people import MOCAP, hands_in_body
from tests.synthetic.poses import ARMS, Pose, lowered, mocap_pose, standing_pose
from tests.synthetic.posing import Posed, pose_subject, soft_tissue
from tests.synthetic.subjects import Anatomy, Subject, load_people

FIRST_SEED = 930_000
PEOPLE = 20
_VERSION = 2
# Splits of every face and the number of faces left of them; None leaves all.
_MESHES = ((1, None), (2, None), (2, 20_000), (3, None), (4, 100_000), (6, None))
_DAMAGES = (Damage(), Damage(noise_m=0.0005), Damage(holes=5), Damage(flipped=0.2),
            Damage(noise_m=0.0005, holes=4, flipped=1.0), Damage(flipped=0.5, soup=True),
            Damage(noise_m=0.001, holes=3))
_LIFTS = 8


@dataclass(frozen=True)
class Kind:
    """What is planted: names of pieces, and what it is called in the table."""

    name: str
    count: int
    planted: tuple[str, ...]
    cavities: bool = True


KINDS = (
    Kind("whole head", 14, ("eyes", "tongue", "teeth")),
    Kind("empty sockets", 8, ("tongue",)),
    Kind("open eyes, mouth", 8, ("eyes", "tongue", "teeth"), cavities=False),
    Kind("limbs", 14, ("limbs",)),
    Kind("helpers", 12, ("helpers",), cavities=False),
    Kind("everything", 8, ("limbs", "eyes", "tongue", "teeth", "helpers")),
)


@dataclass(frozen=True)
class Case:
    """One flawed body: all of its choices follow from its number."""

    kind: Kind
    number: int
    splits: int
    faces: int | None
    damage: Damage = field(default_factory=Damage)

    @property
    def name(self) -> str:
        """As told in the table."""
        return f"{self.kind.name} {self.number:02d}"


def cases(quick: bool) -> list[Case]:
    """All cases, or every tenth."""
    made = []
    for kind in KINDS:
        for _ in range(kind.count):
            number = len(made)
            splits, faces = _MESHES[(number * 5 + number // 6) % len(_MESHES)]
            made.append(Case(kind, number, splits, faces, _DAMAGES[number % len(_DAMAGES)]))
    return made[::10] if quick else made


def made(chosen: list[Case], cache: Path) -> Iterator[tuple[Case, Labelled]]:
    """Each case's mesh, from the cache or made now."""
    folder = cache / "inspect"
    folder.mkdir(parents=True, exist_ok=True)
    anatomy, people = load_people([FIRST_SEED + n for n in range(PEOPLE)], cache)
    for case in chosen:
        path = folder / f"v{_VERSION}_{case.number:02d}.npz"
        if not path.is_file():
            mesh = _make(case, anatomy, people[case.number % PEOPLE])
            np.savez(path, vertices=mesh.vertices.astype(np.float32), faces=mesh.faces,
                     label=mesh.label)
        with np.load(path, allow_pickle=False) as file:
            yield case, Labelled(file["vertices"].astype(np.float64), file["faces"],
                                 file["label"])


def _make(case: Case, anatomy: Anatomy, subject: Subject) -> Labelled:
    draw = np.random.default_rng(FIRST_SEED + case.number)
    posed = _posed(case.number, anatomy, subject, draw)
    mesh = _planted(case, anatomy, subject, posed)
    if case.faces is not None:
        mesh = coarser(mesh, case.faces)
    return damaged(mesh, case.damage, draw)


def _planted(case: Case, anatomy: Anatomy, subject: Subject, posed: Posed) -> Labelled:
    pieces = body_pieces(anatomy, posed)
    skin, planted = pieces["skin"], case.kind.planted
    if "limbs" in planted:
        shells = MANY if case.number % 2 else FEW
        parts = parts_of_skin(anatomy, posed.vertices, skin)
        depth = 0.02 + 0.01 * (case.number % 4)
        outer = limb_shells(skin, parts, shells, depth, case.splits)
    else:
        outer = finer(skin if case.kind.cavities else without_cavities(skin), case.splits)
    pieces["helpers"] = helpers(anatomy, posed, skin) if "helpers" in planted else skin
    pieces["teeth"] = teeth(anatomy, subject, posed)
    return merged([outer, *(finer(pieces[name], case.splits) for name in planted
                            if name != "limbs")])


def _posed(number: int, anatomy: Anatomy, subject: Subject, draw: np.random.Generator) -> Posed:
    """Three of four stand; recorded poses, where there are any, for the rest."""
    offsets = soft_tissue(anatomy, subject, draw)
    if number % 4 == 3 and MOCAP.is_file():
        return _grounded(pose_subject(anatomy, subject, _recorded(draw), offsets))
    pose = standing_pose(draw, ARMS[number % len(ARMS)])
    posed = pose_subject(anatomy, subject, pose, offsets)
    for _ in range(_LIFTS):
        if not hands_in_body(anatomy, posed):
            break
        pose = lowered(pose, -4.0)
        posed = pose_subject(anatomy, subject, pose, offsets)
    return _grounded(posed)


def _recorded(draw: np.random.Generator) -> Pose:
    with np.load(MOCAP, allow_pickle=False) as file:
        poses = file["poses"]
    return mocap_pose(poses[draw.integers(len(poses))], draw)


def _grounded(posed: Posed) -> Posed:
    """Feet at y = 0, as scans are after reading."""
    down = np.array((0.0, posed.vertices[:, 1].min(), 0.0))
    return Posed(posed.vertices - down, posed.joints - down)
