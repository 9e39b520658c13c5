"""Bodies of the whole SMPL family are fitted, with as few shape components as their files have."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.fitting.recast import recast

from likeness.bodies.body import Body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.progress import silent
from likeness.fitting.fit import FitSettings
from likeness.fitting.pipeline import fit_body

LEFT_SHOULDER, RIGHT_SHOULDER = 16, 17


def _parameters(body: Body, draw: np.random.Generator) -> BodyParameters:
    pose = {group.parameter: draw.normal(0.0, 0.05, 3 * len(group.joints)) for group in body.groups
            if group.parameter != "global_orient" and "jaw" not in group.parameter
            and "eye" not in group.parameter}
    for joint, side in ((LEFT_SHOULDER, -1.0), (RIGHT_SHOULDER, 1.0)):
        pose["body_pose"][3 * (joint - 1) + 2] += 0.7 * side
    betas = draw.normal(0.0, 0.8, body.shape_count).astype(np.float32)
    return BodyParameters(betas, np.array((0.0, 2.0, 0.0)), np.array((0.1, 0.9, -0.2)), pose)


@pytest.mark.parametrize(("family", "shapes"), [("smpl", 10), ("smplh", 16), ("smplx", 10)])
def test_a_person_of_each_family_is_found(open_body: Body, scan_of: Callable, tmp_path: Path,
                                          family: str, shapes: int) -> None:
    body = recast(open_body, family, shapes, tmp_path / f"{family}.npz")
    assert (body.family, body.shape_count) == (family, shapes)
    draw = np.random.default_rng(2)
    vertices = pose_body(body, _parameters(body, draw)).vertices
    fit = fit_body(scan_of(body, vertices, draw), body, FitSettings("standard"), silent)
    frame = fit.world_from_scan
    errors = np.linalg.norm(fit.vertices - vertices @ frame[:3, :3].T - frame[:3, 3], axis=1)
    assert errors[~body.interior].mean() < 0.0025
    assert fit.verdict.level == "good"
