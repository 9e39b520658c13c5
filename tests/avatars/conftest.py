"""A small avatar whose every number is known: a bent tube with three joints and a seam."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from likeness.avatars.avatar import Avatar
from likeness.bodies.pose import BodyParameters
from likeness.fitting.fit import Distances, Fit, FitSettings, Spread, Verdict
from likeness.scans.scan import Choice, Scan, Source

RINGS, AROUND = 24, 20
_TYPES = {5126: "<f4", 5123: "<u2", 5125: "<u4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def skinned(vertices, weights, joints, parents, rotations, transl):
    """Linear blend skinning, one joint after the other (Loper et al. 2015, eq. 2-4)."""
    turns = Rotation.from_rotvec(rotations).as_matrix()
    world = np.tile(np.eye(4), (len(joints), 1, 1))
    for j in range(len(joints)):
        local = np.eye(4)
        local[:3, :3] = turns[j]
        local[:3, 3] = joints[j] if j == 0 else joints[j] - joints[parents[j]]
        world[j] = local if j == 0 else world[parents[j]] @ local
    posed = np.zeros(vertices.shape)
    for j, joint in enumerate(joints):
        posed += weights[:, j:j + 1] * ((vertices - joint) @ world[j, :3, :3].T + world[j, :3, 3])
    return posed + transl, world[:, :3, 3] + transl


def tube():
    """Vertices, faces and UVs of a closed tube 1.7 m tall; its UV grid has one column more."""
    height = np.linspace(0, 1.7, RINGS)
    angle = np.arange(AROUND) * 2 * np.pi / AROUND
    radius = 0.16 + 0.05 * np.sin(3 * height)
    ring = np.stack((np.sin(angle), np.zeros(AROUND), 0.8 * np.cos(angle)), axis=1)
    vertices = ring[None] * radius[:, None, None] + height[:, None, None] * np.array([0, 1, 0])
    i, k = np.meshgrid(np.arange(RINGS - 1), np.arange(AROUND), indexing="ij")

    def quads(columns, wrap):
        right = (k + 1) % AROUND if wrap else k + 1
        a, b = i * columns + k, i * columns + right
        c, d = a + columns, b + columns
        return np.concatenate((np.stack((a, b, c), -1), np.stack((b, d, c), -1))).reshape(-1, 3)

    u, v = np.meshgrid(np.linspace(0.05, 0.95, AROUND + 1), np.linspace(0.05, 0.95, RINGS))
    uv = np.stack((u, v), axis=-1).reshape(-1, 2)
    return vertices.reshape(-1, 3), quads(AROUND, True), uv, quads(AROUND + 1, False)


def with_interior(vertices, faces, uv, uv_faces):
    """The tube with a small tetrahedron inside, as eyeballs lie inside a head."""
    inside = np.array([(0, 1.5, 0), (0.02, 1.5, 0), (0, 1.52, 0), (0, 1.5, 0.02)])
    corners = np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)])
    faces = np.concatenate((faces, corners + len(vertices)))
    uv_faces = np.concatenate((uv_faces, corners * 0 + np.array([0, 1, AROUND + 1])))
    interior = np.arange(len(vertices) + 4) >= len(vertices)
    return np.concatenate((vertices, inside)), faces, uv, uv_faces, interior


def tube_weights(vertices, joints):
    """Smooth weights that fall with the distance along y; the top of the tube moves alone."""
    weights = np.exp(-(((vertices[:, 1:2] - joints[None, :, 1]) / 0.25) ** 2))
    weights[weights < 0.01] = 0
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.fixture(scope="session")
def avatar() -> Avatar:
    vertices, faces, uv, uv_faces, interior = with_interior(*tube())
    joints = np.array([(0, 0.3, 0), (0, 0.8, 0.02), (0.01, 1.2, 0)])
    parents = np.array([-1, 0, 1], np.int32)
    rotations = np.array([(0.1, 0.4, 0), (0.5, 0, 0.2), (-0.3, 0.2, 0.6)])
    transl = np.array([0.3, 0.05, -0.2])
    correctives = 0.01 * np.sin(9 * vertices)
    weights = tube_weights(vertices, joints).astype(np.float32)
    posed, posed_joints = skinned(vertices + correctives, weights, joints, parents, rotations,
                                  transl)
    return Avatar("tube", "tube body", np.float32(posed), faces.astype(np.int32),
                  np.float32(posed_joints), np.float32(vertices), np.float32(joints),
                  np.float32(correctives), np.float32(rotations), np.float32(transl), parents,
                  ("pelvis", "spine", "spine"), weights, interior, np.float32(uv),
                  uv_faces.astype(np.int32))


@pytest.fixture(scope="session")
def textured(avatar: Avatar) -> Avatar:
    """The same with a texture of four colours."""
    texture = np.zeros((64, 64, 3), np.uint8)
    texture[:32, :32], texture[:32, 32:] = (200, 30, 30), (30, 200, 30)
    texture[32:, :32], texture[32:, 32:] = (30, 30, 200), (200, 200, 30)
    return replace(avatar, texture=texture)


@pytest.fixture(scope="session")
def fit(avatar: Avatar) -> Fit:
    count = len(avatar.vertices)
    draw = np.random.default_rng(5)
    parameters = BodyParameters(
        draw.normal(size=4), avatar.rotations[0].astype(np.float64),
        avatar.transl.astype(np.float64),
        {"body_pose": avatar.rotations[1:].ravel().astype(np.float64)})
    surface_mm = np.where(avatar.interior, np.nan, 3.0).astype(np.float32)
    return Fit("tube body", parameters, np.zeros((count, 3), np.float32), avatar.vertices,
               avatar.joints, np.linspace(0.1, 1, count, dtype=np.float32), surface_mm,
               np.eye(4), Distances(Spread(3.0, 2.5, 6.0), Spread(3.5, 3.0, 7.0), 0.97),
               Verdict("good", ("The avatar lies within 6 mm of the scan.",)), FitSettings())


@dataclass(frozen=True)
class ScanMaker:
    """Scans of the avatar's skin."""

    avatar: Avatar

    def __call__(self, *, cloud: bool = False, **changes) -> Scan:
        """The skin itself as a mesh, or points spread over it."""
        vertices, faces = self.avatar.vertices, self.avatar.faces
        faces = faces[~self.avatar.interior[faces].any(axis=1)]
        if cloud:
            vertices, faces = self._spread(vertices, faces), np.zeros((0, 3), np.int32)
        scan = Scan(vertices, faces, Choice("m", "given"), Choice("+y", "given"),
                    Source("folder/tube.ply", "0" * 64, len(vertices), len(faces)), np.eye(4))
        return replace(scan, **changes)

    @staticmethod
    def _spread(vertices, faces) -> np.ndarray:
        share = np.random.default_rng(1).dirichlet((1, 1, 1), (60, len(faces)))
        return np.einsum("nfk,fkc->nfc", share, vertices[faces]).reshape(-1, 3).astype(np.float32)


@pytest.fixture(scope="session")
def make_scan(avatar: Avatar) -> ScanMaker:
    return ScanMaker(avatar)


@dataclass(frozen=True)
class ReadGlb:
    """The two chunks of a file, read with nothing but struct, json and numpy."""

    document: dict
    binary: bytes

    def view(self, index: int) -> bytes:
        view = self.document["bufferViews"][index]
        return self.binary[view["byteOffset"]:view["byteOffset"] + view["byteLength"]]

    def accessor(self, index: int) -> np.ndarray:
        accessor = self.document["accessors"][index]
        values = np.frombuffer(self.view(accessor["bufferView"]),
                               _TYPES[accessor["componentType"]])
        return values.reshape(accessor["count"], _WIDTHS[accessor["type"]])

    def attribute(self, name: str) -> np.ndarray:
        return self.accessor(self.primitive["attributes"][name])

    @property
    def primitive(self) -> dict:
        return self.document["meshes"][0]["primitives"][0]

    @property
    def faces(self) -> np.ndarray:
        return self.accessor(self.primitive["indices"]).reshape(-1, 3)

    def joint_matrices(self) -> np.ndarray:
        """World transform of every joint of the skin, times its inverse bind matrix."""
        skin = self.document["skins"][0]
        world = {}
        self._descend(skin["skeleton"], np.eye(4), world)
        binds = self.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        return np.stack([world[j] @ bind for j, bind in zip(skin["joints"], binds, strict=True)])

    def _descend(self, index: int, parent: np.ndarray, world: dict[int, np.ndarray]) -> None:
        node = self.document["nodes"][index]
        local = np.eye(4)
        local[:3, :3] = Rotation.from_quat(node["rotation"]).as_matrix()
        local[:3, 3] = node["translation"]
        world[index] = parent @ local
        for child in node.get("children", ()):
            self._descend(child, world[index], world)

    def skinned(self) -> np.ndarray:
        """The vertices where a viewer draws them."""
        matrices, joints = self.joint_matrices(), self.attribute("JOINTS_0")
        mixed = np.einsum("vk,vkab->vab", self.attribute("WEIGHTS_0"), matrices[joints])
        points = np.hstack((self.attribute("POSITION"), np.ones((len(joints), 1))))
        return np.einsum("vab,vb->va", mixed, points)[:, :3]


def _read_glb(path: Path) -> ReadGlb:
    content = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    json_length, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    document = json.loads(content[20:20 + json_length])
    binary_length, kind = struct.unpack_from("<I4s", content, 20 + json_length)
    assert kind == b"BIN\0"
    binary = content[28 + json_length:]
    assert len(binary) == binary_length == document["buffers"][0]["byteLength"]
    return ReadGlb(document, binary)


@pytest.fixture(scope="session")
def read_glb() -> Callable[[Path], ReadGlb]:
    return _read_glb


@pytest.fixture(scope="session")
def reference_skinning():
    """`skinned`: vertices and joints, posed by the plainest code there is."""
    return skinned
