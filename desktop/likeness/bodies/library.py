"""The bodies that are installed: the open one, and the user's own files in their data folder."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from likeness.bodies.body import Body
from likeness.bodies.files import SUFFIXES
from likeness.bodies.reading import USER_TERMS, read_body
from likeness.core.errors import UserError
from likeness.core.paths import resource, user_bodies

OPEN = "open"
OPEN_TERMS = "free, also commercially (built from CC0 data)"
_FAMILY_WORDS = (("smplx", "smplx"), ("smplh", "smplh"), ("smpl", "smpl"))


@dataclass(frozen=True)
class InstalledBody:
    """A body `find_body` knows by name. `family` is told from the file's name, not its content."""

    name: str
    family: str
    terms: str
    path: Path


def installed_bodies() -> tuple[InstalledBody, ...]:
    """The open body first, then the user's files by name; nothing is loaded."""
    ours = InstalledBody(OPEN, "smplh", OPEN_TERMS, _open_file())
    folder = user_bodies()
    files = sorted(folder.rglob("*")) if folder.is_dir() else []
    theirs = (InstalledBody(path.stem, _family_word(path), USER_TERMS, path) for path in files
              if path.suffix.lower() in SUFFIXES and path.is_file() and path.stem != OPEN)
    return (ours, *theirs)


def find_body(name_or_path: str) -> Body:
    """The body of that name, or in that file; raises `UserError` where there is none."""
    for body in installed_bodies():
        if body.name.lower() == name_or_path.lower():
            return _kept(body.path, body.name)
    path = Path(name_or_path).expanduser()
    if path.suffix.lower() in SUFFIXES or path.exists():
        return _kept(path, "")
    names = ", ".join(body.name for body in installed_bodies())
    raise UserError(f"There is no body called {name_or_path!r}.",
                    f"Choose one of: {names}; or give the path of an SMPL-family file.")


def _kept(path: Path, name: str) -> Body:
    """The same object as long as the file is the same; what others prepare for it lasts as long."""
    try:
        state = path.stat()
    except OSError:
        return read_body(path, name)  # which says what is wrong
    return _read(path.absolute(), name, state.st_mtime_ns, state.st_ctime_ns, state.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, name: str, *_state: int) -> Body:
    return read_body(path, name)


def _open_file() -> Path:
    return resource("bodies/open_body.npz")


def _family_word(path: Path) -> str:
    text = path.stem.lower().replace("+", "").replace("-", "")
    return next((family for word, family in _FAMILY_WORDS if word in text), "SMPL family")
