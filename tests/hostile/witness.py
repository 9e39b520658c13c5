"""Opens every hostile pickle as a body model and reports, as JSON, what it did meanwhile.

Run as a script with a folder: an audit hook cannot be taken away again, so it needs a process.
"""

import json
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.bodies.model_files import old_pickle, random_model
from tests.hostile.outcomes import check_sentences
from tests.hostile.pickles import PICKLES

from likeness.bodies.reading import read_body
from likeness.core.errors import UserError
from likeness.jobs.memory import memory_mib

# What code needs that does anything to the machine; opening to read is what reading is.
_DEEDS = ("os.", "subprocess.", "shutil.", "socket.", "exec", "import", "ctypes.", "signal.",
          "webbrowser.", "urllib.", "tempfile.", "glob.", "builtins.input", "code.__new__")
_HARMLESS = ("os.listdir", "os.scandir")

seen: list[str] = []
watching = False


def hook(event: str, arguments: tuple[object, ...]) -> None:
    """Note what a pickle should not do."""
    if not watching:
        return
    wrote = event == "open" and len(arguments) > 1 and str(arguments[1] or "r")[0] in "wax+"
    if wrote or (event.startswith(_DEEDS) and event not in _HARMLESS):
        seen.append(f"{event} {str(arguments)[:80]}")


def stored(folder: Path, data: bytes, suffix: str) -> Path:
    """The pickle as a .pkl, or as an array of objects inside an .npz."""
    path = folder / f"model{suffix}"
    if suffix == ".pkl":
        path.write_bytes(data)
    else:
        head = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
        head += b" " * (117 - len(head)) + b"\n"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("v_template.npy",
                             b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data)
    return path


def attempt(path: Path) -> str:
    """How opening it ends."""
    try:
        read_body(path)
    except UserError as error:
        check_sentences(error)
        return "refused"
    return "read"


def reported(folder: Path, make: Callable[[str], bytes], suffix: str) -> dict[str, object]:
    """One hostile file: how it ended, what it did, what it cost."""
    global watching
    path = stored(folder, make(str(folder / "witness")), suffix)
    seen.clear()
    began, before = time.monotonic(), memory_mib()
    watching = True
    try:
        ending = attempt(path)
    except BaseException as error:  # noqa: BLE001 - the report tells of it
        ending = f"{type(error).__name__}: {error}"
    watching = False
    return {"ending": ending, "seen": list(seen), "seconds": time.monotonic() - began,
            "mib": memory_mib() - before, "trace": (folder / "witness").exists()}


def main(folder: Path) -> None:
    """Open an honest model first, so that all that reading needs has been imported."""
    honest = folder / "honest.pkl"
    honest.write_bytes(old_pickle(random_model("smpl", 10)))
    attempt(honest)
    for suffix in (".pkl", ".npz"):
        attempt(stored(folder, b"N.", suffix))
    sys.addaudithook(hook)
    json.dump({f"{name}{suffix}": reported(folder, make, suffix)
               for name, make in PICKLES.items() for suffix in (".pkl", ".npz")}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
