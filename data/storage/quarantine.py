"""Where damaged files go: out of the way of every reader, the newest five kept for whoever looks into it."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from pathlib import Path

from data.storage.atomic_file import replace

logger = logging.getLogger(__name__)

QUARANTINE = "quarantine"
_KEPT = 5
_SETTLED_SECONDS = 2.0


def set_aside(path: Path, root: Path, reason: str, seen: os.stat_result | None = None) -> None:
    """Move a file, or what stands in its place, to the quarantine folder below `root`.

    One that has been replaced since it was `seen` stays. Where nothing can be moved, nothing happens.
    """
    facts = {"file": path.name, "reason": reason}
    logger.warning(
        "A kept file is damaged or foreign and was not used: %s", reason, extra={"event": "cache.damaged", **facts}
    )
    folder = root / QUARANTINE
    with contextlib.suppress(OSError):
        if seen is not None and not _is_same(seen, path.stat()):
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, folder / f"{time.time_ns():020d}-{path.name}")
        for old in sorted(folder.iterdir())[:-_KEPT]:
            remove(old)


def remove(path: Path) -> None:
    """A file, or a folder with all that is in it; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def is_unchanged(seen: os.stat_result, now: os.stat_result) -> bool:
    """Whether a file is as it was when it was read; of one written moments ago nobody can tell by looking at it."""
    return _is_same(seen, now) and time.time() - now.st_mtime > _SETTLED_SECONDS


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_mtime_ns, one.st_size) == (other.st_ino, other.st_mtime_ns, other.st_size)
