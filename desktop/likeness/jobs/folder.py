"""Result folders: one a scan, named after it, and never half written."""

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from likeness.core.errors import UsageError, UserError


def folders_for(scans: Sequence[Path], out: Path | None) -> list[Path]:
    """A folder for every scan: `OUT/<stem>`, or `<stem>-avatar` here where no OUT is given.

    Scans of one stem are told apart by their suffix or the folders they lie in.
    """
    names = _distinct([path.absolute() for path in scans])
    if out is None:
        return [Path(f"{name}-avatar") for name in names]
    return [out / name for name in names]


def _distinct(paths: Sequence[Path]) -> list[str]:
    names = [path.stem for path in paths]
    depth = 0
    while clashes := _clashes(names):
        if depth > max(len(path.parts) for path in paths):
            raise UsageError(f"{paths[min(clashes)].name} was given twice.",
                             "Name every scan once.")
        for index in clashes:
            names[index] = _longer_name(paths[index], depth)
        depth += 1
    return names


def _clashes(names: Sequence[str]) -> set[int]:
    """Which names occur more than once; case does not tell folders apart everywhere."""
    folded = [name.casefold() for name in names]
    return {index for index, name in enumerate(folded) if folded.count(name) > 1}


def _longer_name(path: Path, depth: int) -> str:
    folders = path.parts[1:-1]
    above = folders[len(folders) - depth:] if depth else ()
    return "-".join((*above, path.stem, path.suffix.lstrip(".")))


def require_writable(folder: Path) -> None:
    """Refuse a result folder that cannot be made, before any work is done for it."""
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise UsageError(f"{existing} is a file, so no results can be written there.",
                         "Choose another folder.")
    if not os.access(existing, os.W_OK):
        raise UsageError(f"The folder {existing} cannot be written to.", "Choose another folder.")


@contextmanager
def written_whole(folder: Path, own: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Give an empty folder to write into; its files appear in `folder` only if all went well.

    An earlier run's files are replaced, those named in `own` removed; other files stay.
    """
    folder = folder.absolute()
    partial = (folder if folder.exists() else folder.parent) / f".{folder.name}-{uuid.uuid4().hex}"
    try:
        partial.mkdir(parents=True)
        yield partial
        _publish(partial, folder, own)
    except OSError as error:
        raise UserError(f"The results could not be written to {folder}: {error.strerror}.",
                        "Free some space or choose another folder.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _publish(partial: Path, folder: Path, own: frozenset[str]) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    new = sorted(file.name for file in partial.iterdir())
    for name in sorted(own - set(new)):
        (folder / name).unlink(missing_ok=True)
    for name in new:
        (partial / name).replace(folder / name)
