"""The avatar as binary glTF 2.0: skinned mesh, skeleton, UV and texture, in metres, y up.

Only the skin is written, without interior faces and the vertices only they use; vertices on UV
seams are doubled. `_VERTEX` holds the avatar's vertex number of every one, so that what another
program changes can be brought back to the fixed topology.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float32

from likeness import __version__
from likeness.avatars.avatar import Avatar
from likeness.avatars.gltf_container import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, Container
from likeness.avatars.images import png_bytes
from likeness.avatars.skeleton import (
    local_offsets,
    quaternions,
    strongest_influences,
    unique_names,
)
from likeness.avatars.surface import SeamedMesh, skin_mask, split_at_seams, vertex_normals

POSES = ("T", "scan")
_SKIN_COLOUR = [0.75, 0.72, 0.69, 1.0]


def write_glb(avatar: Avatar, path: Path, *, pose: str = "T") -> None:
    """Write the avatar at rest ("T") or bent into the scan's pose ("scan").

    The mesh is bound to the skeleton in the T-pose either way. "T" leaves every joint unturned;
    "scan" turns the joints and bakes the pose correctives in, so that the skinned mesh is the
    fitted surface.
    """
    if pose not in POSES:
        raise ValueError(f"pose {pose!r} is none of {POSES}")
    path.write_bytes(_packed(avatar, pose))


def _packed(avatar: Avatar, pose: str) -> bytes:
    container = Container()
    joint_count = len(avatar.parents)
    scene: dict[str, object] = {
        "asset": {"version": "2.0", "generator": f"Likeness {__version__}",
                  "extras": {"likeness_version": __version__, "body": avatar.body, "pose": pose}},
        "scene": 0,
        # The mesh stands beside the skeleton: glTF ignores the transforms of a skinned mesh's node.
        "scenes": [{"nodes": [0, joint_count]}],
        "nodes": [*_joint_nodes(avatar, pose),
                  {"name": avatar.name, "mesh": 0, "skin": 0}],
        "meshes": [{"name": avatar.name, "primitives": [_primitive(avatar, pose, container)]}],
        "skins": [{"name": "skeleton", "skeleton": 0, "joints": list(range(joint_count)),
                   "inverseBindMatrices": container.add_array(_inverse_binds(avatar))}],
    }
    return container.packed(scene | _material(avatar, container))


def _joint_nodes(avatar: Avatar, pose: str) -> list[dict[str, object]]:
    offsets = local_offsets(avatar.rest_joints, avatar.parents)
    turns = np.tile(np.asarray([0, 0, 0, 1], np.float32), (len(offsets), 1))
    if pose == "scan":
        offsets[0] += avatar.transl
        turns = quaternions(avatar.rotations)
    nodes: list[dict[str, object]] = []
    for joint, name in enumerate(unique_names(avatar)):
        node: dict[str, object] = {"name": name, "translation": offsets[joint].tolist(),
                                   "rotation": turns[joint].tolist()}
        # The root's parent is itself or -1, by family; it is nobody's child.
        if children := (np.flatnonzero(avatar.parents[1:] == joint) + 1).tolist():
            node["children"] = children
        nodes.append(node)
    return nodes


def _inverse_binds(avatar: Avatar) -> Float32[np.ndarray, "J 16"]:
    """Column-major; the bind pose has no rotation, so the last row is exactly (0, 0, 0, 1)."""
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(avatar.parents), 1, 1))
    matrices[:, 3, :3] = -avatar.rest_joints
    return matrices.reshape(-1, 16)


def _primitive(avatar: Avatar, pose: str, container: Container) -> dict[str, object]:
    mesh = split_at_seams(avatar)
    bound = avatar.rest_vertices + (avatar.pose_correctives if pose == "scan" else 0)
    normals = vertex_normals(bound, avatar.faces[skin_mask(avatar)])
    joints, weights = strongest_influences(avatar.skin_weights[mesh.source])

    def attribute(values: np.ndarray, *, bounds: bool = False) -> int:
        return container.add_array(values, ARRAY_BUFFER, bounds=bounds)

    attributes = {
        "POSITION": attribute(bound[mesh.source], bounds=True),
        "NORMAL": attribute(normals[mesh.source]),
        "JOINTS_0": attribute(joints),
        "WEIGHTS_0": attribute(weights),
        "_VERTEX": attribute(mesh.source.astype(np.float32)),
    }
    if mesh.uv is not None:
        attributes["TEXCOORD_0"] = attribute(_top_down(mesh))
    indices = container.add_array(mesh.faces.astype(np.uint32).reshape(-1, 1),
                                  ELEMENT_ARRAY_BUFFER)
    return {"attributes": attributes, "indices": indices, "material": 0, "mode": 4}


def _top_down(mesh: SeamedMesh) -> Float32[np.ndarray, "N 2"]:
    """Images in glTF count v from the top."""
    assert mesh.uv is not None
    return np.stack((mesh.uv[:, 0], 1 - mesh.uv[:, 1]), axis=1)


def _material(avatar: Avatar, container: Container) -> dict[str, object]:
    surface: dict[str, object] = {"metallicFactor": 0.0, "roughnessFactor": 0.85}
    # Both sides: where the interior is left out, the eyes show the inside of the head, not a hole.
    material = {"name": "skin", "pbrMetallicRoughness": surface, "doubleSided": True}
    if avatar.texture is None or avatar.uv is None:
        surface["baseColorFactor"] = _SKIN_COLOUR
        return {"materials": [material]}
    surface["baseColorTexture"] = {"index": 0}
    view = container.add_bytes(png_bytes(avatar.texture))
    return {
        "materials": [material],
        "textures": [{"source": 0, "sampler": 0}],
        # Linear with mipmaps; clamped, as a UV atlas does not repeat.
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
        "images": [{"name": "texture", "mimeType": "image/png", "bufferView": view}],
    }
