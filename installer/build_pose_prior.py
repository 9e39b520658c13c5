"""Build resources/bodies/pose_prior.npz: mean and covariance of body poses in motion capture.

Usage: python installer/build_pose_prior.py POSES.npz
POSES.npz holds `poses` (N, 24, 3), SMPL joint order, axis-angle in radians, y up, retargeted from
the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu). Only the statistics ship.
"""

import sys
from pathlib import Path

import numpy as np

JOINTS = slice(1, 22)  # the 21 body joints that all of the SMPL family share
FLOOR_SD = 0.08  # radians; what the recordings hold still (wrists, toes) may still turn a little
QUIET_SD = {7: 0.15, 8: 0.15, 10: 0.10, 11: 0.10, 13: 0.2, 14: 0.2, 20: 0.35, 21: 0.35}


def pose_statistics(poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (63,) and covariance (63, 63) of `poses` (N, 24, 3), floored so that no joint is fixed."""
    flat = poses[:, JOINTS].reshape(len(poses), -1).astype(np.float64)
    floor = np.full(24, FLOOR_SD)
    for joint, sd in QUIET_SD.items():
        floor[joint] = sd
    variance = np.repeat(floor[JOINTS] ** 2, 3)
    return flat.mean(axis=0), np.cov(flat, rowvar=False) + np.diag(variance)


def main() -> None:
    """Read the poses, write the statistics."""
    mean, covariance = pose_statistics(np.load(sys.argv[1])["poses"])
    out = Path(__file__).resolve().parents[1] / "resources/bodies/pose_prior.npz"
    np.savez(out, mean=mean.astype(np.float32), covariance=covariance.astype(np.float32))


if __name__ == "__main__":
    main()
