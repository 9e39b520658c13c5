"""The colours of a scan anywhere on its surface: from its texture or its vertices."""

import numpy as np
from jaxtyping import Float32, Int, UInt8

from likeness.scans.scan import Scan


def has_colours(scan: Scan) -> bool:
    """Whether the scan is more than grey."""
    return scan.colors is not None or (scan.texture is not None and scan.uv is not None)


def corner_mix(
    values: Float32[np.ndarray, "N C"], faces: Int[np.ndarray, "F 3"],
    face: Int[np.ndarray, " Q"], bary: Float32[np.ndarray, "Q 2"],
) -> Float32[np.ndarray, "Q C"]:
    """Values of the corners, mixed at the places (1 - u - v, u, v) of the given faces."""
    corners = faces.take(face, axis=0)
    mixed, *others = (values.take(corner, axis=0) for corner in corners.T)
    for other in others:  # in place: for millions of places memory is what takes time
        other -= mixed
    for other, share in zip(others, bary.T, strict=True):
        other *= share[:, None]
        mixed += other
    return mixed


def colours_on_faces(
    scan: Scan, face: Int[np.ndarray, " Q"], bary: Float32[np.ndarray, "Q 2"]
) -> Float32[np.ndarray, "Q 3"]:
    """RGB 0..255 at places on the faces of a scan that has colours."""
    if scan.texture is not None and scan.uv is not None:
        return sampled(scan.texture, corner_mix(scan.uv, scan.faces, face, bary))
    assert scan.colors is not None
    return corner_mix(scan.colors.astype(np.float32), scan.faces, face, bary)


def sampled(
    texture: UInt8[np.ndarray, "H W 3"], uv: Float32[np.ndarray, "Q 2"]
) -> Float32[np.ndarray, "Q 3"]:
    """Bilinear samples; rows run from the top, v from the bottom, and the texture repeats."""
    height, width = texture.shape[:2]
    x = uv[:, 0].astype(np.float64) * width - 0.5
    y = (1 - uv[:, 1].astype(np.float64)) * height - 0.5
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = (x - column)[:, None], (y - row)[:, None]
    left, right = column % width, (column + 1) % width
    top, bottom = row % height, (row + 1) % height
    above = texture[top, left] * (1 - fx) + texture[top, right] * fx
    below = texture[bottom, left] * (1 - fx) + texture[bottom, right] * fx
    return (above * (1 - fy) + below * fy).astype(np.float32)
