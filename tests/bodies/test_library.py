"""Bodies are found by name or path, and listed with their terms."""

import numpy as np
import pytest
from model_files import random_model

from likeness.bodies.library import find_body, installed_bodies
from likeness.core.errors import UserError


@pytest.fixture
def user_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LIKENESS_DATA", str(tmp_path))
    (tmp_path / "bodies").mkdir()
    return tmp_path / "bodies"


def test_the_open_body_is_always_there(user_folder):
    (only,) = installed_bodies()
    assert (only.name, only.family) == ("open", "smplh")
    assert only.path.is_file()
    body = find_body("open")
    assert body.name == "open"
    assert body.terms == only.terms


def test_users_files_are_listed_and_found_by_name_and_by_path(user_folder):
    path = user_folder / "SMPLH_MALE.npz"
    np.savez(path, **random_model("smplh", 10))
    (user_folder / "readme.txt").write_text("not a body")
    names = [body.name for body in installed_bodies()]
    assert names == ["open", "SMPLH_MALE"]
    assert find_body("SmplH_Male").family == "smplh"
    assert find_body(str(path)).name == "SMPLH_MALE"


def test_an_unknown_name_is_refused_with_the_names_there_are(user_folder):
    with pytest.raises(UserError) as refusal:
        find_body("nobody")
    assert "open" in refusal.value.remedy


def test_a_file_is_read_once_until_it_changes(user_folder):
    path = user_folder / "mine.npz"
    np.savez(path, **random_model("smplh", 10))
    before = find_body("mine")
    assert find_body("mine") is before
    np.savez(path, **random_model("smplh", 12))
    assert find_body("mine").shape_count != before.shape_count
