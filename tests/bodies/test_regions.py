"""Parts follow from the names of the joints a vertex hangs on."""

import numpy as np
import pytest

from likeness.bodies.body import PARTS
from likeness.bodies.families import FAMILIES, family_of
from likeness.bodies.regions import part_of_joint, parts_of


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
