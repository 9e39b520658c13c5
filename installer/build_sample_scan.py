"""Build resources/sample/sample_scan.ply: a synthetic adult, scanned in a relaxed A-pose.

Usage: python installer/build_sample_scan.py [--out FILE]

The person comes from Anny (code Apache-2.0, data CC0); nobody real was scanned. Centimetres,
z up, 0.4 mm of noise, small holes where a scanner cannot look; the same bytes each run.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "desktop"), str(ROOT / "installer")]

from sample_colours import clothed_colours
from tests.synthetic.files import METRES, FileFrame, write_ply
from tests.synthetic.poses import standing_pose
from tests.synthetic.posing import pose_subject, soft_tissue
from tests.synthetic.scanner import Scanner, scan_person
from tests.synthetic.subjects import default_cache, load_people

SEED = 940_003
SCANNER = Scanner(points=58_000, noise_m=0.0004, holes=0.8, eyes=True, head_detail=2.0)
FRAME = FileFrame(unit="cm", up="+z", yaw=0.6)


def main() -> None:
    """Sample, pose, scan and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "resources/sample/sample_scan.ply")
    options = parser.parse_args()
    anatomy, (subject,) = load_people([SEED], default_cache())
    draw = np.random.default_rng(SEED)
    posed = pose_subject(anatomy, subject, standing_pose(draw, "a"),
                         soft_tissue(anatomy, subject, draw))
    surface = scan_person(anatomy, posed, SCANNER, draw)
    print(f"{np.ptp(posed.vertices[:, 1]):.2f} m tall, {len(surface.vertices):,} points")
    colours = clothed_colours(anatomy, posed, surface.vertices, draw)
    placed = FRAME.placed(surface.vertices) / METRES[FRAME.unit]
    write_ply(options.out, placed, surface.faces, colours)


if __name__ == "__main__":
    main()
