"""People of Anny that the open body was not built from, kept in a cache as plain arrays.

Building one needs the `anny` package and half a minute for its model; reading it back needs numpy.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int8, Int32

ROOT = Path(__file__).resolve().parents[2]
FIRST_SEED = 900_000  # far from the seeds of the open body
T = TypeVar("T")
_VERSION = 2  # of what the cache holds


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What all subjects share: V vertices, 104 bones and the 52 joints of SMPL+H above them.

    `bone_joints` is the joint a bone moves with, `joint_heads` averages bone heads into joints.
    `interior` marks eyes and mouth, `eyes` the eyeballs among these.
    """

    faces: Int32[np.ndarray, "F 3"]
    bone_indices: Int32[np.ndarray, "V K"]
    bone_weights: Float64[np.ndarray, "V K"]
    bone_parents: Int32[np.ndarray, " Q"]
    bone_joints: Int32[np.ndarray, " Q"]
    joint_heads: Float64[np.ndarray, "J Q"]
    joint_parents: Int32[np.ndarray, " J"]
    interior: Bool[np.ndarray, " V"]
    eyes: Bool[np.ndarray, " V"]
    parts: Int8[np.ndarray, " V"]


@dataclass(frozen=True, eq=False)
class Subject:
    """A person in Anny's rest pose; metres, y up, facing +z.

    `to_t_pose` (J, 3, 3) turns each joint from there to the T-pose in which SMPL's angles count.
    """

    vertices: Float32[np.ndarray, "V 3"]
    heads: Float64[np.ndarray, "Q 3"]
    to_t_pose: Float64[np.ndarray, "J 3 3"]


def default_cache() -> Path:
    """Where generated people and scans are kept unless said otherwise."""
    return Path(os.environ.get("LIKENESS_BENCH", Path(tempfile.gettempdir()) / "likeness-bench"))


def load_people(seeds: Sequence[int], cache: Path) -> tuple[Anatomy, list[Subject]]:
    """The shared anatomy and a subject a seed; what the cache lacks is built."""
    folder = cache / "people"
    files = [folder / f"v{_VERSION}_{seed}.npz" for seed in seeds]
    shared = folder / f"v{_VERSION}_anatomy.npz"
    missing = [seed for seed, file in zip(seeds, files, strict=True) if not file.is_file()]
    if missing or not shared.is_file():
        _build(shared, {seed: folder / f"v{_VERSION}_{seed}.npz" for seed in missing})
    return _read(Anatomy, shared), [_read(Subject, file) for file in files]


def _read(kind: type[T], path: Path) -> T:
    with np.load(path, allow_pickle=False) as file:
        return kind(**{name: file[name] for name in file.files})


def _store(value: Anatomy | Subject, path: Path) -> None:
    """Whole or not at all: an interrupted run must not leave half a file."""
    part = path.with_suffix(".part.npz")
    np.savez(part, **{each.name: getattr(value, each.name) for each in fields(value)})
    part.replace(path)


def _build(shared: Path, subjects: dict[int, Path]) -> None:
    sys.path.insert(0, str(ROOT / "installer"))
    from open_body.people import AXES, anny_model, rest_people, sampled_people
    from open_body.skeleton import JOINTS, head_matrix
    from open_body.surface import fingertips, mirror_map, skin_weights
    from open_body.tpose import world_rotations

    model = anny_model()
    faces = model.faces.numpy().astype(np.int32)
    mirror = mirror_map(model.template_vertices.numpy() @ AXES.T, faces)
    weights, heads = skin_weights(model, mirror), head_matrix(model.bone_labels)
    average = rest_people(model, None, None)
    tips = fingertips(average.vertices[0], heads @ average.heads[0], weights)
    shared.parent.mkdir(parents=True, exist_ok=True)
    _store(_anatomy(model, faces, weights, JOINTS), shared)
    for seed, path in subjects.items():
        person = next(sampled_people(model, 1, seed))
        ends = {name: person.vertices[:, ids].mean(axis=1) for name, ids in tips.items()}
        turns = world_rotations(heads @ person.heads, ends)[0]
        _store(Subject(person.vertices[0].astype(np.float32), person.heads[0], turns), path)


def _anatomy(model: object, faces: np.ndarray, weights: np.ndarray,
             names: Sequence[str]) -> Anatomy:
    from open_body.skeleton import PARENTS, bone_joints, head_matrix
    from open_body.surface import interior_vertices

    from likeness.bodies.regions import parts_of

    interior, eyes = interior_vertices(model)
    return Anatomy(
        faces=faces, bone_indices=model.vertex_bone_indices.numpy().astype(np.int32),
        bone_weights=model.vertex_bone_weights.numpy().astype(np.float64),
        bone_parents=np.asarray(model.bone_parents, np.int32),
        bone_joints=bone_joints(model.bone_labels, model.bone_parents).astype(np.int32),
        joint_heads=head_matrix(model.bone_labels), joint_parents=PARENTS,
        interior=interior, eyes=eyes, parts=parts_of(weights, names))
