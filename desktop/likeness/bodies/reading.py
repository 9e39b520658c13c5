"""From a model file of the SMPL family to a checked `Body`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int32
from scipy.sparse import csr_array, issparse

from likeness.bodies.body import Body
from likeness.bodies.families import FAMILIES, Family, family_of
from likeness.bodies.files import REMEDY, open_arrays, read_array
from likeness.bodies.regions import parts_of
from likeness.core.errors import UserError

LEAST_VERTICES, MOST_VERTICES = 500, 200_000
SMPLX_SHAPES, SMPLX_COLUMNS, FEW_SHAPES = 300, 400, 10
USER_TERMS = "your own licensed file; its licence applies"


def read_body(path: Path, name: str | None = None) -> Body:
    """Read an SMPL, SMPL+H or SMPL-X file, or one of ours; the number of joints tells which.

    Raises `UserError` for anything that is missing, malformed or not finite. Expression columns
    of SMPL-X are left out. Hand poses are relative to the file's mean hand, as in smplx with
    `flat_hand_mean=False`.
    """
    return _Reader(path.name, open_arrays(path)).body(name or path.stem)


@dataclass(frozen=True)
class _Reader:
    """The arrays of one file, and the file's name for messages."""

    file: str
    arrays: Mapping[str, Any]

    def body(self, name: str) -> Body:
        template = self._floats("v_template", (None, 3))
        vertices = len(template)
        if not LEAST_VERTICES <= vertices <= MOST_VERTICES:
            raise self._refusal(f"it has {vertices} vertices")
        weights = self._weights(vertices)
        family = self._family(weights.shape[1])
        uv, uv_faces = self._uv()
        faces = self._indices("f", (None, 3), vertices)
        if uv_faces is not None and uv_faces.shape != faces.shape:
            uv, uv_faces = None, None
        return Body(
            name=name, family=family.name, template=template, faces=faces,
            shape_directions=self._shapes(family, vertices),
            joint_regressor=self._regressor(weights.shape[1], vertices),
            parents=self._parents(len(family.joint_names)), skin_weights=weights,
            joint_names=family.joint_names, groups=family.groups,
            parts=parts_of(weights, family.joint_names),
            interior=self._marked("interior", weights, family),
            eyes=self._marked("eyes", weights, family), hand_means=self._hand_means(family),
            pose_directions=self._correctives(family, vertices), uv=uv, uv_faces=uv_faces,
            mirror=self._indices("mirror", (vertices,), vertices) if "mirror" in self.arrays
            else None,
            terms=str(self._raw("terms")) if "terms" in self.arrays else USER_TERMS)

    def _raw(self, key: str) -> Any:
        return read_array(self.arrays, key, self.file)

    def _refusal(self, reason: str) -> UserError:
        return UserError(f"{self.file} is not a usable body model: {reason}.", REMEDY)

    def _floats(self, key: str, shape: tuple[int | None, ...]) -> np.ndarray:
        """A finite float32 array of this shape, None for any length."""
        value = self._numbers(key, shape)
        # Compare before the conversion: what overflows float32 is no metre either.
        if not np.isfinite(value).all() or np.abs(value).max(initial=0.0) > 1e6:
            raise self._refusal(f"{key!r} holds values that are not finite")
        return np.array(value, np.float32, order="C")  # a copy: what was read cannot be written

    def _indices(self, key: str, shape: tuple[int | None, ...], below: int) -> np.ndarray:
        value = self._numbers(key, shape).astype(np.int64)
        if value.size and not 0 <= value.min() <= value.max() < below:
            raise self._refusal(f"{key!r} points at vertices that do not exist")
        return value.astype(np.int32)

    def _numbers(self, key: str, shape: tuple[int | None, ...]) -> np.ndarray:
        value = self._raw(key)
        value = value.toarray() if issparse(value) else value
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
            raise self._refusal(f"{key!r} holds no numbers")
        fits = len(value.shape) == len(shape) and all(
            want is None or want == have for want, have in zip(shape, value.shape, strict=True))
        if not fits or value.size == 0:
            raise self._refusal(f"{key!r} has the shape {value.shape}")
        return value

    def _weights(self, vertices: int) -> Float32[np.ndarray, "V J"]:
        weights = self._floats("weights", (vertices, None))
        if weights.min() < -1e-3 or np.abs(weights.sum(axis=1) - 1.0).max() > 0.01:
            raise self._refusal("its skin weights do not add up to one")
        return weights

    def _family(self, joints: int) -> Family:
        family = family_of(joints)
        if family is None:
            known = ", ".join(f"{f.title} {len(f.joint_names)}" for f in FAMILIES.values())
            raise self._refusal(f"it has {joints} joints ({known})")
        return family

    def _parents(self, joints: int) -> Int32[np.ndarray, " J"]:
        parents = self._numbers("kintree_table", (2, joints))[0].astype(np.int64)
        parents[0] = -1
        order = np.arange(joints)
        if (parents[1:] < 0).any() or (parents[1:] >= order[1:]).any():
            raise self._refusal("its joints form no tree")
        return parents.astype(np.int32)

    def _regressor(self, joints: int, vertices: int) -> csr_array:
        value = self._raw("J_regressor")
        matrix = csr_array(value if issparse(value) else self._numbers("J_regressor", (None, None)))
        if matrix.shape != (joints, vertices):
            raise self._refusal(f"its joint regressor has the shape {matrix.shape}")
        if not np.isfinite(matrix.data).all():
            raise self._refusal("its joint regressor holds values that are not finite")
        return matrix.astype(np.float64)

    def _shapes(self, family: Family, vertices: int) -> Float32[np.ndarray, "V 3 B"]:
        """Shape columns without expressions and without the zeros that pad our own file."""
        directions = self._numbers("shapedirs", (vertices, 3, None))
        count = min(directions.shape[2], SMPLX_SHAPES)
        if family.name == "smplx" and directions.shape[2] < SMPLX_COLUMNS:
            count = min(count, FEW_SHAPES)
        if "shape_count" in self.arrays:
            count = min(count, int(self._raw("shape_count")))
        chosen = np.array(directions[..., :count], np.float32, order="C")
        if not np.isfinite(chosen).all():
            raise self._refusal("'shapedirs' holds values that are not finite")
        return chosen

    def _correctives(self, family: Family, vertices: int) -> Float32[np.ndarray, "V 3 P"] | None:
        # Our own file holds zeros there, which only smplx needs.
        if "pose_correctives" in self.arrays and not self._raw("pose_correctives"):
            return None
        return self._floats("posedirs", (vertices, 3, 9 * (len(family.joint_names) - 1)))

    def _hand_means(self, family: Family) -> dict[str, Float32[np.ndarray, " H"]]:
        if not family.has_hands:
            return {}
        return {f"{side}_hand_pose": self._floats(f"hands_mean{side[0]}", (45,))
                for side in ("left", "right")}

    def _marked(self, key: str, weights: Float32[np.ndarray, "V J"],
                family: Family) -> Bool[np.ndarray, " V"]:
        """As marked in the file; in SMPL-X the eyeballs, which alone hang on the eye joints."""
        if key in self.arrays:
            return self._numbers(key, (len(weights),)).astype(bool)
        eyes = [j for j, name in enumerate(family.joint_names) if name.endswith("_eye")]
        return weights[:, eyes].sum(axis=1) > 0.5

    def _uv(self) -> tuple[Float32[np.ndarray, "T 2"] | None, Int32[np.ndarray, "F 3"] | None]:
        """Our own names, or those of SMPL-X files."""
        for places, corners in (("uv", "uv_faces"), ("vt", "ft")):
            if places in self.arrays and corners in self.arrays:
                uv = self._floats(places, (None, 2))
                return uv, self._indices(corners, (None, 3), len(uv))
        return None, None
