"""Write files in the layouts of SMPL, SMPL+H and SMPL-X with random content."""

import io
import pickle
import struct
import sys
import types
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import scipy.sparse

BODY_PARENTS = (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)


def hand_parents(wrist: int, first: int) -> list[int]:
    """Five fingers of three joints each."""
    return [wrist if k == 0 else first + 3 * f + k - 1 for f in range(5) for k in range(3)]


PARENTS = {
    "smpl": (2**32 - 1, *BODY_PARENTS, 20, 21),
    "smplh": (2**32 - 1, *BODY_PARENTS, *hand_parents(20, 22), *hand_parents(21, 37)),
    "smplx": (2**32 - 1, *BODY_PARENTS, 15, 15, 15, *hand_parents(20, 25), *hand_parents(21, 40)),
}
SIZES = {"smpl": (6890, 13776), "smplh": (6890, 13776), "smplx": (10475, 20908)}


def random_model(family: str, shapes: int, seed: int = 3) -> dict[str, np.ndarray]:
    """All arrays of a licensed file, random: the keys, shapes and types of the real ones."""
    draw = np.random.default_rng(seed)
    vertices, faces = SIZES[family]
    joints = len(PARENTS[family])
    weights = draw.random((vertices, joints)) ** 24
    regressor = draw.random((joints, vertices)) * (draw.random((joints, vertices)) < 0.002)
    regressor[:, :joints] += np.eye(joints)
    arrays = {
        "v_template": draw.normal(0.0, 0.4, (vertices, 3)),
        "f": draw.integers(0, vertices, (faces, 3)).astype(np.uint32),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "kintree_table": np.stack((PARENTS[family], range(joints))).astype(np.uint32),
        "shapedirs": draw.normal(0.0, 0.01, (vertices, 3, shapes)),
        "posedirs": draw.normal(0.0, 0.002, (vertices, 3, 9 * (joints - 1))).astype(np.float32),
        "bs_type": np.array("lrotmin"), "bs_style": np.array("lbs"),
    }
    if family != "smpl":
        for side in "lr":
            arrays[f"hands_mean{side}"] = draw.normal(0.0, 0.3, 45)
            arrays[f"hands_components{side}"] = draw.normal(0.0, 0.3, (45, 45))
            arrays[f"hands_coeffs{side}"] = draw.normal(0.0, 0.3, (1554, 45))
    if family == "smplx":
        arrays |= {
            "lmk_faces_idx": draw.integers(0, faces, 51),
            "lmk_bary_coords": draw.dirichlet((1.0, 1.0, 1.0), 51),
            "dynamic_lmk_faces_idx": draw.integers(0, faces, (79, 17)),
            "dynamic_lmk_bary_coords": draw.dirichlet((1.0, 1.0, 1.0), (79, 17)),
            "vt": draw.random((11313, 2)), "ft": draw.integers(0, 11313, (faces, 3)),
            "joint2num": np.array({"Pelvis": 0}, dtype=object),
        }
    return arrays


class Python2Pickler(pickle._Pickler):
    """Writes byte strings as Python 2 did: raw, without a codec."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)

    def save_bytes(self, data: bytes) -> None:
        self.write(b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(data)

    dispatch[bytes] = save_bytes


def old_pickle(content: Any, protocol: int = 2) -> bytes:
    """Pickled as Python 2 with the NumPy and SciPy of 2015 would have."""
    out = io.BytesIO()
    Python2Pickler(out, protocol).dump(content)
    return (out.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            .replace(b"scipy.sparse._csc", b"scipy.sparse.csc"))


def chumpy_class(monkeypatch: Any, module: str, name: str) -> type:
    """A class that pickles under the name of a chumpy one, for the length of a test."""
    made = types.ModuleType(module)
    kind = type(name, (), {"__module__": module})
    setattr(made, name, kind)
    monkeypatch.setitem(sys.modules, "chumpy", sys.modules.get("chumpy",
                                                              types.ModuleType("chumpy")))
    monkeypatch.setitem(sys.modules, module, made)
    return kind


def write_licensed_pickle(path: Path, arrays: dict[str, np.ndarray], monkeypatch: Any) -> None:
    """As the licensed SMPL pickles: chumpy shape directions, sparse regressor, Python 2."""
    variable = chumpy_class(monkeypatch, "chumpy.ch", "Ch")
    content: dict[str, Any] = dict(arrays)
    content["shapedirs"] = variable()
    content["shapedirs"].__dict__.update(x=arrays["shapedirs"], _dirty_vars=[], _itr=None)
    content["J_regressor"] = scipy.sparse.csc_matrix(arrays["J_regressor"])
    content["bs_type"] = "lrotmin"
    path.write_bytes(old_pickle(content))
