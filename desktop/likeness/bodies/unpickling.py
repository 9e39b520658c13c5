"""Read pickles of the SMPL family without running what is in them.

Whatever a pickle asks to construct becomes an inert record of what was asked, and only names on
the list below are even recorded. Arrays are made afterwards, from records that were checked.
"""

import io
import pickle
import re
from typing import Any

import numpy as np
import scipy.sparse

MAX_VALUES = 500_000_000
_PLAIN_TYPE = re.compile(r"[biuf?][1248]?")


class Record:
    """Something a pickle asked to construct: arguments and state, no behaviour."""

    # Class-wide: a pickle may make an object without calling __init__.
    args: tuple[Any, ...] = ()
    state: Any = None

    def __init__(self, *args: object) -> None:
        self.args = args

    def __new__(cls, *args: object) -> "Record":  # noqa: D102 - takes any arguments, uses none
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        self.state = state

    def value(self) -> Any:
        """What it stands for; raises ValueError where it is malformed or cannot be had."""
        raise ValueError(f"nothing is made of {type(self).__name__}")


class Name(Record):
    """A class or function that is only ever an argument."""


class Dtype(Record):
    """A NumPy element type: numbers only."""

    def value(self) -> np.dtype:
        """The type, in the byte order of its state."""
        code = self.args[0]
        if not isinstance(code, str) or not _PLAIN_TYPE.fullmatch(code):
            raise ValueError(f"elements of type {code!r}")
        foreign = isinstance(self.state, tuple) and self.state[1] == ">"
        return np.dtype(code).newbyteorder(">" if foreign else "<")


class Array(Record):
    """A NumPy array: (version, shape, type, column order, bytes)."""

    def value(self) -> np.ndarray:
        """The array, from as many bytes as its shape says."""
        _, shape, dtype, columns_first, data = self.state
        return _array(data, dtype, shape, "F" if columns_first else "C")


class Buffer(Record):
    """A NumPy array as later pickle protocols write it: bytes, type, shape, order."""

    def value(self) -> np.ndarray:
        """The array, from as many bytes as its shape says."""
        data, dtype, shape, order = self.args
        return _array(data, dtype, shape, order)


class Bytes(Record):
    """Bytes that were written as text."""

    def value(self) -> bytes:
        """The bytes; without arguments, none."""
        text, encoding = self.args or ("", "latin1")
        if encoding != "latin1":
            raise ValueError(f"bytes as {encoding!r}")
        return _as_bytes(text)


class Scalar(Record):
    """A NumPy number."""

    def value(self) -> np.ndarray:
        """The number as an array of no dimensions."""
        dtype, data = self.args
        return _array(data, dtype, (), "C")


class Sparse(Record):
    """A SciPy sparse matrix."""

    def value(self) -> scipy.sparse.csr_array:
        """The matrix, every index checked."""
        state = {key: revived(value) for key, value in self.state.items()}
        shape = tuple(int(n) for n in state.get("_shape", state.get("shape", ())))
        return self._built(state, shape).tocsr()

    def _built(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        kind = scipy.sparse.csr_array if isinstance(self, SparseRows) else scipy.sparse.csc_array
        matrix = kind((state["data"], state["indices"], state["indptr"]), shape)
        matrix.check_format(full_check=True)
        return matrix


class SparseRows(Sparse):
    """A SciPy matrix compressed by rows."""


class SparsePlaces(Sparse):
    """A SciPy matrix as rows, columns and values."""

    def _built(self, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        return scipy.sparse.coo_array((state["data"], (state["row"], state["col"])), shape)


class Chumpy(Record):
    """A chumpy variable: its numbers are its state's `x`."""

    def value(self) -> np.ndarray:
        """The numbers of a plain variable; an expression over others has none of its own."""
        if not isinstance(self.state, dict) or "x" not in self.state:
            raise ValueError("a chumpy expression instead of numbers")
        return np.asarray(revived(self.state["x"]))


class Selection(Chumpy):
    """A chumpy selection of another variable's numbers, by flat index."""

    def value(self) -> np.ndarray:
        """The numbers selected."""
        chosen = np.asarray(revived(self.state["idxs"]))
        numbers = np.asarray(revived(self.state["a"])).ravel()[chosen]
        shape = revived(self.state.get("preferred_shape"))
        return numbers if shape is None else numbers.reshape(tuple(int(n) for n in shape))


def _reconstructor(kind: object, base: object, state: object) -> Record:
    """What copyreg does for old protocols, for records only."""
    if not (isinstance(kind, type) and issubclass(kind, Record)) or base is not Name:
        raise pickle.UnpicklingError("an object of an unknown class")
    return kind()


_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")
_SPARSE = {"csc": Sparse, "csr": SparseRows, "coo": SparsePlaces}
_ALLOWED: dict[tuple[str, str], Any] = {
    ("__builtin__", "object"): Name, ("builtins", "object"): Name,
    ("copy_reg", "_reconstructor"): _reconstructor, ("copyreg", "_reconstructor"): _reconstructor,
    ("_codecs", "encode"): Bytes, ("__builtin__", "bytes"): Bytes, ("builtins", "bytes"): Bytes,
    ("numpy", "ndarray"): Name, ("numpy", "dtype"): Dtype,
    **{(module, "_reconstruct"): Array for module in _NUMPY},
    **{(module, "scalar"): Scalar for module in _NUMPY},
    ("numpy.core.numeric", "_frombuffer"): Buffer, ("numpy._core.numeric", "_frombuffer"): Buffer,
    **{(f"scipy.sparse.{module}", f"{layout}_{kind}"): record
       for layout, record in _SPARSE.items()
       for module in (layout, f"_{layout}") for kind in ("matrix", "array")},
    ("chumpy.ch", "Ch"): Chumpy, ("chumpy", "Ch"): Chumpy,
    ("chumpy.reordering", "Select"): Selection,
    **{("chumpy.ch", name): Chumpy for name in
       ("add", "subtract", "multiply", "divide", "ChLambda", "MatVecMult")},
    **{("chumpy.ch_ops", name): Chumpy for name in
       ("add", "subtract", "multiply", "divide", "dot", "sum", "MatVecMult")},
    **{("chumpy.reordering", name): Chumpy for name in
       ("transpose", "Concatenate", "Reshape", "Permute")},
    ("chumpy.linalg", "MatVecMult"): Chumpy,
}


class NotAllowedError(pickle.UnpicklingError):
    """A pickle asks for something that no body model is made of."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise NotAllowedError(f"{module}.{name} is not allowed") from None


def unpickled(data: bytes) -> Any:
    """The containers in `data`, with records in place of objects.

    Raises `NotAllowedError` for a name that is not on the list, and what the standard
    unpickler raises for broken data.
    """
    return _Unpickler(io.BytesIO(data), encoding="latin1").load()


def revived(value: Any) -> Any:
    """The array or number a record stands for; other values as they are."""
    return value.value() if isinstance(value, Record) else value


def _array(data: Any, dtype: Any, shape: Any, order: str) -> np.ndarray:
    kind, size = revived(dtype), tuple(int(n) for n in shape)
    if not isinstance(kind, np.dtype) or min(size, default=0) < 0 or order not in ("C", "F"):
        raise ValueError("an array without numbers")
    count = int(np.prod(size, dtype=np.float64))
    raw = _as_bytes(revived(data))
    if count > MAX_VALUES or len(raw) != count * kind.itemsize:
        raise ValueError(f"{len(raw)} bytes for {count} values")
    values = np.frombuffer(raw, kind)
    return values.reshape(size[::-1]).T if order == "F" else values.reshape(size)


def _as_bytes(data: Any) -> bytes:
    """Strings of Python 2 arrive as text of the same 256 characters."""
    if isinstance(data, str):
        return data.encode("latin1")
    if isinstance(data, bytes | bytearray):
        return bytes(data)
    raise ValueError("no bytes where there should be some")
