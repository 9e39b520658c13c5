"""The page of the worst fits: a row a case, the error where it is."""

from pathlib import Path

import numpy as np
from PIL import Image
from tests.benchmarks.contact_sheet import Case, write_sheet
from tests.benchmarks.fit_case import CaseResult
from tests.synthetic.files import Truth
from tests.synthetic.scoring import score_vertices

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
        np.save(tmp_path / f"{name}.npy", avatar)
        result = CaseResult(name, "good", (), True, score_vertices(truth, avatar, joints))
        cases.append(Case(result, tmp_path / "truth.npz", tmp_path / f"{name}.npy"))
    write_sheet(cases, body.faces, tmp_path / "sheet.png")
    pixels = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    top, bottom = np.split(pixels[:len(pixels) // 2 * 2], 2)
    red = [int((each[..., 0] > each[..., 1:].max(axis=2) + 60).sum()) for each in (top, bottom)]
    assert red[0] == 0
    assert red[1] > 200
    assert pixels.shape[1] > pixels.shape[0]  # six views of someone with arms spread
