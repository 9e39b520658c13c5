"""Write the open body as an SMPL+H .npz whose bytes depend on nothing but the arrays."""

import io
import zipfile
from pathlib import Path

import numpy as np

EPOCH = (1980, 1, 1, 0, 0, 0)
SMPLX_COLUMNS = 300  # smplx clips to 10 betas below this many


def padded(directions: np.ndarray) -> np.ndarray:
    """Shape directions as float16 with zero columns up to what smplx asks for, columns together."""
    v, _, b = directions.shape
    full = np.zeros((v, 3, SMPLX_COLUMNS), np.float16, order="F")
    full[..., :b] = directions
    return full


def write_npz(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Like np.savez_compressed, without time stamps."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(value), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)
