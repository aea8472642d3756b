"""Replacing a file as a whole: a reader, or a crash, sees the old content or the new, never a mixture."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

_PATIENCE_SECONDS = (0.02, 0.05, 0.1, 0.2)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write beside the file, force it to disk, then take its place. The file is its owner's alone.

    Not `durable` is for what means nothing any more after the machine has failed.
    """
    make_private(path.parent)
    number, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        replace(Path(name), path)
    finally:
        with contextlib.suppress(OSError):  # it is not there any more where it has taken its place
            Path(name).unlink()
    if durable:
        _force_folder(path.parent)


def make_private(folder: Path) -> None:
    """Have the folder; what of the way to it is missing is made for its owner alone."""
    if folder.is_dir():
        return
    for missing in [*reversed(folder.parents), folder]:
        missing.mkdir(mode=0o700, exist_ok=True)


def replace(source: Path, target: Path) -> None:
    """Take the target's place. Windows refuses while somebody reads the target, which never takes long."""
    for patience in _PATIENCE_SECONDS:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(patience)
        else:
            return
    source.replace(target)


def _force_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
