"""Surface that faces inwards is found, whichever way it got there, and only that."""

import numpy as np
import pytest
import trimesh

from conftest import standing
from likeness.core.triangles import face_crosses
from likeness.scans.flaws.orientation import find_orientation, inward_faces
from likeness.scans.flaws.pieces import Pieces, find_pieces


def nothing(pieces: Pieces) -> np.ndarray:
    return np.zeros(len(pieces.scan.faces), bool)


def turned(faces: np.ndarray, which: np.ndarray) -> np.ndarray:
    changed = faces.copy()
    changed[which] = changed[which][:, (0, 2, 1)]
    return changed


@pytest.mark.parametrize("which", ["none", "the upper half", "a third at random", "all"])
def test_exactly_what_faces_inwards_is_found(person, as_scan, which: str) -> None:
    vertices, faces = person
    height = vertices[faces].mean(axis=1)[:, 1]
    inward = {"none": np.zeros(len(faces), bool), "the upper half": height > np.median(height),
              "a third at random": np.random.default_rng(2).random(len(faces)) < 1 / 3,
              "all": np.ones(len(faces), bool)}[which]
    pieces = find_pieces(as_scan(vertices, turned(faces, inward)))
    np.testing.assert_array_equal(inward_faces(pieces), inward)
    told = find_orientation(pieces, nothing(pieces))
    if which == "none":
        assert told == []
        return
    finding, = told
    assert finding.area_m2 == pytest.approx(float(pieces.face_area[inward].sum()), rel=1e-5)
    shown = np.zeros(len(faces), bool)
    shown[finding.faces] = True
    np.testing.assert_array_equal(shown, inward & (which != "all"))


def test_a_few_triangles_are_not_worth_telling(person, as_scan) -> None:
    vertices, faces = person
    pieces = find_pieces(as_scan(vertices, turned(faces, np.arange(len(faces)) % 300 == 0)))
    assert inward_faces(pieces).sum() > 10
    assert find_orientation(pieces, nothing(pieces)) == []


def test_what_is_removed_anyway_is_not_told(person, as_scan) -> None:
    vertices, faces = person
    pieces = find_pieces(as_scan(vertices, turned(faces, np.arange(len(faces)) % 4 == 0)))
    assert find_orientation(pieces, inward_faces(pieces)) == []


def test_every_piece_is_judged_by_its_own_volume(person, as_scan, sphere) -> None:
    vertices, faces = person
    ball_vertices, ball_faces = sphere((0.9, 1.2, 0.0), 0.1)
    both = np.concatenate((vertices, ball_vertices))
    scan = as_scan(both, np.concatenate((faces, ball_faces[:, ::-1] + len(vertices))))
    inward = inward_faces(find_pieces(scan))
    assert not inward[:len(faces)].any()
    assert inward[len(faces):].all()


def test_one_edge_at_which_a_limb_touches_the_rest_says_nothing(person, as_scan) -> None:
    """As where noise frays the rims of a hole all around an arm."""
    vertices, faces = person
    beyond = vertices[faces][:, :, 0] > 0.4
    arm, trunk = faces[beyond.all(axis=1)], faces[~beyond.any(axis=1)]
    (a, b), (c, d) = (rim_edge(each, vertices) for each in (trunk, arm))
    between = len(vertices)
    # The first two lie on the trunk, the last on the arm; they are wound to disagree.
    links = np.array(((b, a, between), (between, a, c), (d, c, between)))
    scan = as_scan(np.concatenate((vertices, (vertices[[a, c]].mean(axis=0),))),
                   np.concatenate((trunk, arm, links)))
    pieces = find_pieces(scan)
    assert len(pieces.area) == 1
    assert len(np.unique(pieces.patch)) == 2
    assert len(arm) > 500
    assert not inward_faces(pieces).any()


def rim_edge(faces: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """The corners, as wound, of the outermost side along x that only one of the faces has."""
    sides = faces[:, ((0, 1), (1, 2), (2, 0))].reshape(-1, 2)
    _, first, count = np.unique(np.sort(sides, axis=1), axis=0, return_index=True,
                                return_counts=True)
    rim = sides[first[count == 1]]
    return rim[np.argmax(vertices[rim].sum(axis=1)[:, 0])]


def test_of_a_flat_sheet_the_smaller_part_turns(as_scan) -> None:
    sheet = trimesh.creation.box((1, 1, 0)).subdivide().subdivide()
    faces = sheet.faces[sheet.face_normals[:, 2] > 0.5]
    small = sheet.triangles_center[sheet.face_normals[:, 2] > 0.5][:, 0] > 0.2
    for mixed in (turned(faces, small), turned(faces, ~small)):
        assert inward_faces(find_pieces(as_scan(sheet.vertices, mixed))).sum() == small.sum()


BENT = {
    "upright": {},
    "bowed": dict.fromkeys((3, 6, 9, 12), (0.3, 0.0, 0.0)),
    "bent back": dict.fromkeys((3, 6, 9, 12), (-0.3, 0.0, 0.0)),
    "reaching": {16: (0.0, -1.0, 0.0), 17: (0.0, 1.0, 0.0)},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=list(BENT))
def test_a_person_seen_from_one_side_is_no_hollow(as_scan, bent: dict) -> None:
    """However they stand: such a sheet encloses nothing, but skin is round."""
    vertices, faces = standing("t", bent=bent)
    for side in (1, -1):
        seen = faces[side * face_crosses(vertices, faces)[:, 2] > 0]
        pieces = find_pieces(as_scan(vertices, seen))
        large = pieces.of_face == 0
        assert large.mean() > 0.5
        inward = inward_faces(pieces)
        assert not inward[large].any()
        turned_back = inward_faces(find_pieces(as_scan(vertices, seen[:, ::-1])))
        assert turned_back[large].all()
        # Small pieces that neither enclose nor bend clearly stay as they are: eyelids, toes.
        assert turned_back.mean() > 0.9


def test_half_a_ball_is_turned(as_scan) -> None:
    ball = trimesh.creation.icosphere(4, 0.1)
    for level in (0.0, 0.02, 0.05):
        half = ball.faces[(ball.triangles_center[:, 2] > level)]
        assert not inward_faces(find_pieces(as_scan(ball.vertices, half))).any()
        assert inward_faces(find_pieces(as_scan(ball.vertices, half[:, ::-1]))).all()


def test_a_strip_with_one_side_only_is_no_obstacle(person, as_scan) -> None:
    """A Moebius strip cannot be turned right; the person beside it still is."""
    along = np.linspace(0, 2 * np.pi, 41)[:-1]
    rims = [np.stack(((1 + w * np.cos(along / 2)) * np.cos(along),
                      (1 + w * np.cos(along / 2)) * np.sin(along), w * np.sin(along / 2)), axis=1)
            for w in (-0.2, 0.2)]
    k, after = np.arange(40), (np.arange(40) + 1) % 40
    near, far = after.copy(), after + 40
    near[-1], far[-1] = 40, 0  # the ends meet the other way round
    strip = np.concatenate((np.stack((k, near, k + 40), 1), np.stack((near, far, k + 40), 1)))
    vertices, faces = person
    upper = vertices[faces].mean(axis=1)[:, 1] > 1.0
    both = np.concatenate((turned(faces, upper), strip + len(vertices)))
    scan = as_scan(np.concatenate((vertices, *(rim + (3, 0, 0) for rim in rims))), both)
    inward = inward_faces(find_pieces(scan))
    np.testing.assert_array_equal(inward[:len(faces)], upper)


def test_crumbs_of_a_sheet_bulge_either_way_and_stay(as_scan) -> None:
    """As at the rims of what one sensor sees: noise alone decides what volume they enclose."""
    draw = np.random.default_rng(4)
    square = trimesh.Trimesh(((0, 0, 0), (0.012, 0, 0), (0.012, 0.012, 0), (0, 0.012, 0)),
                             ((0, 1, 2), (0, 2, 3)))
    patch = square.subdivide().subdivide()
    corners = [(0.02 * i, 0.02 * j, 0.0) for i in range(20) for j in range(20)]
    vertices = np.concatenate([patch.vertices + corner for corner in corners])
    faces = np.concatenate([patch.faces + k * len(patch.vertices) for k in range(len(corners))])
    noisy = vertices + draw.normal(0.0, 0.001, vertices.shape)
    pieces = find_pieces(as_scan(noisy.astype(np.float32), faces))
    assert not inward_faces(pieces).any()


def test_a_vast_stray_triangle_hides_nothing(person, as_scan) -> None:
    vertices, faces = person
    far = np.abs(np.random.default_rng(4).normal(0.0, 1e7, (3, 3)))
    inside_out = np.concatenate((faces[:, ::-1], [np.arange(3) + len(vertices)]))
    pieces = find_pieces(as_scan(np.concatenate((vertices, far)), inside_out))
    assert inward_faces(pieces)[:len(faces)].all()
