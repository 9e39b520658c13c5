"""Textures: found only beside the scan, opened within bounds, several joined into one."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8
from PIL import Image, UnidentifiedImageError

Picture = UInt8[np.ndarray, "_ _ 3"]

# More texels than this add nothing to an avatar's texture and cost gigabytes.
LARGEST_SIDE = 8192
LARGEST_SIDE_OF_SEVERAL = 4096
_PLAIN_SIDE = 4
_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Folder:
    """The folder of a scan, the only place a scan may refer to."""

    path: Path

    def bytes_of(self, name: str) -> bytes | None:
        """Content of a file the scan names; None where there is none or it lies elsewhere."""
        # Exporters write Windows paths and absolute paths of the machine they ran on.
        asked = name.strip().strip('"').replace("\\", "/")
        root = self.path.resolve()
        for candidate in (self.path / asked, self.path / asked.rsplit("/", 1)[-1]):
            try:
                found = candidate.resolve()
                if (found.is_relative_to(root) and found.is_file()
                        and found.stat().st_size <= _MOST_BYTES):
                    return found.read_bytes()
            except (OSError, ValueError, RuntimeError):
                continue
        return None


def opened_picture(data: bytes, largest: int = LARGEST_SIDE) -> Picture | None:
    """An image as RGB rows from the top, made smaller where it is huge; None if it is not one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's doubts about size: bounded here
            with Image.open(io.BytesIO(data)) as image:
                return as_picture(image, largest)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError,
            Image.DecompressionBombError):
        return None


def as_picture(image: Image.Image, largest: int = LARGEST_SIDE) -> Picture:
    """RGB rows from the top, at most `largest` texels wide and high."""
    image.draft("RGB", (largest, largest))
    image.thumbnail((largest, largest))
    return np.asarray(image.convert("RGB"), np.uint8)


def plain_picture(color: tuple[float, float, float]) -> Picture:
    """A small picture of one colour, given from 0 to 1."""
    value = (255 * np.clip(np.nan_to_num(np.array(color, np.float64)), 0, 1)).astype(np.uint8)
    return np.broadcast_to(value, (_PLAIN_SIDE, _PLAIN_SIDE, 3)).copy()


def joined(pictures: list[Picture], uv: Float[np.ndarray, "N 2"], owner: Int[np.ndarray, " N"],
           ) -> tuple[Picture, Float32[np.ndarray, "N 2"]]:
    """One texture beside another, and the coordinates of vertices that belong to `owner` in it."""
    if len(pictures) == 1:
        return pictures[0], uv.astype(np.float32)
    height = max(len(each) for each in pictures)
    width = sum(each.shape[1] for each in pictures)
    sheet = np.zeros((height, width, 3), np.uint8)
    placed = np.where((uv >= 0) & (uv <= 1), uv, uv - np.floor(uv)).astype(np.float64)
    left = 0
    for number, each in enumerate(pictures):
        rows, columns = each.shape[:2]
        sheet[height - rows:, left:left + columns] = each
        mine = owner == number
        # Half a texel inside, so that filtering never reads the neighbour.
        inset = np.clip(placed[mine] * (columns, rows), 0.5, (columns - 0.5, rows - 0.5))
        placed[mine] = (inset + np.array((left, 0))) / (width, height)
        left += columns
    return sheet, placed.astype(np.float32)
