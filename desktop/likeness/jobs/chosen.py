"""Which faces or points of a scan the user chose to leave out, as small bytes and as a file."""

import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import Bool

CHOSEN = "removed.npz"
_LARGEST_BYTES = 1 << 28


def pack_rows(marked: Bool[np.ndarray, " n"]) -> bytes:
    """One bit a row; no bytes where none is marked."""
    return np.packbits(marked, bitorder="little").tobytes() if marked.any() else b""


def unpack_rows(packed: bytes, count: int) -> Bool[np.ndarray, " n"]:
    """The mask of `count` rows that `pack_rows` packed; raises `ValueError` where it is another."""
    if not packed:
        return np.zeros(count, bool)
    bits = np.frombuffer(packed, np.uint8)
    if len(bits) != (count + 7) // 8:
        raise ValueError("these rows were chosen in another scan")
    return np.unpackbits(bits, count=count, bitorder="little").astype(bool)


def write_rows(packed: bytes, folder: Path) -> None:
    """Keep the choice beside the result it led to."""
    np.savez_compressed(folder / CHOSEN, allow_pickle=False,
                        removed=np.frombuffer(packed, np.uint8))


def read_rows(folder: Path) -> bytes:
    """What `write_rows` wrote; raises `ValueError` or `OSError` where it cannot be read."""
    try:
        with zipfile.ZipFile(folder / CHOSEN) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                raise ValueError("far more than any scan has")
        with np.load(folder / CHOSEN, allow_pickle=False) as file:
            return file["removed"].astype(np.uint8).tobytes()
    except (KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("no chosen rows in it") from error
