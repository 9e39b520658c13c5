"""From a fit to the avatar: the fitted body at rest and in the scan's pose, and its texture."""

from dataclasses import replace

import numpy as np

from likeness.avatars.avatar import Avatar
from likeness.avatars.colours import has_colours
from likeness.avatars.fitted import Fitted, fit_from_scan
from likeness.avatars.texture import bake_texture
from likeness.bodies.body import Body
from likeness.bodies.pose import joint_rotations, pose_body
from likeness.scans.scan import Scan


def build_avatar(scan: Scan, body: Body, fit: Fitted) -> Avatar:
    """The avatar of a fit; a scan with colours gives it a texture, where the body has UVs."""
    avatar = _untextured(body, fit)
    if not has_colours(scan):
        return avatar
    return replace(avatar, texture=bake_texture(scan, fit_from_scan(scan, fit), avatar))


def _untextured(body: Body, fit: Fitted) -> Avatar:
    posed = pose_body(body, fit.parameters, fit.displacements)
    return Avatar(
        name="avatar",
        body=fit.body,
        vertices=fit.vertices,
        faces=body.faces,
        joints=fit.joints,
        rest_vertices=np.asarray(posed.rest_vertices, np.float32),
        rest_joints=np.asarray(posed.rest_joints, np.float32),
        pose_correctives=np.asarray(posed.pose_correctives, np.float32),
        rotations=np.asarray(joint_rotations(body, fit.parameters), np.float32),
        transl=np.asarray(fit.parameters.transl, np.float32),
        parents=body.parents,
        joint_names=body.joint_names,
        skin_weights=body.skin_weights,
        interior=body.hidden,
        uv=body.uv,
        uv_faces=body.uv_faces,
    )
