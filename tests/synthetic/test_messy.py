"""Clothes and hair cover the body from outside; every kind of mess is there, the same each time."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.clothes import Figure, Garment, Skirt, hanging, shell, waves, worn
from tests.synthetic.conftest import LENGTH, RADIUS
from tests.synthetic.files import Truth
from tests.synthetic.hair import Hair
from tests.synthetic.messy import MESSY_COUNT, dressed, mess_of
from tests.synthetic.people import SETS, make_set
from tests.synthetic.posing import Posed, pose_subject
from tests.synthetic.scanner import Scanner, scan_person
from tests.synthetic.subjects import FIRST_SEED, Anatomy, Subject, load_people

from likeness.bodies.body import PARTS

Tube = tuple[Anatomy, Subject]
EASE = 0.02


@pytest.fixture(scope="module")
def person(tube: Tube) -> tuple[Anatomy, Subject, Posed]:
    """The tube as a trunk: hips low, shoulders high, feet at its end."""
    anatomy, subject = tube
    heads = np.zeros((52, 2))
    heads[:, 0], heads[[16, 17]], heads[[0, 1, 2]] = 1.0, (-1.0, 2.0), (0.0, 1.0)
    anatomy = replace(anatomy, joint_heads=heads)
    return anatomy, subject, Posed(subject.vertices.astype(np.float64), heads @ subject.heads)


def test_every_kind_has_its_cases_and_a_tenth_has_several() -> None:
    kinds = Counter(mess_of(n).kind for n in range(MESSY_COUNT))
    assert set(kinds.values()) == {4}
    assert {"loose", "tight", "hair", "layers", "front", "noise", "ground", "outliers",
            "sparse"} <= set(kinds)
    assert len({mess_of(n).kind for n in range(0, MESSY_COUNT, 10)}) == 4


def test_a_garment_lies_off_the_skin_by_its_ease(
        person: tuple[Anatomy, Subject, Posed]) -> None:
    anatomy, subject, posed = person
    cloth = shell(anatomy, subject, posed, Garment((EASE, EASE), torso=(-2, 3)),
                  np.random.default_rng(1))
    off = np.hypot(cloth.vertices[:, 0], cloth.vertices[:, 2]) - RADIUS
    assert off == pytest.approx(EASE, abs=0.002)
    assert np.ptp(cloth.vertices[:, 1]) > 0.9 * LENGTH


def test_wrinkles_never_go_below_the_skin(person: tuple[Anatomy, Subject, Posed]) -> None:
    anatomy, subject, posed = person
    deep = Garment((0.005, 0.01), torso=(-2, 3), wrinkle_m=0.03)
    cloth = shell(anatomy, subject, posed, deep, np.random.default_rng(1))
    off = np.hypot(cloth.vertices[:, 0], cloth.vertices[:, 2]) - RADIUS
    assert off.min() > 0.001
    assert off.std() > 0.005


def test_a_skirt_hangs_outside_and_never_narrows(person: tuple[Anatomy, Subject, Posed]) -> None:
    anatomy, _, posed = person
    legs = replace(anatomy, parts=np.full(len(posed.vertices), PARTS.index("left_leg"), np.int8))
    made = hanging(legs, posed, Skirt(1.0, 0.2, fold_m=0.0), np.random.default_rng(1))
    reach = np.hypot(made.vertices[:, 0], made.vertices[:, 2])
    assert reach.min() > RADIUS
    order = np.argsort(-made.vertices[:, 1])
    assert reach[order[-50:]].mean() > reach[order[:50]].mean() + 0.03


def test_the_scanner_sees_the_cloth_and_not_the_skin_below(
        person: tuple[Anatomy, Subject, Posed]) -> None:
    anatomy, subject, posed = person
    cloth = shell(anatomy, subject, posed, Garment((EASE, EASE), torso=(-2, 3)),
                  np.random.default_rng(1))
    far = replace(posed, joints=posed.joints + 10)  # holes are cut around joints
    figure = worn(Figure(anatomy, far), cloth)
    seen = scan_person(figure.anatomy, figure.posed, Scanner(20_000, 0.0), np.random.default_rng(1))
    middle = np.abs(seen.vertices[:, 1] - LENGTH / 2) < 0.3 * LENGTH
    off = np.hypot(seen.vertices[:, 0], seen.vertices[:, 2])[middle] - RADIUS
    assert off.min() > 0.5 * EASE


def test_waves_have_unit_size() -> None:
    points = np.random.default_rng(3).uniform(0, 3, (20_000, 3))
    assert waves(points, (0.05, 0.2), np.random.default_rng(4)).std() == pytest.approx(1, abs=0.2)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("anny", reason="only the benchmarks need anny")
    return tmp_path_factory.mktemp("messy")


def test_hair_covers_the_scalp_and_leaves_the_face(cache: Path) -> None:
    anatomy, (subject,) = load_people([FIRST_SEED], cache)
    posed = pose_subject(anatomy, subject, np.zeros((52, 3)))
    count = len(posed.vertices)
    eyes = posed.vertices[anatomy.eyes].mean(axis=0)
    for hair, low in ((Hair(0.02), 0.12), (Hair(0.016, length_m=0.4), 0.5)):
        figure = dressed(anatomy, subject, posed, (hair,), np.random.default_rng(1))
        grown = figure.posed.vertices[count:] - eyes
        assert grown[:, 1].max() > posed.vertices[:, 1].max() - eyes[1] + 0.01
        assert 0.5 * low < -grown[:, 1].min() < 1.3 * low
        before_face = (grown[:, 2] > 0.02) & (np.abs(grown[:, 0]) < 0.04) & (grown[:, 1] < 0.03)
        assert not before_face.any()


def test_a_messy_scan_is_made_the_same_again_and_one_side_says_what_it_shows(cache: Path) -> None:
    for number in (3, 7):  # one side only; few points
        few = replace(SETS["messy"], first_seed=FIRST_SEED - number, mess=lambda n: replace(
            mess_of(n), scanner=Scanner(20_000)))
        first, again = (make_set(replace(few, name=f"{name}{number}"), [number], cache)[0]
                        for name in "ab")
        assert first.scan.read_bytes() == again.scan.read_bytes()
        assert first.kind == mess_of(number).kind
        assert first.kind in first.name
        assert first.truth is not None
        truth = Truth.read(first.truth)
        assert (truth.seen is not None) == (first.kind == "front")
        assert truth.counted.sum() < (~truth.interior).sum() or first.kind != "front"
