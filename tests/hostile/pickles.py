"""Model files that try to run code, or to eat the machine, when they are unpickled.

`WITNESS` is created by each that gets its way; most fail long before.
"""

import pickle
import struct
from collections.abc import Callable

Bomb = Callable[[str], bytes]


def _call(module: str, name: str, witness: str, protocol: int) -> bytes:
    """REDUCE of module.name(witness)."""

    class Call:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            found = __import__(module, fromlist=[name])
            return getattr(found, name), (argument,)

    argument = {"system": f"touch {witness}", "popen": f"touch {witness}",
                "Popen": f"touch {witness}", "mkdir": witness, "unlink": witness,
                "eval": f"open({witness!r}, 'w')", "exec": f"open({witness!r}, 'w')",
                "__import__": "this"}.get(name, witness)
    return pickle.dumps({"v_template": Call()}, protocol)


def _text(*lines: str) -> bytes:
    return "\n".join((*lines, "")).encode()


def _stack_global(module: str, name: str, argument: str) -> bytes:
    """Protocol 4: the name comes from the stack."""
    def word(text: str) -> bytes:
        return b"\x8c" + bytes([len(text)]) + text.encode()

    return b"\x80\x04" + word(module) + word(name) + b"\x93" + word(argument) + b"\x85R."


def _deep(levels: int) -> bytes:
    return b"\x80\x02" + b"(" * levels + b"l" * levels + b"."


def _laughs(rounds: int) -> bytes:
    """Lists of ten of the list before: 10^rounds elements for who walks through them."""
    out = bytearray(b"\x80\x02]q\x00")
    for k in range(rounds):
        out += b"](" + b"h" + bytes([k])
        out += (b"h" + bytes([k])) * 9 + b"eq" + bytes([k + 1])
    return bytes(out + b".")


def _sized(opcode: bytes, size: bytes) -> bytes:
    return b"\x80\x04" + opcode + size + b"abc."


def _array_of(shape: str, kind: str) -> bytes:
    """numpy's own reconstruction with a shape and a kind of somebody's choice."""
    return (b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
            b"(I1\n" + shape.encode() + b"cnumpy\ndtype\n(S'" + kind.encode() + b"'\nI0\nI1\ntR"
            b"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'abc'\ntb.")


_CALLS = {f"{module}.{name} by REDUCE, protocol {protocol}":
          (lambda witness, m=module, n=name, p=protocol: _call(m, n, witness, p))
          for module, name, protocol in (
              ("os", "system", 0), ("os", "system", 2), ("os", "system", 4), ("os", "popen", 2),
              ("os", "mkdir", 2), ("os", "mkdir", 5), ("builtins", "eval", 2),
              ("builtins", "exec", 4), ("builtins", "open", 2), ("builtins", "__import__", 2),
              ("subprocess", "Popen", 2), ("subprocess", "call", 4), ("shutil", "rmtree", 2),
              ("importlib", "import_module", 4), ("webbrowser", "open", 2),
              ("numpy", "load", 2), ("numpy", "fromfile", 4), ("scipy.io", "loadmat", 2))}

PICKLES: dict[str, Bomb] = {
    **_CALLS,
    "GLOBAL and REDUCE by hand": lambda w: _text("cos", "system", f"(S'touch {w}'", "tR."),
    "posix instead of os": lambda w: _text("cposix", "system", f"(S'touch {w}'", "tR."),
    "INST": lambda w: _text(f"(S'touch {w}'", "ios", "system", "."),
    "OBJ": lambda w: b"(cos\nsystem\nS'touch " + w.encode() + b"'\no.",
    "STACK_GLOBAL": lambda w: _stack_global("os", "mkdir", w),
    "STACK_GLOBAL of a dotted name": lambda w: _stack_global("numpy", "os.mkdir", w),
    "a listed name that leads on": lambda w: _stack_global("numpy.core.multiarray",
                                                           "_reconstruct.__globals__", w),
    "NEWOBJ": lambda w: b"\x80\x02csubprocess\nPopen\nX\x05\x00\x00\x00touch\x85\x81.",
    "NEWOBJ_EX": lambda w: (b"\x80\x04\x8c\nsubprocess\x8c\x05Popen\x93\x8c\x04true\x85}\x92."),
    "EXT of a registry": lambda w: b"\x80\x02\x82\x01.",
    "EXT4 of a registry": lambda w: b"\x80\x02\x84\xff\xff\xff\x7f.",
    "a persistent name": lambda w: b"P" + w.encode() + b"\n.",
    "a persistent thing": lambda w: b"\x80\x02X\x01\x00\x00\x00aQ.",
    "BUILD that sets what it likes": lambda w: (
        b"\x80\x02cscipy.sparse.csc\ncsc_matrix\n)\x81}X\x09\x00\x00\x00__class__cos\nsystem\nsb."),
    "BUILD by __setstate__ of a function": lambda w: (
        b"\x80\x02cnumpy\nndarray\n}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsb0."),
    "an array of objects": lambda w: _array_of("(I1\nt", "O8"),
    "an array of a shape beyond memory": lambda w: _array_of("(I99999999\nI99999999\nt", "f8"),
    "an array of a negative shape": lambda w: _array_of("(I-5\nt", "f8"),
    "an array of an unknown kind": lambda w: _array_of("(I1\nt", "q99"),
    "brackets a million deep": lambda w: _deep(1_000_000),
    "ten to the ninth laughs": lambda w: _laughs(9),
    "text of sixteen exabytes": lambda w: _sized(b"\x8d", struct.pack("<Q", 2**64 - 1)),
    "bytes of eight exabytes": lambda w: _sized(b"\x8e", struct.pack("<Q", 2**63 - 1)),
    "a bytearray of four gigabytes": lambda w: b"\x80\x05\x96" + struct.pack("<Q", 2**32) + b"a.",
    "a number of two gigabytes": lambda w: b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"a.",
    "a number of negative length": lambda w: b"\x80\x02\x8b" + struct.pack("<i", -5) + b"a.",
    "a memo at two billion": lambda w: b"\x80\x02Nr\xff\xff\xff\x7f0Nr\xfe\xff\xff\x7f.",
    "a frame longer than the file": lambda w: b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"N.",
    "an unknown protocol": lambda w: b"\x80\x63N.",
    "pops of an empty stack": lambda w: b"\x80\x02000.",
    "a buffer out of band": lambda w: b"\x80\x05\x97.",
    "a byte that means nothing": lambda w: b"\x80\x02\xfe.",
    "no end": lambda w: b"\x80\x02(((((",
    "two pickles, the second bad": lambda w: pickle.dumps({}) + _text("cos", "system",
                                                                      f"(S'touch {w}'", "tR."),
}
