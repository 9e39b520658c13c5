"""Parts follow from the names of the joints a vertex hangs on, and spots from its look."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from likeness.bodies.body import PARTS
from likeness.bodies.families import FAMILIES, family_of
from likeness.bodies.library import find_body
from likeness.bodies.regions import part_of_joint, parts_of, region_of_joint, spots_of


@pytest.mark.parametrize(("joint", "part"), [
    ("pelvis", "torso"), ("spine3", "torso"), ("left_collar", "torso"), ("neck", "head"),
    ("jaw", "head"), ("left_eye", "head"), ("right_shoulder", "right_arm"),
    ("left_elbow", "left_arm"), ("left_wrist", "left_hand"), ("right_hand", "right_hand"),
    ("right_thumb3", "right_hand"), ("left_hip", "left_leg"), ("right_knee", "right_leg"),
    ("left_ankle", "left_foot"), ("right_foot", "right_foot")])
def test_joint_belongs_to_part(joint, part):
    assert PARTS[part_of_joint(joint)] == part


def test_a_vertex_goes_where_most_of_its_weight_is():
    names = ("pelvis", "left_hip", "left_knee")
    weights = np.array([[0.6, 0.4, 0.0], [0.4, 0.3, 0.3]])
    assert [PARTS[p] for p in parts_of(weights, names)] == ["torso", "left_leg"]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_groups_cover_every_joint_once(family):
    turned = [j for group in family.groups for j in group.joints]
    assert turned == list(range(len(family.joint_names)))
    assert len(set(family.joint_names)) == len(family.joint_names)
    assert family_of(len(turned)) is family


@pytest.mark.parametrize(("joint", "region"), [
    ("pelvis", "hips"), ("spine2", "chest"), ("left_elbow", "left forearm"),
    ("right_wrist", "right hand"), ("right_index2", "right hand"), ("left_knee", "left lower leg"),
    ("right_foot", "right foot"), ("jaw", "head"), ("left_collar", "left shoulder")])
def test_joints_move_what_people_call_by_name(joint: str, region: str):
    assert region_of_joint(joint) == region


@pytest.fixture(scope="module")
def skin() -> tuple[np.ndarray, np.ndarray]:
    """Where the outer vertices of the open body are in its T-pose, and what their spots are."""
    body = find_body("open")
    return body.template[~body.interior], np.array(spots_of(body))[~body.interior]


def test_the_extremes_of_a_body_are_called_what_they_are(skin: tuple[np.ndarray, np.ndarray]):
    places, spots = skin
    assert spots[places[:, 1].argmax()] == "top of the head"
    assert spots[places[:, 0].argmax()] == "left hand"
    assert spots[places[:, 0].argmin()] == "right hand"
    for side, sign in (("left", 1), ("right", -1)):
        foot = np.flatnonzero(sign * places[:, 0] > 0)
        assert spots[foot[places[foot, 1].argmin()]] == f"sole of the {side} foot"


def test_what_is_behind_is_not_in_front(skin: tuple[np.ndarray, np.ndarray]):
    places, spots = skin
    ahead = {spot: places[spots == spot, 2].mean() for spot in np.unique(spots)}
    assert ahead["face"] > ahead["back of the head"]
    assert ahead["chest"] > ahead["back"]
    assert ahead["hips"] > ahead["buttocks"]


def test_spots_of_either_side_mirror_each_other(skin: tuple[np.ndarray, np.ndarray]):
    places, spots = skin
    other = cKDTree(places * (-1, 1, 1)).query(places)[1]
    swap = {"left": "right", "right": "left"}
    mirrored = np.array([" ".join(swap.get(word, word) for word in spot.split())
                         for spot in spots[other]])
    off_middle = np.abs(places[:, 0]) > 0.005
    assert (spots == mirrored)[off_middle].mean() > 0.98
