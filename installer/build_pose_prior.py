"""Build resources/bodies/pose_prior.npz: mean, covariance and typical ones of recorded poses.

Usage: python installer/build_pose_prior.py POSES.npz

POSES.npz holds `poses` (N, 24, 3), SMPL joint order, axis-angle in radians, y up, retargeted from
the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu). Only the statistics ship, and the
few places in which a limb that went astray is tried again, and whole poses to search from.

People in a scanner stand: as many drawn standing poses, arms anywhere between level and hanging,
are mixed in, or straight knees would count as rare.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.spatial.transform import Rotation

JOINTS = slice(1, 22)  # the 21 body joints that all of the SMPL family share
FLOOR_SD = 0.08  # radians; what the recordings hold still (wrists, toes) may still turn a little
ARMS, ARM_ALONG, ARM_PLACES = ((13, 16, 18, 20), (14, 17, 19, 21)), (1.0, 0.0, 0.0), 10
LEGS, LEG_ALONG, LEG_PLACES = ((1, 4, 7, 10), (2, 5, 8, 11)), (0.0, -1.0, 0.0), 6
SPINE, TYPICAL = (3, 6, 9), 8
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


def limb_places(poses: np.ndarray, sides: tuple[tuple[int, ...], ...], along: tuple[float, ...],
                count: int, *, bends_late: bool) -> np.ndarray:
    """Axis-angle (count, 4, 3) of a left limb's joints, recorded ones as unlike as can be.

    Limbs are alike whose upper and lower halves point the same ways. The next place is always the
    recording farthest from those chosen (Gonzalez 1985), so the rare ones are among them.
    """
    left, right = (poses[:, list(joints)] for joints in sides)
    limbs = np.concatenate((left, right * (1.0, -1.0, -1.0)))
    turns = [Rotation.from_rotvec(limbs[:, joint]) for joint in range(3)]
    # An arm's upper half follows collar and shoulder, a leg's the hip alone.
    upper, lower = ((turns[0] * turns[1], turns[0] * turns[1] * turns[2]) if bends_late
                    else (turns[0], turns[0] * turns[1]))
    features = np.hstack((upper.apply(along), lower.apply(along)))
    chosen = [int(np.linalg.norm(features - features.mean(axis=0), axis=1).argmin())]
    while len(chosen) < count:
        far = np.linalg.norm(features[:, None] - features[chosen], axis=2).min(axis=1)
        chosen.append(int(far.argmax()))
    return limbs[chosen]


def typical_poses(poses: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Axis-angle (count, 21, 3) of the recorded poses nearest to the middles of as many clusters.

    Poses are alike whose limbs and trunk point the same ways, seen from the pelvis.
    """
    turn = [Rotation.from_rotvec(poses[:, joint]) for joint in range(poses.shape[1])]
    trunk = turn[SPINE[0]] * turn[SPINE[1]] * turn[SPINE[2]]
    features = [trunk.apply((0.0, 1.0, 0.0))]
    for (collar, shoulder, elbow, _), side in zip(ARMS, (1.0, -1.0), strict=True):
        upper = trunk * turn[collar] * turn[shoulder]
        features += [each.apply(np.multiply(side, ARM_ALONG))
                     for each in (upper, upper * turn[elbow])]
    for hip, knee, *_ in LEGS:
        features += [each.apply(LEG_ALONG) for each in (turn[hip], turn[hip] * turn[knee])]
    flat = np.hstack(features)
    middles, _ = kmeans2(flat, count, minit="++", seed=seed)
    return poses[[int(np.linalg.norm(flat - middle, axis=1).argmin()) for middle in middles],
                 JOINTS]


def main() -> None:
    """Read the poses, write the statistics."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("poses", type=Path)
    poses = np.load(parser.parse_args().poses)["poses"]
    mixed = np.concatenate((poses, standing_poses(len(poses), seed=1)))
    mean, covariance = pose_statistics(mixed)
    out = Path(__file__).resolve().parents[1] / "resources/bodies/pose_prior.npz"
    np.savez(out, mean=mean.astype(np.float32), covariance=covariance.astype(np.float32),
             arm_places=limb_places(poses, ARMS, ARM_ALONG, ARM_PLACES,
                                    bends_late=True).astype(np.float32),
             leg_places=limb_places(poses, LEGS, LEG_ALONG, LEG_PLACES,
                                    bends_late=False).astype(np.float32),
             typical=typical_poses(poses, TYPICAL, seed=1).astype(np.float32))


if __name__ == "__main__":
    main()
