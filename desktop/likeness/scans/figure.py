"""The figure of people: how their surface is spread over their height, and how wide they are there.

Twelve slices from feet to head. Each row: logarithm of the share of the surface, logarithm of the
median distance from the slice's middle over the height, and how far people vary in both. Means
and deviations over 600 bodies of all shapes, from the open body: 480 standing with their arms
spread, lowered or down, 120 in recorded motions.
"""

import numpy as np

STANDING = np.array([
    (-2.49, -1.98, 0.24, 0.30),
    (-3.13, -2.07, 0.19, 0.29),
    (-2.84, -2.14, 0.19, 0.26),
    (-2.74, -2.26, 0.17, 0.23),
    (-2.54, -2.35, 0.21, 0.20),
    (-2.27, -2.35, 0.25, 0.23),
    (-2.27, -2.28, 0.29, 0.25),
    (-2.33, -2.36, 0.34, 0.29),
    (-2.11, -2.20, 0.30, 0.34),
    (-2.08, -2.17, 0.45, 0.40),
    (-2.94, -2.84, 0.34, 0.42),
    (-3.03, -2.96, 0.22, 0.21),
])

MOVING = np.array([
    (-2.94, -2.47, 0.49, 0.66),
    (-3.14, -2.27, 0.42, 0.56),
    (-2.83, -2.22, 0.37, 0.41),
    (-2.67, -2.27, 0.41, 0.36),
    (-2.48, -2.25, 0.36, 0.34),
    (-2.27, -2.25, 0.32, 0.32),
    (-2.32, -2.20, 0.34, 0.33),
    (-2.29, -2.19, 0.36, 0.38),
    (-2.09, -2.12, 0.34, 0.35),
    (-2.20, -2.18, 0.40, 0.34),
    (-2.69, -2.46, 0.44, 0.46),
    (-3.04, -2.68, 0.38, 0.49),
])
