"""The binary glTF 2.0 container: buffer views, accessors and the two chunks of a .glb file."""

import json
import struct
from dataclasses import dataclass, field

import numpy as np

FLOAT, UNSIGNED_SHORT, UNSIGNED_INT = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
_COMPONENTS = {"f": FLOAT, "u2": UNSIGNED_SHORT, "u4": UNSIGNED_INT}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


@dataclass
class Container:
    """Collects arrays and images while a scene is described, then writes both as one .glb."""

    views: list[dict[str, object]] = field(default_factory=list)
    accessors: list[dict[str, object]] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)
    _length: int = 0

    def add_bytes(self, content: bytes, target: int | None = None) -> int:
        """Append bytes as a buffer view aligned to four; returns its index."""
        view: dict[str, object] = {
            "buffer": 0, "byteOffset": self._length, "byteLength": len(content)}
        if target is not None:
            view["target"] = target
        padded = content + b"\0" * (-len(content) % 4)
        self._parts.append(padded)
        self._length += len(padded)
        self.views.append(view)
        return len(self.views) - 1

    def add_array(self, array: np.ndarray, target: int | None = None, *,
                  bounds: bool = False) -> int:
        """Append an array, one row an element, as an accessor; returns its index."""
        rows = array.reshape(len(array), -1)
        kind = "f" if rows.dtype.kind == "f" else f"u{rows.dtype.itemsize}"
        content = np.ascontiguousarray(rows).astype("<f4" if kind == "f" else f"<{kind}")
        accessor: dict[str, object] = {
            "bufferView": self.add_bytes(content.tobytes(), target),
            "componentType": _COMPONENTS[kind], "count": len(rows), "type": _SHAPES[rows.shape[1]],
        }
        if bounds:
            accessor["min"] = content.min(axis=0).tolist()
            accessor["max"] = content.max(axis=0).tolist()
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def packed(self, scene: dict[str, object]) -> bytes:
        """The whole file: header, JSON chunk, binary chunk."""
        body = b"".join(self._parts)
        document = scene | {"buffers": [{"byteLength": len(body)}],
                            "bufferViews": self.views, "accessors": self.accessors}
        text = json.dumps(document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        chunks = (struct.pack("<I4s", len(text), b"JSON") + text
                  + struct.pack("<I4s", len(body), b"BIN\0") + body)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
