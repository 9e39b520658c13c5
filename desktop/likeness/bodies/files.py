"""The raw arrays of a model file, `.npz` or `.pkl`, read on demand and without running code."""

import io
import pickle
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from likeness.bodies.unpickling import NotAllowedError, revived, unpickled
from likeness.core.errors import UserError

MAX_BYTES = 2_000_000_000
REMEDY = "Download the file again from where you got it, or choose another body."
SUFFIXES = (".npz", ".pkl")


class NpzArrays(Mapping[str, Any]):
    """The members of an `.npz`, each read when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with zipfile.ZipFile(path) as archive:
            self._names = {entry.filename.removesuffix(".npy"): entry.filename
                           for entry in archive.infolist() if entry.file_size < MAX_BYTES}

    def __getitem__(self, key: str) -> Any:
        with zipfile.ZipFile(self._path) as archive, archive.open(self._names[key]) as member:
            return _npy(io.BytesIO(member.read()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_arrays(path: Path) -> Mapping[str, Any]:
    """The arrays of a model file by name; raises `UserError` where it cannot be read at all."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{path.name} is not a body model: only .npz and .pkl are.",
                        "Choose an SMPL, SMPL+H or SMPL-X file.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path.name} is too large for a body model.", REMEDY)
        return NpzArrays(path) if path.suffix.lower() == ".npz" else _pickled(path)
    except OSError as error:
        raise UserError(f"{path.name} cannot be opened: {error.strerror}.",
                        "Check that the file exists and that you may read it.") from error
    except zipfile.BadZipFile as error:
        raise UserError(f"{path.name} is broken: it is no .npz archive.", REMEDY) from error


def read_array(arrays: Mapping[str, Any], key: str, name: str) -> Any:
    """One entry, as an array or sparse matrix; `name` is the file's, for the message."""
    try:
        return revived(arrays[key])
    except KeyError as error:
        raise UserError(f"{name} is not a body model: it has no {key!r}.", REMEDY) from error
    except READ_ERRORS as error:
        raise UserError(f"{name} is broken: its {key!r} cannot be read.", REMEDY) from error


# All that damaged bytes make the zip, npy and pickle readers raise.
READ_ERRORS = (ValueError, TypeError, IndexError, AttributeError, EOFError, OverflowError,
               MemoryError, OSError, NotImplementedError, RecursionError, ImportError, KeyError,
               UnicodeError, RuntimeError, zipfile.BadZipFile, pickle.UnpicklingError, zlib.error)


def _pickled(path: Path) -> dict[str, Any]:
    try:
        content = unpickled(path.read_bytes())
    except OSError:
        raise
    except NotAllowedError as error:
        raise UserError(f"{path.name} is not a body model that can be read safely: {error}.",
                        REMEDY) from error
    except READ_ERRORS as error:
        raise UserError(f"{path.name} is not a body model, or it is damaged.", REMEDY) from error
    if not isinstance(content, dict):
        raise UserError(f"{path.name} is not a body model: it holds no named arrays.", REMEDY)
    return content


def _npy(member: io.BytesIO) -> Any:
    """One .npy; arrays of Python objects go through the safe unpickler."""
    version = np.lib.format.read_magic(member)
    header = (np.lib.format.read_array_header_1_0 if version == (1, 0)
              else np.lib.format.read_array_header_2_0)
    shape, columns_first, dtype = header(member)
    data = member.read()
    if not dtype.hasobject:
        values = np.frombuffer(data, dtype)
        return values.reshape(shape[::-1]).T if columns_first else values.reshape(shape)
    objects = unpickled(data).state[4]
    if len(objects) != 1:
        raise ValueError("a list of objects instead of numbers")
    return objects[0]
