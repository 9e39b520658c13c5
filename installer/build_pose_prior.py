"""Build resources/bodies/pose_prior.npz: mean and covariance of body poses in motion capture.

Usage: python installer/build_pose_prior.py POSES.npz

POSES.npz holds `poses` (N, 24, 3), SMPL joint order, axis-angle in radians, y up, retargeted from
the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu). Only the statistics ship.

People in a scanner stand: as many drawn standing poses, arms anywhere between level and hanging,
are mixed in, or straight knees would count as rare.
"""

import argparse
from pathlib import Path

import numpy as np

JOINTS = slice(1, 22)  # the 21 body joints that all of the SMPL family share
FLOOR_SD = 0.08  # radians; what the recordings hold still (wrists, toes) may still turn a little
QUIET_SD = {7: 0.15, 8: 0.15, 10: 0.10, 11: 0.10, 13: 0.2, 14: 0.2, 20: 0.35, 21: 0.35}


def standing_poses(count: int, seed: int) -> np.ndarray:
    """Drawn poses (N, 24, 3) of people who stand to be scanned."""
    draw = np.random.default_rng(seed)
    poses = draw.normal(0.0, 0.08, (count, 24, 3))
    drop = draw.uniform(0.0, 1.45, count)
    spread = draw.uniform(0.0, 0.25, count)
    for arm, leg, sign in ((16, 1, -1.0), (17, 2, 1.0)):
        poses[:, arm, 2] += sign * (drop + draw.normal(0.0, 0.1, count))
        poses[:, leg, 2] -= sign * spread
    return poses


def pose_statistics(poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (63,) and covariance (63, 63) of `poses` (N, 24, 3), floored so no joint is fixed."""
    flat = poses[:, JOINTS].reshape(len(poses), -1).astype(np.float64)
    floor = np.full(24, FLOOR_SD)
    for joint, sd in QUIET_SD.items():
        floor[joint] = sd
    variance = np.repeat(floor[JOINTS] ** 2, 3)
    return flat.mean(axis=0), np.cov(flat, rowvar=False) + np.diag(variance)


def main() -> None:
    """Read the poses, write the statistics."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("poses", type=Path)
    poses = np.load(parser.parse_args().poses)["poses"]
    mixed = np.concatenate((poses, standing_poses(len(poses), seed=1)))
    mean, covariance = pose_statistics(mixed)
    out = Path(__file__).resolve().parents[1] / "resources/bodies/pose_prior.npz"
    np.savez(out, mean=mean.astype(np.float32), covariance=covariance.astype(np.float32))


if __name__ == "__main__":
    main()
