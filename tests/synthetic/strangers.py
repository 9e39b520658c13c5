"""Scans that show no one person: things, animals, several people, parts of one, nonsense."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tests.synthetic.animals import DOG, HORSE, PIG, animal
from tests.synthetic.files import METRES, FileFrame, write_ply
from tests.synthetic.people import Example
from tests.synthetic.poses import ARMS, standing_pose
from tests.synthetic.posing import pose_subject, vertex_normals
from tests.synthetic.scanner import Scanner, Surface, scan_person, tessellated, thinned
from tests.synthetic.shapes import ball, box, joined, moved, restricted, rod, sheet
from tests.synthetic.subjects import FIRST_SEED, load_people

from likeness.bodies.body import PARTS

_SEED = FIRST_SEED + 4000
_NOISE_M, _GRID_M, _SPLITS = 0.001, 0.005, 8
_SCANNER = Scanner(150_000)
_UPS = ("+y", "+z")
Making = Callable[[np.random.Generator, Path], Surface]


def _sphere(radius: float) -> Making:
    return lambda draw, cache: ball((0, radius, 0), np.full(3, radius), 300)


def _box(size: Sequence[float]) -> Making:
    return lambda draw, cache: box((0, size[1] / 2, 0), size, _GRID_M)


def _animal(build: dict[str, float]) -> Making:
    return lambda draw, cache: animal(build, draw)


def _chair(draw: np.random.Generator, cache: Path) -> Surface:
    """Four legs, a seat, a back of two posts and three boards."""
    wide, deep, seat, top = draw.uniform((0.4, 0.4, 0.42, 0.8), (0.5, 0.5, 0.5, 1.05))
    thick, x, z = 0.04, wide / 2 - 0.02, deep / 2 - 0.02
    parts = [box((0, seat, 0), (wide, thick, deep), _GRID_M)]
    low = seat - thick / 2
    parts += [box((sx * x, low / 2, sz * z), (thick, low, thick), _GRID_M)
              for sx in (-1, 1) for sz in (-1, 1)]
    high = top - seat - thick / 2
    parts += [box((sx * x, top - high / 2, -z), (thick, high, thick), _GRID_M) for sx in (-1, 1)]
    parts += [box((0, top - share * high, -z), (wide - 2 * thick, 0.06, 0.02), _GRID_M)
              for share in (0.1, 0.4, 0.7)]
    return joined(parts)


def _swivel_chair(draw: np.random.Generator, cache: Path) -> Surface:
    """A padded seat and back with arm rests on a post with five feet."""
    seat = draw.uniform(0.45, 0.55)
    up = np.linspace(0, 1, 60)[:, None]
    parts = [ball((0, seat, 0), (0.25, 0.05, 0.24), 160),
             moved(ball((0, 0, 0), (0.22, 0.32, 0.04), 160), shift=(0, seat + 0.42, -0.22)),
             rod((0, 0.08, 0) + up * (0, seat - 0.12, 0), np.full(60, 0.03))]
    for angle in np.arange(5) * 2 * np.pi / 5:
        out = np.array((np.cos(angle), 0, np.sin(angle)))
        parts += [rod((0, 0.09, 0) + up * (0.3 * out - (0, 0.04, 0)), np.full(60, 0.02)),
                  ball(0.3 * out + (0, 0.03, 0), np.full(3, 0.03))]
    parts.append(rod((0, seat, -0.15) + up * (0, 0.3, -0.06), np.full(60, 0.025)))
    parts += [box((side * 0.27, seat + y, 0), (0.04, high, deep), _GRID_M)
              for side in (-1, 1) for y, high, deep in ((0.2, 0.03, 0.28), (0.095, 0.18, 0.05))]
    return joined(parts)


def _person(draw: np.random.Generator, cache: Path, seed: int, arms: str | None = None) -> Surface:
    """Someone standing on y = 0."""
    anatomy, (subject,) = load_people([seed], cache)
    posed = pose_subject(anatomy, subject, standing_pose(draw, arms or ARMS[seed % len(ARMS)]))
    scan = scan_person(anatomy, posed, _SCANNER, draw)
    return moved(scan, shift=(0, -posed.vertices[:, 1].min(), 0))


def _two(seed: int, shift: tuple[float, float, float], degrees: float) -> Making:
    def made(draw: np.random.Generator, cache: Path) -> Surface:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.array(((c, 0, s), (0, 1, 0), (-s, 0, c)))
        first, second = (_person(draw, cache, seed + k, "down") for k in (0, 1))
        return joined((first, moved(second, turn, shift)))

    return made


def _stretched(seed: int, scale: tuple[float, float, float]) -> Making:
    def made(draw: np.random.Generator, cache: Path) -> Surface:
        person = _person(draw, cache, seed)
        return Surface(person.vertices * scale, person.faces)

    return made


def _arm(seed: int, names: tuple[str, ...]) -> Making:
    """These parts of a scanned person alone."""

    def made(draw: np.random.Generator, cache: Path) -> Surface:
        anatomy, (subject,) = load_people([seed], cache)
        posed = pose_subject(anatomy, subject, standing_pose(draw, "a"))
        own = np.isin(anatomy.parts, [PARTS.index(name) for name in names])
        limb = restricted(Surface(posed.vertices, anatomy.faces), own[anatomy.faces].all(axis=1))
        normals = vertex_normals(limb.vertices, limb.faces)
        fine = tessellated(limb.vertices, normals, limb.faces, _SPLITS)
        return thinned(fine, np.full(len(fine.vertices), _GRID_M / 2))

    return made


def _wall(corner: bool) -> Making:
    def made(draw: np.random.Generator, cache: Path) -> Surface:
        wide, high = draw.uniform((1.5, 1.7), (2.5, 2.5))
        upright = sheet((-wide / 2, 0, 0), (wide, 0, 0), (0, high, 0), 2 * _GRID_M)
        floor = sheet((-wide / 2, 0, 1.5), (wide, 0, 0), (0, 0, -1.5), 2 * _GRID_M)
        return joined((upright, floor)) if corner else upright

    return made


def _points(spread: Callable[[np.random.Generator], np.ndarray]) -> Making:
    return lambda draw, cache: Surface(spread(draw), np.zeros((0, 3), np.int32))


# A kind, and how it is made; the order puts a different one first and in the middle.
STRANGERS: tuple[tuple[str, Making], ...] = (
    ("chair", _chair),
    ("sphere", _sphere(0.9)),
    ("box", _box((0.6, 1.8, 0.5))),
    ("animal", _animal(DOG)),
    ("two people", _two(_SEED, (0.75, 0, 0), 10)),
    ("arm", _arm(_SEED + 2, ("left_arm", "left_hand"))),
    ("plane", _wall(corner=False)),
    ("points", _points(lambda draw: draw.uniform((-0.3, 0, -0.2), (0.3, 1.7, 0.2), (60_000, 3)))),
    ("stretched", _stretched(_SEED + 3, (3, 1, 1))),
    ("sphere", _sphere(0.12)),
    ("animal", _animal(HORSE)),
    ("chair", _swivel_chair),
    ("box", _box((0.5, 0.5, 0.5))),
    ("two people", _two(_SEED + 4, (0.25, 0, -0.55), 25)),
    ("arm", _arm(_SEED + 6, ("right_arm", "right_hand"))),
    ("plane", _wall(corner=True)),
    ("points", _points(lambda draw: draw.normal(0, (0.3, 0.5, 0.2), (60_000, 3)))),
    ("stretched", _stretched(_SEED + 7, (1, 3, 1))),
    ("stretched", _stretched(_SEED + 8, (1, 1, 3))),
    ("animal", _animal(PIG)),
)


def make_strangers(numbers: Sequence[int], cache: Path) -> list[Example]:
    """The scans that have these numbers, from the cache or made now."""
    folder = cache / "notperson"
    folder.mkdir(parents=True, exist_ok=True)
    examples = []
    for n in numbers:
        kind, making = STRANGERS[n]
        path = folder / f"scan_{n:02d}.ply"
        if not path.is_file():
            _write(path, n, making, cache)
        examples.append(Example(f"notperson_{n:02d}_{kind.replace(' ', '_')}", path, None, kind))
    return examples


def _write(path: Path, number: int, making: Making, cache: Path) -> None:
    draw = np.random.default_rng(_SEED + number)
    made = making(draw, cache)
    points = made.vertices + draw.normal(0, _NOISE_M, made.vertices.shape)
    unit = tuple(METRES)[number % len(METRES)]
    frame = FileFrame(unit, _UPS[number // 4 % 2], float(draw.uniform(-np.pi, np.pi)),
                      tuple(draw.uniform(-1, 1, 3)))
    write_ply(path, frame.placed(points) / METRES[unit], made.faces)
