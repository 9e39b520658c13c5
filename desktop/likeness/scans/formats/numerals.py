"""Numbers written as text, parsed by numpy alone: the same in every locale."""

import warnings

import numpy as np
from jaxtyping import Float64, Int64

from likeness.scans.formats.damage import damaged

_MOST_DIGITS = 18


def floats(text: bytes) -> Float64[np.ndarray, " n"]:
    """Numbers separated by any white space."""
    return _parsed(text, np.float64)


def integers(text: bytes) -> Int64[np.ndarray, " n"]:
    """Whole numbers separated by any white space."""
    return _parsed(text, np.int64)


def is_count(word: str | bytes) -> bool:
    """Whether a word of a header is a number of things: digits only, and not endlessly many."""
    return word.isdigit() and word.isascii() and len(word) <= _MOST_DIGITS


def _parsed(text: bytes, kind: type) -> np.ndarray:
    if not text.strip():
        return np.zeros(0, kind)
    try:
        # Older numpy only warns where the text stops being numbers, and returns what came before.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return np.fromstring(text, dtype=kind, sep=" ")
    except (ValueError, DeprecationWarning, OverflowError) as error:
        raise damaged("something that is not a number stands where numbers should be") from error
