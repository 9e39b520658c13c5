"""A file that is no usable body model ends with a sentence for the user, never anything else."""

import os
import pickle
import sys

import numpy as np
import pytest
import scipy.sparse
from model_files import chumpy_class, old_pickle, random_model

from likeness.bodies.files import open_arrays, read_array
from likeness.bodies.reading import read_body
from likeness.bodies.unpickling import revived, unpickled
from likeness.core.errors import UserError


@pytest.fixture(scope="module")
def model() -> dict[str, np.ndarray]:
    return random_model("smpl", 10)


def with_value(array: np.ndarray, value: float) -> np.ndarray:
    changed = array.copy()
    changed.reshape(-1)[5] = value
    return changed


BREAKAGES = {
    "no template": ("no 'v_template'",
                    lambda m: {k: v for k, v in m.items() if k != "v_template"}),
    "no regressor": ("no 'J_regressor'",
                     lambda m: {k: v for k, v in m.items() if k != "J_regressor"}),
    "flat template": ("'v_template' has the shape",
                      lambda m: m | {"v_template": m["v_template"].ravel()}),
    "template of text": ("no numbers", lambda m: m | {"v_template": np.array(["a", "b"])}),
    "few vertices": ("40 vertices", lambda m: m | {"v_template": m["v_template"][:40]}),
    "infinite vertex": ("not finite",
                        lambda m: m | {"v_template": with_value(m["v_template"], np.inf)}),
    "shape not a number": ("not finite",
                           lambda m: m | {"shapedirs": with_value(m["shapedirs"], np.nan)}),
    "correctives of another": ("'posedirs' has the shape",
                               lambda m: m | {"posedirs": m["posedirs"][..., :-9]}),
    "face out of range": ("do not exist", lambda m: m | {"f": with_value(m["f"], 6890)}),
    "fewer weights": ("'weights' has the shape", lambda m: m | {"weights": m["weights"][:-1]}),
    "heavy weights": ("add up to one", lambda m: m | {"weights": m["weights"] * 1.1}),
    "negative weight": ("add up to one",
                        lambda m: m | {"weights": with_value(m["weights"], -0.5)}),
    "other joints": ("20 joints", lambda m: m | {"weights": np.full((6890, 20), 0.05)}),
    "no tree": ("no tree", lambda m: m | {"kintree_table": with_value(m["kintree_table"], 9)}),
    "short tree": ("'kintree_table' has the shape",
                   lambda m: m | {"kintree_table": m["kintree_table"][:, :-1]}),
    "regressor turned": ("joint regressor", lambda m: m | {"J_regressor": m["J_regressor"].T}),
    "regressor not a number": ("joint regressor", lambda m: m | {
        "J_regressor": with_value(m["J_regressor"], np.nan)}),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_malformed_model_is_refused(tmp_path, model, breakage):
    reason, broken = BREAKAGES[breakage]
    np.savez(tmp_path / "model.npz", **broken(model))
    with pytest.raises(UserError, match=reason) as refusal:
        read_body(tmp_path / "model.npz")
    assert refusal.value.problem.startswith("model.npz")


def test_intact_model_is_read(tmp_path, model):
    np.savez(tmp_path / "model.npz", **model)
    assert read_body(tmp_path / "model.npz").joint_count == 24


@pytest.mark.parametrize("suffix", [".npz", ".pkl"])
def test_damaged_bytes_are_refused_or_read(tmp_path, suffix):
    """Whatever is flipped or cut, the file is read or refused: nothing else is raised."""
    draw = np.random.default_rng(8)
    arrays = {"v_template": draw.normal(size=(40, 3)), "f": np.arange(12).reshape(4, 3)}
    path = tmp_path / f"model{suffix}"
    if suffix == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_bytes(old_pickle({**arrays, "J": scipy.sparse.csc_matrix(np.eye(4))}))
    whole = path.read_bytes()
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for place in draw.integers(0, len(whole), 3):
            damaged[place] = draw.integers(256)
        path.write_bytes(bytes(damaged[:draw.integers(1, 2 * len(whole))]))
        try:
            opened = open_arrays(path)
            for key in list(opened):
                read_array(opened, str(key), path.name)
        except UserError:
            refused += 1
    assert refused > 100


def test_missing_file_and_other_suffix_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.npz"):
        read_body(tmp_path / "nowhere.npz")
    (tmp_path / "scan.obj").write_text("v 0 0 0")
    with pytest.raises(UserError, match=r"scan\.obj"):
        read_body(tmp_path / "scan.obj")


class Runs:
    """Pickles as a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("suffix", [".pkl", ".npz"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_runs_code_is_refused_and_runs_nothing(tmp_path, suffix, protocol):
    trace = tmp_path / "trace"
    evil = Runs(os.mkdir, str(trace))
    path = tmp_path / f"evil{suffix}"
    if suffix == ".pkl":
        path.write_bytes(pickle.dumps({"v_template": evil}, protocol))
    else:
        np.savez(path, v_template=np.array(evil, dtype=object))
    with pytest.raises(UserError, match="evil"):
        read_body(path)
    assert not trace.exists()


@pytest.mark.parametrize(("module", "name"), [
    ("os", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("numpy", "load"),
    ("numpy", "ndarray.dump"), ("chumpy.ch", "Ch.__init__"), ("chumpy", "os"),
    ("scipy.sparse._csc", "csc_matrix.__init__"), ("copyreg", "add_extension")])
def test_names_that_are_not_listed_are_refused(module, name):
    data = b"\x80\x04" + f"\x8c{chr(len(module))}{module}".encode() + (
        f"\x8c{chr(len(name))}{name}".encode()) + b"\x93."
    data = data.replace(b"\xc2\x8c", b"\x8c")
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        unpickled(data)


def test_only_records_are_built(monkeypatch):
    """Even the allowed names make nothing but records until their numbers are asked for."""
    variable = chumpy_class(monkeypatch, "chumpy.ch", "Ch")()
    variable.__dict__.update(x=np.arange(3.0))
    content = {"a": np.arange(6).reshape(2, 3), "m": scipy.sparse.csc_matrix(np.eye(2)),
               "c": variable, "s": np.float64(2.5)}
    loaded = unpickled(old_pickle(content))
    assert {type(v).__module__ for v in loaded.values()} == {"likeness.bodies.unpickling"}
    np.testing.assert_array_equal(revived(loaded["a"]), content["a"])
    np.testing.assert_array_equal(revived(loaded["m"]).toarray(), np.eye(2))
    np.testing.assert_array_equal(revived(loaded["c"]), [0.0, 1.0, 2.0])
    assert revived(loaded["s"]) == 2.5


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("array", [
    np.arange(12.0).reshape(3, 4), np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.arange(5, dtype=">i4"), np.zeros((0, 3), np.float32), np.array([True, False])],
    ids=["rows", "columns", "big-endian", "empty", "bool"])
def test_arrays_of_every_protocol_come_back(array, protocol):
    loaded = revived(unpickled(pickle.dumps({"a": array}, protocol))["a"])
    assert loaded.dtype == array.dtype
    np.testing.assert_array_equal(loaded, array)


def test_the_unpickler_imports_no_chumpy(tmp_path):
    assert "chumpy" not in sys.modules
    with pytest.raises(pickle.UnpicklingError):
        unpickled(b"cchumpy.secret\nThing\n.")
    assert "chumpy" not in sys.modules
