"""What nobody sees is found, on a whole body with eyes, mouth, and limbs that reach into others."""

import numpy as np
import pytest

from likeness.bodies.library import find_body
from likeness.bodies.pose import BodyParameters, pose_body
from likeness.core.progress import silent
from likeness.scans.finding import CERTAIN
from likeness.scans.flaws.pieces import face_areas, find_pieces
from likeness.scans.inspection import inspect_scan
from likeness.scans.scan import Choice, Scan, Source


def scan_of(vertices: np.ndarray, faces: np.ndarray) -> Scan:
    placed = (vertices - (0, vertices[:, 1].min(), 0)).astype(np.float32)
    return Scan(placed, faces.astype(np.int32), Choice("m", "", True), Choice("+y", "", True),
                Source("made", "", len(placed), len(faces)), np.eye(4))


def flagged(scan: Scan, *kinds: str) -> np.ndarray:
    mask = np.zeros(len(scan.faces), bool)
    for each in inspect_scan(scan, silent):
        if each.kind in kinds:
            mask[each.faces] = True
    return mask


def agreement(scan: Scan, found: np.ndarray, true: np.ndarray, counts: np.ndarray,
              ) -> tuple[float, float]:
    """Precision and recall by area."""
    area = face_areas(scan)
    both = area[found & true & counts].sum()
    return both / area[found & counts].sum(), both / area[true & counts].sum()


@pytest.fixture(scope="module")
def body() -> tuple[Scan, np.ndarray, np.ndarray, np.ndarray]:
    """The whole open body with lowered arms; which faces are separate, connected, on a rim."""
    model = find_body("open")
    pose = np.zeros((21, 3), np.float32)
    pose[15, 2], pose[16, 2] = -0.8, 0.8
    parameters = BodyParameters(np.zeros(model.shape_count, np.float32), np.zeros(3, np.float32),
                                np.zeros(3, np.float32), {"body_pose": pose.ravel()})
    scan = scan_of(pose_body(model, parameters).vertices, model.faces)
    inner = model.interior[model.faces].sum(axis=1)
    skin = find_pieces(scan).of_face == 0
    return scan, ~skin, skin & (inner == 3), skin & (inner > 0) & (inner < 3)


def test_eyes_tongue_sockets_and_mouth_of_a_body_are_found_and_nothing_else(body) -> None:
    scan, separate, connected, rim = body
    assert agreement(scan, flagged(scan, "internal"), separate, ~rim) == (1.0, 1.0)
    precision, recall = agreement(scan, flagged(scan, "internal-connected"), connected, ~rim)
    assert precision > 0.97
    assert recall > 0.95
    names = {each.name for each in inspect_scan(scan, silent) if each.action == "remove"}
    assert names == {"left eyeball", "right eyeball", "part of the mouth", "left eye socket",
                     "right eye socket", "mouth bag"}


@pytest.mark.parametrize("damage", ["flipped", "unjoined", "noisy"])
def test_neither_winding_nor_seams_nor_noise_hide_it(body, damage: str) -> None:
    scan, separate, connected, rim = body
    vertices, faces = scan.vertices, scan.faces.copy()
    draw = np.random.default_rng(0)
    if damage == "flipped":
        turned = draw.random(len(faces)) < 0.3
        faces[turned] = faces[turned][:, (0, 2, 1)]
    if damage == "unjoined":
        vertices, faces = vertices[faces.ravel()], np.arange(faces.size).reshape(-1, 3)
    if damage == "noisy":
        vertices = vertices + draw.normal(0.0, 0.0004, vertices.shape)
    hurt = scan_of(vertices, faces)
    for kind, true in (("internal", separate), ("internal-connected", connected)):
        precision, recall = agreement(hurt, flagged(hurt, kind), true, ~rim)
        assert precision > 0.96
        assert recall > 0.92


def motions() -> list[np.ndarray]:
    tilt = np.radians(7)
    return [np.array(((np.cos(a), 0, np.sin(a)), (0, 1, 0), (-np.sin(a), 0, np.cos(a))))
            @ np.array(((1, 0, 0), (0, np.cos(t), -np.sin(t)), (0, np.sin(t), np.cos(t))))
            for a, t in ((0.4, 0.0), (1.9, tilt), (4.0, -tilt))]


@pytest.mark.parametrize("turn", motions(), ids=["yaw", "tipped", "tipped back"])
def test_any_motion_and_any_order_of_vertices_and_faces_give_the_same(body, turn) -> None:
    scan = body[0]
    draw = np.random.default_rng(3)
    order, faces = draw.permutation(len(scan.vertices)), draw.permutation(len(scan.faces))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    moved = scan_of(scan.vertices[order] @ turn.T + (0.7, 0.0, -1.0), place[scan.faces[faces]])
    area = face_areas(scan)
    for kind in ("internal", "internal-connected"):
        before = flagged(scan, kind)
        after = np.empty_like(before)
        after[faces] = flagged(moved, kind)
        assert area[before ^ after].sum() < 0.01 * area[before].sum()


def tube(start: float, end: float, radius: float, around: int = 32, along: int = 24,
         ) -> tuple[np.ndarray, np.ndarray]:
    """A closed upright cylinder between two heights."""
    turn = np.arange(around) * 2 * np.pi / around
    ring = np.stack((np.cos(turn), np.zeros(around), np.sin(turn)), axis=1) * radius
    heights = np.linspace(start, end, along + 1)
    sides = (ring[None] + np.array((0, 1, 0)) * heights[:, None, None]).reshape(-1, 3)
    faces = []
    for k in range(along):
        for i in range(around):
            j = (i + 1) % around
            a, b = k * around + i, k * around + j
            faces += [(a, a + around, b), (b, a + around, b + around)]
    low, high = len(sides), len(sides) + 1
    top = along * around
    faces += [(low, i, (i + 1) % around) for i in range(around)]
    faces += [(high, top + (i + 1) % around, top + i) for i in range(around)]
    return np.concatenate((sides, [(0, start, 0), (0, end, 0)])), np.array(faces)


@pytest.mark.parametrize("turned", [False, True], ids=["outwards", "one inside out"])
def test_of_closed_shells_that_overlap_the_inner_ends_are_found(turned: bool) -> None:
    """A leg in a trunk: what each holds of the other, caps included."""
    trunk, leg = tube(0.9, 1.7, 0.2), tube(0.0, 1.0, 0.1)
    vertices = np.concatenate((trunk[0], leg[0]))
    second = leg[1][:, (0, 2, 1)] if turned else leg[1]
    faces = np.concatenate((trunk[1], second + len(trunk[0])))
    scan = scan_of(vertices, faces)
    middles = scan.vertices[scan.faces].mean(axis=1)
    radius = np.hypot(middles[:, 0], middles[:, 2])
    own_leg = np.arange(len(faces)) >= len(trunk[1])
    true = np.where(own_leg, middles[:, 1] > 0.9, (middles[:, 1] < 0.901) & (radius < 0.1))
    # Faces that the other shell cuts are neither.
    counts = np.where(own_leg, np.abs(middles[:, 1] - 0.9) > 0.03, np.abs(middles[:, 1] - 0.9) > 1)
    precision, recall = agreement(scan, flagged(scan, "internal"), true, counts)
    assert precision > 0.99
    assert recall > 0.99


def test_a_shell_inside_the_body_is_internal_though_it_reaches_as_far(body) -> None:
    scan, _, _, _ = body
    pieces = find_pieces(scan)
    skin = scan.faces[pieces.of_face == 0]
    a, b, c = (scan.vertices[skin[:, k]].astype(np.float64) for k in range(3))
    normals = np.zeros_like(scan.vertices, dtype=np.float64)
    for k in range(3):
        np.add.at(normals, skin[:, k], np.cross(b - a, c - a))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    trunk = (np.abs(scan.vertices[:, 0]) < 0.13) & (scan.vertices[:, 1] < 1.3)
    trunk &= scan.vertices[:, 1] > 0.5
    own = skin[trunk[skin].all(axis=1)]
    inner = scan.vertices - 0.012 * normals
    both = scan_of(np.concatenate((scan.vertices, inner)),
                   np.concatenate((skin, own + len(inner))))
    found = flagged(both, "internal")
    assert found[len(skin):].mean() > 0.99
    assert found[:len(skin)].mean() < 0.002


def blocks(lines: tuple[np.ndarray, ...], filled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The surface of the filled cells between lines along x, y and z."""
    shape = tuple(len(each) for each in lines)
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=3).reshape(-1, 3)
    full = np.pad(filled, 1)
    faces = []
    for axis in range(3):
        beside, above = ((axis + k) % 3 for k in (1, 2))
        for side in (0, 1):
            bare = full & ~np.roll(full, 1 - 2 * side, axis=axis)
            corner = np.argwhere(bare[1:-1, 1:-1, 1:-1]) + side * np.eye(3, dtype=int)[axis]
            a, b, c, d = (np.ravel_multi_index((corner + step).T, shape) for step in (
                np.zeros(3, int), np.eye(3, dtype=int)[beside],
                np.eye(3, dtype=int)[beside] + np.eye(3, dtype=int)[above],
                np.eye(3, dtype=int)[above]))
            ring = (a, b, c, d) if side else (d, c, b, a)
            faces += [np.stack((ring[0], ring[1], ring[2]), 1),
                      np.stack((ring[0], ring[2], ring[3]), 1)]
    used, faces = np.unique(np.concatenate(faces), return_inverse=True)
    return grid[used], faces.reshape(-1, 3)


def together(*meshes: tuple[np.ndarray, np.ndarray]) -> Scan:
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return scan_of(np.concatenate([vertices for vertices, _ in meshes]),
                   np.concatenate([faces + start for (_, faces), start in
                                   zip(meshes, starts, strict=False)]))


@pytest.mark.parametrize("layered", [False, True], ids=["bare", "with a layer"])
def test_skin_in_something_is_not_surely_the_one_to_go_where_layers_lie_over_it(layered) -> None:
    """What holds the skin may be one more layer then, as a second hand around the true one is."""
    wide = np.linspace(-0.2, 0.2, 17)
    box = blocks((wide, np.linspace(1.4, 1.8, 17), wide), np.ones((16, 16, 16), bool))
    vertices, faces = tube(0.5, 1.0, 0.115)
    sleeve = vertices, faces[(faces < len(vertices) - 2).all(axis=1)]
    person = tube(0.0, 1.7, 0.1)
    scan = together(person, box, *([sleeve] if layered else []))
    (end,) = (each for each in inspect_scan(scan, silent)
              if each.kind == "internal" and each.faces.min() < len(person[1]))
    assert scan.vertices[scan.faces[end.faces]][..., 1].min() > 1.3
    assert (end.confidence >= CERTAIN) != layered


def test_legs_that_touch_are_no_pocket_and_a_bag_of_the_same_surface_is() -> None:
    """Closed legs hide as much surface as a bag does, but behind a seam as long as they are."""
    beside = np.linspace(0.0005, 0.14, 12)
    lines = (np.concatenate((-beside[::-1], beside)), np.linspace(0, 1.6, 81),
             np.linspace(-0.08, 0.08, 9))
    x, y, _ = np.meshgrid(*((each[1:] + each[:-1]) / 2 for each in lines), indexing="ij")
    legs = scan_of(*blocks(lines, (np.abs(x) > 0.0005) | (y > 0.8)))
    hidden = np.abs(legs.vertices[legs.faces][..., 0]).max(axis=1) < 0.001
    assert face_areas(legs)[hidden].sum() > 0.2
    assert not flagged(legs, "internal", "internal-connected").any()

    wide = np.linspace(-0.2, 0.2, 41)
    lines = (wide, np.linspace(0, 1.6, 81), wide)
    x, y, z = np.meshgrid(*((each[1:] + each[:-1]) / 2 for each in lines), indexing="ij")
    cave = (np.abs(x) < 0.1) & (np.abs(y - 1.0) < 0.15) & (np.abs(z) < 0.1)
    mouth = (np.abs(x) < 0.02) & (np.abs(y - 1.0) < 0.02) & (z > 0)
    bag = scan_of(*blocks(lines, ~cave & ~mouth))
    middles = bag.vertices[bag.faces].mean(axis=1)
    inner = (np.abs(middles[:, 0]) < 0.11) & (np.abs(middles[:, 1] - 1.0) < 0.16) & (
        np.abs(middles[:, 2]) < 0.11)
    precision, recall = agreement(bag, flagged(bag, "internal-connected"), inner,
                                  np.ones(len(inner), bool))
    assert precision > 0.95
    assert recall > 0.95
