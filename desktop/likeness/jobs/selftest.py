"""Whether this installation works: libraries, resources, the body, and a fit of the sample."""

import importlib.metadata
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from likeness import __version__
from likeness.core.errors import UserError
from likeness.core.paths import resource
from likeness.core.progress import silent

SAMPLE = "sample/sample_scan.ply"
_RESOURCES = ("bodies/open_body.npz", "bodies/pose_prior.npz", SAMPLE)
# The sample is clean: a working installation fits it far closer than this.
_MEDIAN_LIMIT_MM = 10.0
_SKINNING_LIMIT_M = 1e-5


@dataclass(frozen=True)
class Check:
    """One thing that was tried, whether it works, and what was found."""

    name: str
    passed: bool
    detail: str


def run_selftest() -> Iterator[Check]:
    """Try one thing after the other; a failed one does not keep the next from being tried."""
    tries: tuple[tuple[str, Callable[[], str]], ...] = (
        ("python", _python), ("libraries", _libraries), ("resources", _resources),
        ("body", _body), ("skinning", _skinning), ("fit", _fit))
    for name, attempt in tries:
        yield _tried(name, attempt)


class _FailedError(Exception):
    """A check found something wrong; the text says what."""


def _tried(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, True, attempt())
    except (_FailedError, UserError) as error:
        return Check(name, False, str(error))
    except (ImportError, OSError, ValueError, KeyError, RuntimeError) as error:
        # What a broken installation raises: libraries that do not load, damaged files.
        return Check(name, False, f"{type(error).__name__}: {error}")


def _python() -> str:
    return f"Python {sys.version.split()[0]}, likeness {__version__}"


def _libraries() -> str:
    """Compare with the versions this release was tested with; a bare source folder names none."""
    try:
        required = importlib.metadata.requires("likeness") or []
    except importlib.metadata.PackageNotFoundError:
        return "run from a source folder; versions not pinned"
    pins = [pin.groups() for line in required if ";" not in line
            and (pin := re.match(r"([\w.-]+)==([\w.]+)", line))]
    other = [f"{name} {found} instead of {wanted}" for name, wanted in pins
             if (found := importlib.metadata.version(name)).split("+")[0] != wanted]
    if other:
        raise _FailedError(f"not the tested versions: {', '.join(other)}")
    return f"{len(pins)} libraries in the tested versions"


def _resources() -> str:
    missing = [name for name in _RESOURCES if not resource(name).is_file()]
    if missing:
        raise _FailedError(f"missing: {', '.join(missing)}")
    return f"{len(_RESOURCES)} files in {resource('.').resolve()}"


def _body() -> str:
    from likeness.bodies.library import find_body

    body = find_body("open")
    return (f"{body.name}: {len(body.template):,} vertices, {body.joint_count} joints, "
            f"{body.shape_count} shape components")


def _skinning() -> str:
    """Pose the open body at random by smplx, which reads our file as it is, and by ourselves."""
    import numpy as np
    import smplx
    import torch

    from likeness.bodies.library import find_body
    from likeness.bodies.pose import BodyParameters, pose_body

    body, draw = find_body("open"), np.random.default_rng(0)
    sizes = {"betas": body.shape_count, "global_orient": 3, "transl": 3, "body_pose": 63,
             "left_hand_pose": 45, "right_hand_pose": 45}
    drawn = {name: draw.normal(0.0, 0.4, size) for name, size in sizes.items()}
    model = smplx.SMPLH(str(resource("bodies/open_body.npz")), ext="npz", use_pca=False,
                        num_betas=body.shape_count)
    theirs = model(**{name: torch.as_tensor(value, dtype=torch.float32)[None]
                      for name, value in drawn.items()}).vertices[0].detach().numpy()
    whole = {name: drawn.pop(name) for name in ("betas", "global_orient", "transl")}
    ours = pose_body(body, BodyParameters(**whole, pose=drawn)).vertices
    apart = float(np.abs(ours - theirs).max())
    told = f"our skinning and that of smplx differ by at most {apart * 1e6:.1f} micrometres"
    if apart > _SKINNING_LIMIT_M:
        raise _FailedError(told)
    return told


def _fit() -> str:
    from likeness.jobs.job import Job, run_job
    from likeness.jobs.protocol import ExportAvatar, FitScan, ReadScan

    with tempfile.TemporaryDirectory(prefix="likeness-selftest-") as folder:
        job = Job(ReadScan(resource(SAMPLE)), FitScan(), ExportAvatar(Path(folder) / "sample"))
        outcome = run_job(job, silent)
    median, verdict = outcome.fitted.fit.distances.scan_to_avatar.median, outcome.verdict
    told = f"sample fitted within {median:.1f} mm (median), verdict {verdict}"
    if median > _MEDIAN_LIMIT_MM or verdict == "poor":
        raise _FailedError(told)
    return told
