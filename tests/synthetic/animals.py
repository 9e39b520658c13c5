"""Animals on four legs, grown from a skeleton of rods under one skin."""

import numpy as np
from tests.synthetic.posing import vertex_normals
from tests.synthetic.scanner import Surface, tessellated, thinned
from tests.synthetic.shapes import blended

# Metres: height of the back, length and radius of the trunk, neck, head, legs, ears, tail.
DOG = {"back": 0.6, "trunk": 0.6, "girth": 0.12, "neck": 0.26, "head": 0.22, "leg": 0.035,
       "ear": 0.09, "tail": 0.35}
HORSE = {"back": 1.5, "trunk": 1.3, "girth": 0.27, "neck": 0.75, "head": 0.5, "leg": 0.06,
         "ear": 0.13, "tail": 0.8}
PIG = {"back": 0.75, "trunk": 0.95, "girth": 0.24, "neck": 0.14, "head": 0.34, "leg": 0.055,
       "ear": 0.14, "tail": 0.15}
_CELLS, _SPLITS, _ROUNDED, _ROUGH_M = 64, 3, 0.12, 0.0009
_CELL_M = 0.003

Rod = tuple[np.ndarray, np.ndarray, float, float]


def animal(build: dict[str, float], draw: np.random.Generator) -> Surface:
    """Standing on y = 0, looking along +z, legs in mid-stride."""
    girth = build["girth"]
    rods = [*_trunk(build), *_legs(build, draw)]
    coarse = blended(rods, _ROUNDED * girth, max(build["back"], build["trunk"]) / _CELLS)
    skin = tessellated(coarse.vertices, vertex_normals(coarse.vertices, coarse.faces),
                       coarse.faces, _SPLITS)
    skin = thinned(skin, np.full(len(skin.vertices), _CELL_M))
    lumps = np.sin(skin.vertices @ draw.normal(0, 40, (3, 6))).sum(axis=1)
    normals = vertex_normals(skin.vertices, skin.faces)
    vertices = skin.vertices + _ROUGH_M * lumps[:, None] * normals
    return Surface(vertices - (0, vertices[:, 1].min(), 0), skin.faces)


def _trunk(build: dict[str, float]) -> list[Rod]:
    """Trunk, neck, head with muzzle and ears, tail."""
    girth, high = build["girth"], build["back"] - build["girth"]
    rump, chest = np.array((0, high, -build["trunk"] / 2)), np.array((0, high, build["trunk"] / 2))
    nape = chest + build["neck"] * np.array((0, 0.75, 0.66))
    nose = nape + build["head"] * np.array((0, -0.35, 0.94))
    brow = nape + 0.25 * (nose - nape)
    skull = 0.3 * build["head"]
    rods = [(rump, chest, 0.92 * girth, girth), (chest, nape, 0.7 * girth, 0.8 * skull),
            (nape, brow, skull, skull), (brow, nose, 0.85 * skull, 0.5 * skull)]
    for side in (-1, 1):
        root = nape + (side * 0.7 * skull, 0.6 * skull, 0)
        rods.append((root, root + build["ear"] * np.array((side * 0.35, 0.9, -0.1)),
                     0.3 * skull, 0.1 * skull))
    tip = rump + build["tail"] * np.array((0, -0.75, -0.66))
    rods.append((rump - (0, 0, 0.8 * girth), tip, 0.2 * girth, 0.08 * girth))
    return rods


def _legs(build: dict[str, float], draw: np.random.Generator) -> list[Rod]:
    """Thigh, shank and paw, four times."""
    girth, thick = build["girth"], build["leg"]
    top = build["back"] - 1.3 * girth
    rods = []
    for side in (-1, 1):
        for end in (-1, 1):
            stride = draw.uniform(-0.12, 0.12) * top
            root = np.array((side * 0.55 * girth, top, end * (build["trunk"] / 2 - 0.3 * girth)))
            knee = root + (side * 0.05 * girth, -0.5 * top, 0.5 * stride - end * 0.04 * top)
            paw = np.array((knee[0], thick, root[2] + stride))
            rods += [(root, knee, 2.2 * thick, 1.2 * thick), (knee, paw, 1.1 * thick, 0.8 * thick),
                     (paw, paw + (0, 0, 1.2 * thick), thick, 0.9 * thick)]
    return rods
