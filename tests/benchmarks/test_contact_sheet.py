"""The page of the worst fits: a row a case, the error where it is."""

from pathlib import Path

import numpy as np
from PIL import Image
from tests.benchmarks.contact_sheet import Case, worst_cases, write_sheet
from tests.benchmarks.fit_case import CaseResult
from tests.synthetic.files import Truth
from tests.synthetic.scoring import Score, score_vertices

from likeness.bodies.body import PARTS
from likeness.bodies.library import find_body


def test_a_misplaced_hand_is_drawn_red(tmp_path: Path) -> None:
    body = find_body("open")
    joints = np.zeros((52, 3))
    # On its side in the file: drawn upright all the same.
    lying = body.template[:, [0, 2, 1]] * np.float32([1, -1, 1])
    truth = Truth(lying, joints, np.array([0.0, -1, 0]), np.array([0.0, 0, 1]), np.array(1.0),
                  body.interior, body.parts)
    truth.store(tmp_path / "truth.npz")
    cases = []
    for name, moved in (("right", 0.0), ("wrong", 0.08)):
        avatar = lying.copy()
        avatar[body.parts == PARTS.index("left_hand"), 2] += np.float32(moved)
        np.savez(tmp_path / f"{name}.npz", vertices=avatar, scan=lying)
        result = CaseResult(name, "good", (), True, score_vertices(truth, avatar, joints))
        cases.append(Case(result, tmp_path / "truth.npz", tmp_path / f"{name}.npz"))
    write_sheet(cases, body.faces, tmp_path / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    top, bottom = np.split(pixels[:len(pixels) // 2 * 2], 2)
    red = [int((each[..., 0] > each[..., 1:].max(axis=2) + 60).sum()) for each in (top, bottom)]
    assert red[0] == 0
    assert red[1] > 200
    assert pixels.shape[1] > pixels.shape[0]  # eight views of someone with arms spread


def test_what_is_no_person_is_drawn_where_it_was_taken_for_one(tmp_path: Path) -> None:
    body, cases = find_body("open"), []
    for name, verdict in (("chair", "check"), ("box", "poor"), ("wall", "good"),
                          ("pig", "refused")):
        result = CaseResult(name, verdict, (), verdict in ("poor", "refused"))
        cases.append(Case(result, None, tmp_path / f"{name}.npz"))
        if verdict != "refused":
            np.savez(tmp_path / f"{name}.npz", vertices=body.template, scan=body.template[::2])
    worst = worst_cases(cases, 5)
    assert [case.result.name for case in worst] == ["wall", "chair"]
    write_sheet(worst, body.skin_faces, tmp_path / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert (pixels < 250).any(axis=2).mean() > 0.05


def test_the_worst_are_those_furthest_from_the_truth(tmp_path: Path) -> None:
    (tmp_path / "avatar.npz").write_bytes(b"")
    cases = [Case(CaseResult(str(v2v), "good", (), True, Score(v2v, 0, 0, 0, 0, (), ())), None,
                  tmp_path / "avatar.npz") for v2v in (3.0, 90.0, 12.0)]
    assert [case.result.name for case in worst_cases(cases, 2)] == ["90.0", "12.0"]
