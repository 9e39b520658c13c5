"""Weights are relaxed so that skin does not turn over where limbs meet the trunk."""

import numpy as np
import pytest

PEOPLE, SEED = 30, 2024  # others than the weights were relaxed with


@pytest.fixture(scope="module")
def relaxing(installer):
    """The part of the builder that relaxes weights."""
    from open_body import relaxing
    return relaxing


def test_people_who_stand_have_hardly_a_triangle_turned_over(relaxing, body) -> None:
    """As Anny's weights are, it would be twenty a person, of whom half are of an unusual build."""
    sample = relaxing.drawn(body, PEOPLE, SEED)
    turned = relaxing.turned_over(body, body.skin_weights.astype(np.float64), sample)
    assert turned.sum(axis=1).mean() < 8
    assert np.median(turned.sum(axis=1)) < 3


def test_what_turns_over_is_told(relaxing, body) -> None:
    """Weights that jump from arm to chest, as if cut with a knife, fold the armpit."""
    sample = relaxing.drawn(body, 5, SEED)
    hard = np.eye(body.joint_count)[body.skin_weights.argmax(axis=1)]
    assert relaxing.turned_over(body, hard, sample).sum(axis=1).min() > 10


def test_the_largest_weights_are_kept_and_make_one(relaxing) -> None:
    weights = np.array([[0.4, 0.3, 0.15, 0.1, 0.05], [1.0, 0.0, 0.0, 0.0, 0.0]])
    kept = relaxing.limited(weights, 4)
    np.testing.assert_allclose(kept.sum(axis=1), 1.0)
    assert kept[0, 4] == 0.0
    np.testing.assert_allclose(kept[0, :2] / kept[0, 1], (4 / 3, 1.0))


def test_left_and_right_are_alike(body) -> None:
    assert body.mirror is not None
    names = [name.replace("left", "#").replace("right", "left").replace("#", "right")
             for name in body.joint_names]
    twin = [body.joint_names.index(name) for name in names]
    np.testing.assert_allclose(body.skin_weights, body.skin_weights[body.mirror][:, twin],
                               atol=1e-6)
