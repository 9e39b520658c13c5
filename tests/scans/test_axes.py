"""Up is found for people of any build, arms anywhere, turned any way; doubt is told."""

import numpy as np
import pytest

from conftest import ARMS, standing
from likeness.core.errors import UsageError
from likeness.scans.axes import choose_up, is_doubtful
from likeness.scans.placing import UPRIGHT
from likeness.scans.sampling import surface_points


@pytest.mark.parametrize("arms", ARMS)
@pytest.mark.parametrize("seed", range(4))
def test_standing_people_of_any_build(arms: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    vertices, faces = standing(arms, draw.normal(0, 1.5, 100).astype(np.float32))
    yaw = draw.uniform(-np.pi, np.pi)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    points = surface_points(vertices @ turn.T, faces)
    for up, upright in UPRIGHT.items():
        assert choose_up("auto", points @ upright).value == up


def test_a_floor_settles_it(person) -> None:
    points = surface_points(*person, 20_000)
    draw = np.random.default_rng(0)
    ground = np.zeros((15_000, 3))
    ground[:, (0, 2)] = draw.uniform(-1.5, 1.5, (15_000, 2))
    ground[:, 1] = points[:, 1].min()
    together = np.concatenate((points, ground))
    for up, upright in UPRIGHT.items():
        choice = choose_up("auto", together @ upright)
        assert choice.value == up
        assert "floor" in choice.reason


def test_a_ball_is_doubtful() -> None:
    ball = np.random.default_rng(0).normal(size=(5000, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    assert is_doubtful(choose_up("auto", ball))


def test_an_unknown_axis_is_wrong_usage(person) -> None:
    with pytest.raises(UsageError):
        choose_up("up", person[0])


def test_scans_that_show_no_person_are_doubtful(shared_scan, read) -> None:
    for name in ("not_a_person_office.ply", "not_a_person_pig_pen.ply"):
        assert is_doubtful(read(shared_scan(name)).up)


def test_a_wall_behind_the_person_is_no_floor(person) -> None:
    points = surface_points(*person, 20_000)
    draw = np.random.default_rng(0)
    ground, wall = np.zeros((15_000, 3)), np.zeros((20_000, 3))
    ground[:, (0, 2)] = draw.uniform(-1.0, 1.0, (15_000, 2))
    ground[:, 1] = points[:, 1].min()
    wall[:, :2] = draw.uniform((-1.0, points[:, 1].min()), (1.0, 2.0), (20_000, 2))
    wall[:, 2] = points[:, 2].min() - 0.3
    together = np.concatenate((points, ground, wall))
    for up, upright in UPRIGHT.items():
        assert choose_up("auto", together @ upright).value == up


def test_a_floor_of_two_sheets_is_a_floor(person) -> None:
    points = surface_points(*person, 20_000)
    draw = np.random.default_rng(0)
    slab = np.zeros((30_000, 3))
    slab[:, (0, 2)] = draw.uniform(-0.7, 0.7, (30_000, 2))
    slab[:, 1] = points[:, 1].min() - np.repeat((0.007, 0.017), 15_000)
    for up, upright in UPRIGHT.items():
        choice = choose_up("auto", np.concatenate((points, slab)) @ upright)
        assert choice.value == up
        assert "floor" in choice.reason


def test_a_thing_in_the_air_changes_nothing(person, sphere) -> None:
    vertices, faces = person
    ball, ball_faces = sphere((0.3, float(vertices[:, 1].max()) + 0.4, 0.3), 0.02)
    points = surface_points(np.concatenate((vertices, ball)),
                            np.concatenate((faces, ball_faces + len(vertices))))
    for up, upright in UPRIGHT.items():
        choice = choose_up("auto", points @ upright)
        assert choice.value == up
        assert not is_doubtful(choice)
